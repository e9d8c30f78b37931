/**
 * What the pods that are on nodes want of pods that come. Pods that say the same share one entry, so a new pod is
 * compared with each different term once, however many pods hold it.
 */
import type { NodeInfo, PodInfo, StandingTerm } from '../framework.ts'
import type { WeightedTerm } from '../pod-terms.ts'
import { count, type Tally } from './tally.ts'

interface Standing extends StandingTerm {
  byValue: Tally
  holders: number
}

export interface StandingTerms {
  /** A pod is on a node, whose labels stay as they are for as long as it is. */
  add(pod: PodInfo, node: NodeInfo): void
  remove(pod: PodInfo, node: NodeInfo): void
  readonly all: Iterable<StandingTerm>
}

/** `termsOf` says which of a pod's terms are meant. */
export function createStandingTerms(termsOf: (pod: PodInfo) => readonly WeightedTerm[]): StandingTerms {
  const standing = new Map<string, Standing>()

  function change(pod: PodInfo, node: NodeInfo, by: 1 | -1): void {
    for (const { term, weight } of termsOf(pod)) {
      const id = `${weight} ${term.id}`
      const entry = standing.get(id) ?? { term, weight, byValue: new Map(), holders: 0 }
      standing.set(id, entry)
      entry.holders += by
      count(entry.byValue, node.labels[term.topologyKey], by)
      if (entry.holders === 0) standing.delete(id)
    }
  }

  return {
    add: (pod, node) => change(pod, node, 1),
    remove: (pod, node) => change(pod, node, -1),
    get all() {
      return standing.values()
    },
  }
}
