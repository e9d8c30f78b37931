import { type Load, type NodeInfo, type PodInfo, SCORE_MAX, type Score } from '../framework.ts'

/** The part of a resource that would be requested; undefined where the node has none of it. */
function takenShare(pod: PodInfo, node: NodeInfo, resource: keyof Load): number | undefined {
  const capacity = node.capacity[resource]
  return capacity === 0 ? undefined : Math.min(1, (node.taken[resource] + pod.share[resource]) / capacity)
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
    if (pod.share.cpu === 0 && pod.share.memory === 0) return undefined
    return nodes.map((node) => balance(pod, node))
  },
}
