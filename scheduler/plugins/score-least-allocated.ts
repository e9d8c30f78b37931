import { type NodeInfo, type PodInfo, SCORE_MAX, type Score } from '../framework.ts'

/** How much of a resource would remain free, in percent; undefined where the node has none of it. */
function freePercent(pod: PodInfo, node: NodeInfo, resource: string): number | undefined {
  const allocatable = node.allocatable.get(resource) ?? 0
  if (allocatable === 0) return undefined
  const taken = (node.load.get(resource) ?? 0) + (pod.load.get(resource) ?? 0)
  return Math.max(0, ((allocatable - taken) * SCORE_MAX) / allocatable)
}

/** The emptier a node, by CPU and memory, the better. */
export const scoreLeastAllocated: Score = {
  name: 'NodeResourcesFit',
  weight: 1,
  score: (pod, nodes) =>
    nodes.map((node) => {
      const shares = ['cpu', 'memory']
        .map((resource) => freePercent(pod, node, resource))
        .filter((share) => share !== undefined)
      return shares.length === 0 ? 0 : shares.reduce((sum, share) => sum + share, 0) / shares.length
    }),
}
