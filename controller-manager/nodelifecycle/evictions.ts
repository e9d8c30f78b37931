import type { Node } from '../../shared/api/node/node.ts'
import type { Clock } from '../../shared/clock.ts'
import type { ControllerOptions } from '../options.ts'
import { type Eviction, evictionRate, isAllLost, zoneOf, zonesOf } from './disruption.ts'
import { createEvictionLimit } from './eviction-limit.ts'
import { awaitsEviction } from './taints.ts'

/** Decides when the pods of nodes that are not ready may be evicted, in the light of all nodes. */
export interface Evictions {
  /** How many nodes are lost may have changed: it is counted anew with the next decision. */
  reassess(): void
  /** What may happen to the pods of a node, and after how long to ask again where it has to wait for its turn. */
  decide(node: Node): { eviction: Eviction; waitMs?: number }
}

export interface EvictionsOptions {
  clock: Clock
  nodes: { list(): Node[] }
  /** The status that a node's Ready condition should have. */
  readiness(node: Node): string | undefined
  options: Pick<
    ControllerOptions,
    'node-eviction-rate' | 'secondary-node-eviction-rate' | 'unhealthy-zone-threshold' | 'large-cluster-size-threshold'
  >
}

export function createEvictions({ clock, nodes, readiness, options }: EvictionsOptions): Evictions {
  const rates = {
    perSecond: options['node-eviction-rate'],
    secondaryPerSecond: options['secondary-node-eviction-rate'],
    largeSize: options['large-cluster-size-threshold'],
  }
  const limit = createEvictionLimit(clock)
  let isStale = true
  let areAllLost = false

  function assess(): void {
    const zones = zonesOf(nodes.list(), readiness, options['unhealthy-zone-threshold'])
    areAllLost = isAllLost(zones)
    for (const [name, zone] of zones) limit.setRate(name, evictionRate(zone, rates))
    isStale = false
  }

  return {
    reassess() {
      isStale = true
    },
    decide(node) {
      if (isStale) assess()
      if (areAllLost) return { eviction: 'undo' }
      if (!awaitsEviction(node)) return { eviction: 'hold' }
      const waitMs = limit.take(zoneOf(node))
      if (waitMs === 0) return { eviction: 'go' }
      return { eviction: 'hold', ...(Number.isFinite(waitMs) && { waitMs }) }
    },
  }
}
