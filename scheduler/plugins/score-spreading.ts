import { type NodeInfo, SCORE_MAX, type Score } from '../framework.ts'
import {
  defaultConstraints,
  HOSTNAME_LABEL,
  hasAllKeys,
  keysOf,
  nodesCounted,
  type SpreadConstraint,
} from '../spread-constraints.ts'

/** How many places the possible nodes are in: the more, the more one pod too many matters. */
function weightOf({ topologyKey }: SpreadConstraint, nodes: readonly NodeInfo[]): number {
  if (topologyKey === HOSTNAME_LABEL) return Math.log(nodes.length + 2)
  const values = new Set<string>()
  for (const { labels } of nodes) if (labels[topologyKey] !== undefined) values.add(labels[topologyKey])
  return Math.log(values.size + 2)
}

/** The lowest cost gets the highest score. Nodes without a cost get 0. */
function fewerCostsMore(costs: readonly (number | undefined)[]): number[] {
  let [min, max] = [Number.POSITIVE_INFINITY, 0]
  for (const cost of costs) {
    if (cost === undefined) continue
    min = Math.min(min, cost)
    max = Math.max(max, cost)
  }
  return costs.map((cost) => {
    if (cost === undefined) return 0
    return max === 0 ? SCORE_MAX : Math.floor((SCORE_MAX * (max + min - cost)) / max)
  })
}

/**
 * Topology spread constraints that are preferences. A pod without any constraint is kept apart from the others of its
 * controller, by host and by zone; then nodes without a zone count as well.
 */
export const scoreSpreading: Score = {
  name: 'PodTopologySpread',
  weight: 2,
  score(pod, nodes, cluster) {
    const isOwn = pod.spread.length > 0
    const constraints = isOwn ? pod.spread.filter(({ isHard }) => !isHard) : defaultConstraints(pod)
    if (constraints.length === 0) return undefined
    const keys = isOwn ? keysOf(constraints) : []
    const isIncluded = ({ labels }: NodeInfo) => hasAllKeys(keys, labels)
    const included = isOwn ? nodes.filter(isIncluded) : nodes
    const judges = constraints.map((constraint) => ({
      topologyKey: constraint.topologyKey,
      offset: constraint.maxSkew - 1,
      weight: weightOf(constraint, included),
      counts: cluster.countPods(constraint.query, constraint.topologyKey, nodesCounted(constraint, keys, pod)),
    }))
    return fewerCostsMore(
      nodes.map((node) => {
        if (!isIncluded(node)) return undefined
        let cost = 0
        for (const { topologyKey, offset, weight, counts } of judges) {
          const value = node.labels[topologyKey]
          if (value !== undefined) cost += (counts.get(value) ?? 0) * weight + offset
        }
        return Math.round(cost)
      }),
    )
  },
}
