import type { Clock } from '../clock.ts'

/** Says how long a key must wait before it is tried again. */
export interface RetryLimit {
  /** Counts a failure of `key` and returns the wait in milliseconds. */
  nextMs(key: string): number
  /** After a success of `key`: it has never failed. */
  forget(key: string): void
  /** Failures of `key` since it was last forgotten. */
  failures(key: string): number
}

export interface RetryLimitOptions {
  clock: Clock
  /** First wait of a key. Default: 5 ms; doubled for each further failure. */
  minMs?: number
  /** Longest wait of a key. Default: 1,000 s. */
  maxMs?: number
  /** Retries per second of all keys together, after a burst. Default: 10. */
  perSecond?: number
  /** Retries that may come at once. Default: 100. */
  burstMax?: number
}

/** The waits of upstream's default controller rate limiter: per key exponential, and for all keys a token bucket. */
export function createRetryLimit(options: RetryLimitOptions): RetryLimit {
  const { clock, minMs = 5, maxMs = 1_000_000, perSecond = 10, burstMax = 100 } = options
  const failures = new Map<string, number>()
  let tokens = burstMax
  let filledMs = clock.nowMs()

  /** Takes a token, on credit if need be, and returns how long it takes until it exists. */
  function bucketMs(): number {
    const nowMs = clock.nowMs()
    tokens = Math.min(burstMax, tokens + ((nowMs - filledMs) / 1_000) * perSecond) - 1
    filledMs = nowMs
    return tokens >= 0 ? 0 : (-tokens / perSecond) * 1_000
  }

  return {
    nextMs(key) {
      const count = failures.get(key) ?? 0
      failures.set(key, count + 1)
      return Math.max(Math.min(maxMs, minMs * 2 ** count), bucketMs())
    },
    forget: (key) => failures.delete(key),
    failures: (key) => failures.get(key) ?? 0,
  }
}
