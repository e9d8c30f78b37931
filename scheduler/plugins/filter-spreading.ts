import type { Cluster, CountByValue, Filter, NodeFilter, PodInfo, Rejection } from '../framework.ts'
import { countsAllNodes, hasAllKeys, isCounted, type SpreadConstraint } from '../spread-constraints.ts'

const SKEWED: Rejection = { reasons: ["node(s) didn't match pod topology spread constraints"], resolvable: true }
const UNLABELLED: Rejection = {
  reasons: ["node(s) didn't match pod topology spread constraints (missing required label)"],
  resolvable: false,
}

const hardConstraintsOf = ({ spread }: PodInfo) => spread.filter(({ isHard }) => isHard)

/** Pods in each place that counts, be it none. */
type Domains = ReadonlyMap<string, number>

/** The places of each constraint, from the nodes that count for it. */
function countDomains(constraints: readonly SpreadConstraint[], pod: PodInfo, cluster: Cluster): Domains[] {
  // Pods by node, for where only some nodes count.
  const byNode = constraints.map(({ query }) => cluster.countPodsByNode(query))
  const domains = constraints.map(() => new Map<string, number>())
  for (const node of cluster.nodes) {
    if (!hasAllKeys(constraints, node.labels)) continue
    constraints.forEach((constraint, index) => {
      if (!isCounted(constraint, pod, node)) return
      const value = node.labels[constraint.topologyKey]!
      const places = domains[index]!
      places.set(value, (places.get(value) ?? 0) + (byNode[index]!.get(node.name) ?? 0))
    })
  }
  return domains
}

/** How many pods are in the emptiest place. */
function fewest(values: Iterable<string>, counts: CountByValue): number {
  let min = Number.POSITIVE_INFINITY
  for (const value of values) {
    min = Math.min(min, counts.get(value) ?? 0)
    if (min === 0) break
  }
  return min
}

/** Judges nodes by one constraint, given the pods in each place and which places there are. */
function filterBy(constraint: SpreadConstraint, counts: CountByValue, places: ReadonlyMap<string, number>): NodeFilter {
  const { topologyKey, maxSkew, minDomains, countsItself } = constraint
  const min = places.size < minDomains ? 0 : fewest(places.keys(), counts)
  const allowed = maxSkew + min - (countsItself ? 1 : 0)
  return ({ labels }) => {
    const value = labels[topologyKey]
    if (value === undefined) return UNLABELLED
    return (counts.get(value) ?? 0) > allowed ? SKEWED : undefined
  }
}

function filtersOf(constraints: readonly SpreadConstraint[], pod: PodInfo, cluster: Cluster): NodeFilter[] {
  const isSimple = constraints.every(
    (constraint) =>
      countsAllNodes(constraint, pod) && cluster.nodesWith(constraint.topologyKey) === cluster.nodes.length,
  )
  // With every node counted the counts of all pods are the counts of the places.
  if (isSimple) {
    return constraints.map((constraint) =>
      filterBy(
        constraint,
        cluster.countPods(constraint.query, constraint.topologyKey),
        cluster.countNodes(constraint.topologyKey),
      ),
    )
  }
  const domains = countDomains(constraints, pod, cluster)
  return constraints.map((constraint, index) => filterBy(constraint, domains[index]!, domains[index]!))
}

/** Topology spread constraints that must hold. */
export const filterSpreading: Filter = {
  name: 'PodTopologySpread',
  prepare(pod, cluster) {
    const constraints = hardConstraintsOf(pod)
    if (constraints.length === 0) return undefined
    const filters = filtersOf(constraints, pod, cluster)
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
