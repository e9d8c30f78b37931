import { matchesTerm } from '../../shared/scheduling/node-selector.ts'
import type { Score } from '../framework.ts'
import { moreIsBetter } from '../normalize.ts'

/** Nodes that match more, and weightier, terms of a pod's preferred node affinity are better. */
export const scoreNodeAffinity: Score = {
  name: 'NodeAffinity',
  weight: 2,
  score({ pod }, nodes) {
    const terms = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    const weightOf = (node: (typeof nodes)[number]) =>
      terms.reduce((sum, { weight, preference }) => sum + (matchesTerm(preference, node.node) ? weight : 0), 0)
    return moreIsBetter(nodes.map(weightOf))
  },
}
