/** Decides where a pod goes. Pure: the same pod and nodes give the same decision. */
import type { NodeInfo, PodInfo, Rejection } from './framework.ts'
import { filters, scores } from './plugins.ts'

/** What became of one node. */
export interface Verdict {
  readonly nodeName: string
  /** Why it is not possible, and by which filter; absent where it is. */
  readonly rejection?: Rejection & { readonly filter: string }
  /** Weighted scores of a possible node by plugin; absent where there was no choice. */
  readonly scores?: Readonly<Record<string, number>>
}

export interface Decision {
  /** The node to bind the pod to; undefined where none is possible. */
  readonly nodeName: string | undefined
  /** One for each node, in their order. */
  readonly verdicts: readonly Verdict[]
}

/** Why a node cannot take a pod: the first filter's answer; undefined when it can. */
export function rejectionOf(pod: PodInfo, node: NodeInfo): Verdict['rejection'] {
  for (const { name, reject } of filters) {
    const rejection = reject(pod, node)
    if (rejection !== undefined) return { ...rejection, filter: name }
  }
  return undefined
}

function scoreNodes(pod: PodInfo, nodes: readonly NodeInfo[]): Record<string, number>[] {
  const results: Record<string, number>[] = nodes.map(() => ({}))
  for (const { name, weight, score } of scores) {
    score(pod, nodes).forEach((value, index) => {
      results[index]![name] = value * weight
    })
  }
  return results
}

const totalOf = (scores: Readonly<Record<string, number>>) =>
  Object.values(scores).reduce((sum, score) => sum + score, 0)

/** Filters, then scores what remains. Among equally good nodes the first wins. */
export function decide(pod: PodInfo, nodes: readonly NodeInfo[]): Decision {
  const verdicts: Verdict[] = nodes.map((node) => {
    const rejection = rejectionOf(pod, node)
    return { nodeName: node.name, ...(rejection !== undefined && { rejection }) }
  })
  const possible = nodes.filter((_, index) => verdicts[index]?.rejection === undefined)
  if (possible.length <= 1) return { nodeName: possible[0]?.name, verdicts }
  const results = scoreNodes(pod, possible)
  const totals = results.map(totalOf)
  const best = totals.indexOf(Math.max(...totals))
  const scoresOf = new Map(possible.map(({ name }, index) => [name, results[index]!]))
  return {
    nodeName: possible[best]?.name,
    verdicts: verdicts.map((verdict) => {
      const scores = scoresOf.get(verdict.nodeName)
      return scores === undefined ? verdict : { ...verdict, scores }
    }),
  }
}
