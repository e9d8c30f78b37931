import { termMatcher } from '../../shared/scheduling/node-selector.ts'
import type { NodeInfo, Score } from '../framework.ts'
import { moreIsBetter } from '../normalize.ts'

/** Nodes that match more, and weightier, terms of a pod's preferred node affinity are better. */
export const scoreNodeAffinity: Score = {
  name: 'NodeAffinity',
  weight: 2,
  score({ pod }, nodes) {
    const terms = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    if (terms.length === 0) return undefined
    const matchers = terms.map(({ weight, preference }) => ({ weight, matches: termMatcher(preference) }))
    const weightOf = (node: NodeInfo) =>
      matchers.reduce((sum, { weight, matches }) => sum + (matches(node) ? weight : 0), 0)
    return moreIsBetter(nodes.map(weightOf))
  },
}
