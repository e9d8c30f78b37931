/**
 * Which keys need work (client-go's workqueue). A key is in the queue at most once; one that is added while it is being
 * worked on comes back once when that work is done, so that no two workers ever hold the same key. Hence the queue is
 * bounded by the number of objects that its controller watches.
 */
import type { Clock } from '../clock.ts'
import { createRetryLimit, type RetryLimit } from './rate-limit.ts'

/** A timer holds no more than 2^31 ms. A key that is to come later comes by then, and is found to have time yet. */
const LATER_MAX_MS = 24 * 3_600_000

export interface WorkQueue {
  add(key: string): void
  /** Adds the key after a while, a day at most; an earlier time that was asked for before stands. */
  addAfter(key: string, delayMs: number): void
  /** Adds a key that failed, after its back-off. */
  retry(key: string): void
  /** The key succeeded: its next failure begins with the shortest back-off. */
  forget(key: string): void
  /** The next key, once there is one; undefined when the signal aborts. Follow it with `done`. */
  take(signal: AbortSignal): Promise<string | undefined>
  done(key: string): void
  /** Keys that wait to be taken. */
  readonly length: number
  /** Cancels all that was to be added later. */
  close(): void
}

export function createWorkQueue({
  clock,
  retryLimit = createRetryLimit({ clock }),
}: {
  clock: Clock
  retryLimit?: RetryLimit
}): WorkQueue {
  /** Keys that need work, in order; those being worked on come back to it when they are done. */
  const waiting = new Set<string>()
  const dirty = new Set<string>()
  const taken = new Set<string>()
  const later = new Map<string, { dueMs: number; cancel: () => void }>()
  const takers = new Set<() => void>()

  function wakeOne(): void {
    const [taker] = takers
    if (taker === undefined) return
    takers.delete(taker)
    taker()
  }

  function add(key: string): void {
    if (taken.has(key)) {
      dirty.add(key)
      return
    }
    if (waiting.has(key)) return
    waiting.add(key)
    wakeOne()
  }

  function addAfter(key: string, delayMs: number): void {
    if (delayMs <= 0) {
      add(key)
      return
    }
    const waitMs = Math.min(delayMs, LATER_MAX_MS)
    const dueMs = clock.nowMs() + waitMs
    const known = later.get(key)
    if (known !== undefined && known.dueMs <= dueMs) return
    known?.cancel()
    const cancel = clock.after(waitMs, () => {
      later.delete(key)
      add(key)
    })
    later.set(key, { dueMs, cancel })
  }

  /** Resolves when a key may have come or the signal aborts. */
  function woken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake)
        takers.delete(wake)
        resolve()
      }
      takers.add(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }

  return {
    add,
    addAfter,
    retry: (key) => addAfter(key, retryLimit.nextMs(key)),
    forget: (key) => retryLimit.forget(key),
    async take(signal) {
      while (!signal.aborted) {
        const [key] = waiting
        if (key !== undefined) {
          waiting.delete(key)
          taken.add(key)
          return key
        }
        await woken(signal)
      }
      return undefined
    },
    done(key) {
      taken.delete(key)
      if (dirty.delete(key)) add(key)
    },
    get length() {
      return waiting.size
    },
    close() {
      for (const { cancel } of later.values()) cancel()
      later.clear()
    },
  }
}
