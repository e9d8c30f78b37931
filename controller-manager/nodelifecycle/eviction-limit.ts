import type { Clock } from '../../shared/clock.ts'

/** How fast the nodes of each zone may be given the taint that evicts their pods: one at once, then by the zone's rate. */
export interface EvictionLimit {
  /** Sets a zone's rate, in nodes per second. Whoever waits for a turn while it changes waits as long as the new one says. */
  setRate(zone: string, perSecond: number): void
  /** Takes one node's turn. Returns 0 when it is its turn, else how long to wait before asking again: for ever at rate 0. */
  take(zone: string): number
}

interface Bucket {
  perSecond: number
  /** When the next turn comes. */
  nextMs: number
}

export function createEvictionLimit(clock: Clock): EvictionLimit {
  const buckets = new Map<string, Bucket>()
  return {
    setRate(zone, perSecond) {
      const known = buckets.get(zone)
      if (known?.perSecond === perSecond) return
      const nowMs = clock.nowMs()
      const isWaiting = known !== undefined && nowMs < known.nextMs
      buckets.set(zone, { perSecond, nextMs: isWaiting ? nowMs + 1_000 / perSecond : nowMs })
    },
    take(zone) {
      const bucket = buckets.get(zone)
      if (bucket === undefined || bucket.perSecond === 0) return Number.POSITIVE_INFINITY
      const nowMs = clock.nowMs()
      if (nowMs < bucket.nextMs) return bucket.nextMs - nowMs
      bucket.nextMs = nowMs + 1_000 / bucket.perSecond
      return 0
    },
  }
}
