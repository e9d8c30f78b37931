/**
 * Whether so many nodes are lost at once that the fault is more likely between them and us. Then nobody is evicted: the
 * pods may well be running, and there would be nowhere to go. Pure.
 */
import type { Node } from '../../shared/api/node/node.ts'
import { readyCondition } from './health.ts'

export type Disruption = 'none' | 'partial' | 'full'

/** This many nodes may be lost without raising suspicion, however few there are. */
const UNSUSPICIOUS_MAX = 2

/** How much of the cluster is lost. Nodes that have never reported their state do not count. */
export function disruptionOf(nodes: readonly Node[], threshold: number): Disruption {
  const conditions = nodes.flatMap((node) => readyCondition(node) ?? [])
  const lost = conditions.filter(({ status }) => status !== 'True').length
  if (lost > 0 && lost === conditions.length) return 'full'
  return lost > UNSUSPICIOUS_MAX && lost / conditions.length >= threshold ? 'partial' : 'none'
}

/**
 * What may happen to the pods of a node that is not ready: `go`: it gets the taint that evicts them; `hold`: not now, but
 * a taint that is there stays; `undo`: no node is to have it.
 */
export type Eviction = 'go' | 'hold' | 'undo'

/** In a large cluster a part of the nodes can be lost for good; there evictions go on. */
export function evictionIn(disruption: Disruption, nodeCount: number, largeClusterThreshold: number): Eviction {
  if (disruption === 'full') return 'undo'
  return disruption === 'partial' && nodeCount <= largeClusterThreshold ? 'hold' : 'go'
}
