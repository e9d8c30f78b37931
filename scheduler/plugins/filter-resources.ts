import type { Filter, NodeInfo, PodInfo, Rejection } from '../framework.ts'

function rejectionOf(
  wanted: readonly (readonly [name: string, amount: number])[],
  node: NodeInfo,
): Rejection | undefined {
  const reasons: string[] = []
  let resolvable = true
  if (node.podCount + 1 > (node.allocatable.get('pods') ?? 0)) reasons.push('Too many pods')
  for (const [name, amount] of wanted) {
    const allocatable = node.allocatable.get(name) ?? 0
    if (amount <= allocatable - (node.requested.get(name) ?? 0)) continue
    reasons.push(`Insufficient ${name}`)
    // Not even the empty node would do.
    if (amount > allocatable) resolvable = false
  }
  return reasons.length === 0 ? undefined : { reasons, resolvable }
}

/** What most pods ask for, of nodes of which most have it: the rest is worked out for the others only. */
const hasRoom = ({ share }: PodInfo, { capacity, taken, podCount, allocatable }: NodeInfo): boolean =>
  podCount < (allocatable.get('pods') ?? 0) &&
  (share.cpu === 0 || share.cpu <= capacity.cpu - taken.cpu) &&
  (share.memory === 0 || share.memory <= capacity.memory - taken.memory)

const wantedBy = ({ requests }: PodInfo) => [...requests].filter(([, amount]) => amount > 0)

/** A node has room for so many pods, and for so much of each resource that its pods request. */
export const filterResources: Filter = {
  name: 'NodeResourcesFit',
  prepare(pod) {
    const wanted = wantedBy(pod)
    const others = wanted.filter(([name]) => name !== 'cpu' && name !== 'memory')
    return (node) => (others.length === 0 && hasRoom(pod, node) ? undefined : rejectionOf(wanted, node))
  },
  // Every pod that goes leaves its place among the pods of the node.
  hints: {
    node: ['added', 'allocatable'],
    gone: (pod, _gone, node) => rejectionOf(wantedBy(pod), node) === undefined,
  },
}
