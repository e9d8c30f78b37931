/**
 * How much of each zone is lost, and how fast pods may be evicted from lost nodes then: where many nodes are lost at
 * once the fault is more likely between them and us, and their pods may well be running. Pure.
 */
import type { Node } from '../../shared/api/node/node.ts'

export type ZoneState = 'Normal' | 'PartialDisruption' | 'FullDisruption'

export interface Zone {
  state: ZoneState
  /** Nodes that have ever reported their state, or are taken for lost. */
  size: number
}

/** This many nodes of a zone may be lost without raising suspicion, however few there are. */
const UNSUSPICIOUS_MAX = 2

const REGION_LABEL = 'topology.kubernetes.io/region'
const ZONE_LABEL = 'topology.kubernetes.io/zone'

/** Names a node's zone; nodes without the labels are in one together. */
export function zoneOf({ metadata: { labels } }: Node): string {
  return `${labels?.[REGION_LABEL] ?? ''}/${labels?.[ZONE_LABEL] ?? ''}`
}

function stateOf(ready: number, lost: number, threshold: number): ZoneState {
  if (lost > 0 && ready === 0) return 'FullDisruption'
  return lost > UNSUSPICIOUS_MAX && lost / (ready + lost) >= threshold ? 'PartialDisruption' : 'Normal'
}

/** The zones by name. `readinessOf` tells the status of a node's Ready condition; nodes without one do not count. */
export function zonesOf(
  nodes: readonly Node[],
  readinessOf: (node: Node) => string | undefined,
  threshold: number,
): Map<string, Zone> {
  const counts = new Map<string, { ready: number; lost: number }>()
  for (const node of nodes) {
    const readiness = readinessOf(node)
    if (readiness === undefined) continue
    const zone = zoneOf(node)
    const count = counts.get(zone) ?? { ready: 0, lost: 0 }
    counts.set(zone, count)
    if (readiness === 'True') count.ready++
    else count.lost++
  }
  return new Map(
    [...counts].map(([name, { ready, lost }]) => [
      name,
      { state: stateOf(ready, lost, threshold), size: ready + lost },
    ]),
  )
}

/** Then nobody is evicted, and evictions that have begun are taken back: there would be nowhere to go. */
export const isAllLost = (zones: ReadonlyMap<string, Zone>): boolean =>
  zones.size > 0 && [...zones.values()].every(({ state }) => state === 'FullDisruption')

export interface EvictionRates {
  /** Nodes per second whose pods are evicted in a zone where few are lost, or all while other zones are well. */
  perSecond: number
  /** The same where many are lost, in a zone of more than `largeSize` nodes; in a smaller one nobody is evicted then. */
  secondaryPerSecond: number
  largeSize: number
}

/** Nodes per second from which pods may be evicted. */
export function evictionRate({ state, size }: Zone, rates: EvictionRates): number {
  if (state !== 'PartialDisruption') return rates.perSecond
  return size > rates.largeSize ? rates.secondaryPerSecond : 0
}

/**
 * What may happen to the pods of a node that is not ready: `go`: it gets the taint that evicts them; `hold`: not now, but
 * a taint that is there stays; `undo`: no node is to have it.
 */
export type Eviction = 'go' | 'hold' | 'undo'
