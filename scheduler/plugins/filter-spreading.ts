import type { Cluster, CountByValue, Filter, NodeFilter, PodInfo, Rejection } from '../framework.ts'
import { keysOf, nodesCounted, type SpreadConstraint } from '../spread-constraints.ts'

const SKEWED: Rejection = { reasons: ["node(s) didn't match pod topology spread constraints"], resolvable: true }
const UNLABELLED: Rejection = {
  reasons: ["node(s) didn't match pod topology spread constraints (missing required label)"],
  resolvable: false,
}

const hardConstraintsOf = ({ spread }: PodInfo) => spread.filter(({ isHard }) => isHard)

/** How many pods are in the emptiest place. */
function fewest(values: Iterable<string>, counts: CountByValue): number {
  let min = Number.POSITIVE_INFINITY
  for (const value of values) {
    min = Math.min(min, counts.get(value) ?? 0)
    if (min === 0) break
  }
  return min
}

/** Judges nodes by one constraint of a pod; nodes count that have the labels of all of them. */
function filterBy(constraint: SpreadConstraint, keys: readonly string[], pod: PodInfo, cluster: Cluster): NodeFilter {
  const { topologyKey, maxSkew, minDomains, countsItself, query } = constraint
  const among = nodesCounted(constraint, keys, pod)
  const places = cluster.countNodes(topologyKey, among)
  const counts = cluster.countPods(query, topologyKey, among)
  const min = places.size < minDomains ? 0 : fewest(places.keys(), counts)
  const allowed = maxSkew + min - (countsItself ? 1 : 0)
  return ({ labels }) => {
    const value = labels[topologyKey]
    if (value === undefined) return UNLABELLED
    return (counts.get(value) ?? 0) > allowed ? SKEWED : undefined
  }
}

/** Topology spread constraints that must hold. */
export const filterSpreading: Filter = {
  name: 'PodTopologySpread',
  prepare(pod, cluster) {
    const constraints = hardConstraintsOf(pod)
    if (constraints.length === 0) return undefined
    const keys = keysOf(constraints)
    const filters = constraints.map((constraint) => filterBy(constraint, keys, pod, cluster))
    return (node) => {
      for (const filter of filters) {
        const rejection = filter(node)
        if (rejection !== undefined) return rejection
      }
      return undefined
    }
  },
  hints: {
    anyNode: ['added', 'labels', 'taints'],
    // One more where the fewest are lets more be elsewhere; one less makes room where it was.
    placed: (pod, placed) => hardConstraintsOf(pod).some(({ query }) => query.matches(placed)),
    gone: (pod, gone) => hardConstraintsOf(pod).some(({ query }) => query.matches({ ...gone, isLeaving: false })),
  },
}
