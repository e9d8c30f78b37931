import { type NodeInfo, type PodInfo, SCORE_MAX, type Score } from '../framework.ts'

const RESOURCES = ['cpu', 'memory'] as const

/** How much of CPU and memory would remain free, in percent and on average over those that the node has. */
function freePercent(pod: PodInfo, node: NodeInfo): number {
  let sum = 0
  let counted = 0
  for (const resource of RESOURCES) {
    const allocatable = node.capacity[resource]
    if (allocatable === 0) continue
    const free = allocatable - node.load[resource] - pod.load[resource]
    sum += free > 0 ? Math.floor((free * SCORE_MAX) / allocatable) : 0
    counted++
  }
  return counted === 0 ? 0 : Math.floor(sum / counted)
}

/** The emptier a node, by CPU and memory, the better. */
export const scoreLeastAllocated: Score = {
  name: 'NodeResourcesFit',
  weight: 1,
  score: (pod, nodes) => nodes.map((node) => freePercent(pod, node)),
}
