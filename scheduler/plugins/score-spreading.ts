import { type Cluster, type CountByValue, type NodeInfo, type PodInfo, SCORE_MAX, type Score } from '../framework.ts'
import {
  countsAllNodes,
  defaultConstraints,
  HOSTNAME_LABEL,
  hasAllKeys,
  isCounted,
  type SpreadConstraint,
} from '../spread-constraints.ts'

/** Pods in each place, from the nodes that count for a constraint. */
function countIn(
  constraint: SpreadConstraint,
  pod: PodInfo,
  cluster: Cluster,
  isIncluded: (node: NodeInfo) => boolean,
): CountByValue {
  const byNode = cluster.countPodsByNode(constraint.query)
  const counts = new Map<string, number>()
  for (const [name, pods] of byNode) {
    const node = cluster.node(name)
    const value = node?.labels[constraint.topologyKey]
    if (node === undefined || value === undefined || !isIncluded(node) || !isCounted(constraint, pod, node)) continue
    counts.set(value, (counts.get(value) ?? 0) + pods)
  }
  return counts
}

/** Says how many pods a constraint finds where a node is. */
function counterFor(
  constraint: SpreadConstraint,
  pod: PodInfo,
  { cluster, isIncluded, countsAll }: { cluster: Cluster; isIncluded(node: NodeInfo): boolean; countsAll: boolean },
): CountByValue {
  // A node that is possible counts, and is a place of its own.
  if (countsAll || constraint.topologyKey === HOSTNAME_LABEL)
    return cluster.countPods(constraint.query, constraint.topologyKey)
  return countIn(constraint, pod, cluster, isIncluded)
}

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
    const isIncluded = ({ labels }: NodeInfo) => !isOwn || hasAllKeys(constraints, labels)
    const included = isOwn ? nodes.filter(isIncluded) : nodes
    const hasNodes = ({ topologyKey }: SpreadConstraint) => cluster.nodesWith(topologyKey) > 0
    const hasAll = (key: string) => !isOwn || cluster.nodesWith(key) === cluster.nodes.length
    const countsAll = constraints.every(
      (constraint) => countsAllNodes(constraint, pod) && hasAll(constraint.topologyKey),
    )
    const judges = constraints.filter(hasNodes).map((constraint) => ({
      topologyKey: constraint.topologyKey,
      offset: constraint.maxSkew - 1,
      weight: weightOf(constraint, included),
      counts: counterFor(constraint, pod, { cluster, isIncluded, countsAll }),
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
