export interface BackOff {
  /** How long to wait before the next try: twice as long after each, up to the maximum, give or take half. */
  nextMs(): number
  /** After a success: the next failure begins with the shortest wait again. */
  reset(): void
}

/** Waits that grow with each failure. The jitter keeps clients that lost the same server from returning in step. */
export function createBackOff({
  minMs,
  maxMs,
  random = Math.random,
}: {
  minMs: number
  maxMs: number
  random?: () => number
}): BackOff {
  let baseMs = minMs
  return {
    nextMs() {
      const waitMs = baseMs * (0.5 + random())
      baseMs = Math.min(maxMs, baseMs * 2)
      return Math.min(maxMs, waitMs)
    },
    reset() {
      baseMs = minMs
    },
  }
}
