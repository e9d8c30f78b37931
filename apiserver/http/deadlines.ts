/**
 * The time limit of requests. Nearly all have the same limit and so end in the order in which they began: one timer,
 * for the oldest, is enough for all of them.
 */

import type { Clock } from '../../shared/clock.ts'
import { ApiError, badRequest } from '../../shared/errors.ts'
import { parseDuration } from '../../shared/flags.ts'

interface Entry {
  dueMs: number
  expire(): void
}

const timedOut = () => new ApiError(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout', {})

export interface Deadlines {
  /**
   * Settles as `work` does, or rejects with a Timeout ApiError when that takes too long; what comes of it then is
   * dropped. `timeoutMs` shortens the limit for this one.
   */
  limit<Value>(work: Promise<Value>, timeoutMs?: number): Promise<Value>
  close(): void
}

export function createDeadlines(clock: Clock, limitMs: number): Deadlines {
  const entries = new Set<Entry>()
  let cancelTimer: (() => void) | undefined

  const onTimer = () => {
    cancelTimer = undefined
    const nowMs = clock.nowMs()
    for (const entry of entries) {
      if (entry.dueMs > nowMs) return arm(entry.dueMs - nowMs)
      entry.expire()
    }
  }
  const arm = (delayMs: number) => {
    cancelTimer = clock.after(delayMs, onTimer)
  }

  return {
    limit(work, timeoutMs) {
      return new Promise((resolve, reject) => {
        let settle: () => void
        if (timeoutMs !== undefined && timeoutMs < limitMs) {
          settle = clock.after(timeoutMs, () => reject(timedOut()))
        } else {
          const entry: Entry = {
            dueMs: clock.nowMs() + limitMs,
            expire() {
              entries.delete(entry)
              reject(timedOut())
            },
          }
          entries.add(entry)
          if (cancelTimer === undefined) arm(limitMs)
          settle = () => entries.delete(entry)
        }
        work.then(
          (value) => {
            settle()
            resolve(value)
          },
          (error) => {
            settle()
            reject(error)
          },
        )
      })
    },
    close: () => cancelTimer?.(),
  }
}

/** The `timeout` of a request's query, in milliseconds; nothing or 0 is none. Throws BadRequest. */
export function parseTimeout(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const timeoutMs = parseDuration(text)
  if (timeoutMs === undefined)
    throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(text)}`)
  return timeoutMs === 0 ? undefined : timeoutMs
}
