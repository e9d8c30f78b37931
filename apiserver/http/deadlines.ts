/**
 * The time limit of requests. Nearly all have the same limit and so end in the order in which they began: one timer,
 * for the oldest, is enough for all of them.
 */

import type { Clock } from '../../shared/clock.ts'
import { ApiError, badRequest } from '../../shared/errors.ts'
import { parseDuration } from '../../shared/flags.ts'

export interface Deadline {
  /** Whether it has come before its end. */
  isOver: boolean
  readonly dueMs: number
  readonly expire: (error: ApiError) => void
  /** Present where it has a timer of its own. */
  cancel?: () => void
}

const timedOut = () => new ApiError(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout', {})

export interface Deadlines {
  /** Calls `expire` with a Timeout ApiError when the limit, or the shorter `timeoutMs`, has passed before its `end`. */
  start(timeoutMs: number | undefined, expire: (error: ApiError) => void): Deadline
  end(deadline: Deadline): void
  close(): void
}

export function createDeadlines(clock: Clock, limitMs: number): Deadlines {
  const deadlines = new Set<Deadline>()
  let cancelTimer: (() => void) | undefined

  const pass = (deadline: Deadline) => {
    deadlines.delete(deadline)
    deadline.isOver = true
    deadline.expire(timedOut())
  }
  const onTimer = () => {
    cancelTimer = undefined
    const nowMs = clock.nowMs()
    for (const deadline of deadlines) {
      if (deadline.dueMs > nowMs) return arm(deadline.dueMs - nowMs)
      pass(deadline)
    }
  }
  const arm = (delayMs: number) => {
    cancelTimer = clock.after(delayMs, onTimer)
  }

  return {
    start(timeoutMs, expire) {
      const deadline: Deadline = { isOver: false, dueMs: clock.nowMs() + limitMs, expire }
      if (timeoutMs !== undefined && timeoutMs < limitMs) {
        deadline.cancel = clock.after(timeoutMs, () => pass(deadline))
      } else {
        deadlines.add(deadline)
        if (cancelTimer === undefined) arm(limitMs)
      }
      return deadline
    },
    end(deadline) {
      if (deadline.cancel === undefined) deadlines.delete(deadline)
      else deadline.cancel()
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
