/** Where all code takes its time from; tests step a fake one. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number
  /** Runs `callback` once after `delayMs`; returns a function that cancels it. */
  after(delayMs: number, callback: () => void): () => void
}

/** The host's timers hold no more, and end at once where they are asked to: a longer wait is cut into pieces. */
const TIMER_MAX_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, callback) {
    let timer: NodeJS.Timeout
    const wait = (leftMs: number) => {
      timer =
        leftMs > TIMER_MAX_MS
          ? setTimeout(() => wait(leftMs - TIMER_MAX_MS), TIMER_MAX_MS)
          : setTimeout(callback, leftMs)
    }
    wait(delayMs)
    return () => clearTimeout(timer)
  },
}

/** `metav1.Time`: RFC 3339 in UTC, whole seconds. */
export const toTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** `metav1.MicroTime`: RFC 3339 in UTC, microseconds (the clock gives milliseconds). */
export const toMicroTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 23)}000Z`

/** Resolves after `delayMs`; rejects with the signal's reason when it is aborted first. */
export function delay(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const cancel = clock.after(delayMs, () => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
    const onAbort = () => {
      cancel()
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

/** Waits for work, but not longer than this; what it fails with is passed on, and after that is its own matter. */
export async function withinMs(clock: Clock, limitMs: number, work: Promise<unknown>): Promise<void> {
  const waiting = new AbortController()
  const late = delay(clock, limitMs, waiting.signal).catch(() => undefined)
  try {
    await Promise.race([work, late])
  } finally {
    waiting.abort()
  }
}
