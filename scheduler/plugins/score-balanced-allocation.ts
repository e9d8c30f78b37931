import { type NodeInfo, type PodInfo, SCORE_MAX, type Score } from '../framework.ts'

/** The part of a resource that would be requested; undefined where the node has none of it. */
function takenShare(pod: PodInfo, node: NodeInfo, resource: string): number | undefined {
  const allocatable = node.allocatable.get(resource) ?? 0
  if (allocatable === 0) return undefined
  const requested = (node.requested.get(resource) ?? 0) + (pod.requests.get(resource) ?? 0)
  return Math.min(1, requested / allocatable)
}

function balance(pod: PodInfo, node: NodeInfo): number {
  const cpu = takenShare(pod, node, 'cpu')
  const memory = takenShare(pod, node, 'memory')
  // The standard deviation of two values is half their difference.
  const deviation = cpu === undefined || memory === undefined ? 0 : Math.abs(cpu - memory) / 2
  return Math.floor((1 - deviation) * SCORE_MAX)
}

/**
 * The more alike the shares of CPU and memory that are requested, the better. A pod that requests neither would make
 * balanced nodes fill up first, so it does not care.
 */
export const scoreBalancedAllocation: Score = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  score(pod, nodes) {
    const { requests } = pod
    if ((requests.get('cpu') ?? 0) === 0 && (requests.get('memory') ?? 0) === 0) return undefined
    return nodes.map((node) => balance(pod, node))
  },
}
