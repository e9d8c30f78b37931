import type { Clock } from '../../shared/clock.ts'

interface Timer {
  dueMs: number
  callback: () => void
}

export interface FakeClock extends Clock {
  /**
   * Moves time on by `ms`, running each timer that falls due at its own instant, in order, also those set meanwhile.
   * After each it lets the promises that it settled run on, so that what they wait for next counts as well.
   */
  advance(ms: number): Promise<void>
  /** How many timers are set. */
  readonly pending: number
}

/** Lets everything that is ready to run do so, without letting time pass. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A clock that stands still until it is stepped. Starts at a whole second, `2026-01-01T00:00:00Z` by default. */
export function createFakeClock(startMs = Date.parse('2026-01-01T00:00:00Z')): FakeClock {
  let nowMs = startMs
  const timers = new Set<Timer>()
  const nextDue = (untilMs: number): Timer | undefined => {
    let next: Timer | undefined
    for (const timer of timers) {
      if (timer.dueMs <= untilMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer
    }
    return next
  }
  return {
    nowMs: () => nowMs,
    after(delayMs, callback) {
      const timer = { dueMs: nowMs + Math.max(0, delayMs), callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(ms) {
      const untilMs = nowMs + ms
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        timers.delete(timer)
        nowMs = timer.dueMs
        timer.callback()
        await settle()
      }
      nowMs = untilMs
      await settle()
    },
    get pending() {
      return timers.size
    },
  }
}
