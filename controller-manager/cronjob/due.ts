/** Which run of a CronJob is due. Pure. */
import type { CronJob } from '../../shared/api/cron-job.ts'

/** More missed runs than this are taken for a wrong clock, or a schedule that nobody looks after. */
const MISSED_MAX = 100

/** The first moment after the given one at which the schedule is due; undefined: never. */
export type NextTime = (afterMs: number) => number | undefined

export interface Due {
  /** The latest time at which a run should have begun that has not; undefined: there is none. */
  dueMs?: number
  /** Whether so many runs were missed that something must be wrong. The latest is made up for all the same. */
  isTooManyMissed: boolean
  /** When the next run is due after now; undefined: never. */
  nextMs?: number
}

/** From where the missed runs are counted: the last run, else the CronJob's beginning; not farther back than its deadline. */
function earliestMs({ metadata, spec, status }: CronJob, nowMs: number): number {
  const lastMs = Date.parse(status.lastScheduleTime ?? metadata.creationTimestamp)
  const { startingDeadlineSeconds } = spec
  return startingDeadlineSeconds === undefined ? lastMs : Math.max(lastMs, nowMs - startingDeadlineSeconds * 1_000)
}

/** The latest time until now, of which there are too many to go through: from a guess by the distance of the first two. */
function latestMs(next: NextTime, firstMs: number, secondMs: number, nowMs: number): number {
  const periodMs = secondMs - firstMs
  const passed = Math.floor((nowMs - firstMs) / periodMs)
  for (let back = 1; ; back *= 2) {
    // Whole periods, so that a schedule that counts from its last run (`@every`) stays in step.
    const fromMs = Math.max(firstMs, firstMs + (passed - back) * periodMs)
    const foundMs = next(fromMs)
    if (foundMs === undefined || (foundMs > nowMs && fromMs === firstMs)) return firstMs
    if (foundMs > nowMs) continue
    return lastUntil(next, foundMs, nowMs)
  }
}

function lastUntil(next: NextTime, firstMs: number, nowMs: number): number {
  let lastMs = firstMs
  for (let time = next(lastMs); time !== undefined && time <= nowMs; time = next(time)) lastMs = time
  return lastMs
}

export function findDue(cronJob: CronJob, next: NextTime, nowMs: number): Due {
  const fromMs = earliestMs(cronJob, nowMs)
  const firstMs = next(fromMs)
  if (firstMs === undefined) return { isTooManyMissed: false }
  if (firstMs > nowMs) return { isTooManyMissed: false, nextMs: firstMs }
  let lastMs = firstMs
  let missed = 1
  let time = next(firstMs)
  const secondMs = time
  for (; time !== undefined && time <= nowMs && missed <= MISSED_MAX; time = next(time), missed++) lastMs = time
  const isTooManyMissed = missed > MISSED_MAX
  if (isTooManyMissed && secondMs !== undefined) lastMs = latestMs(next, firstMs, secondMs, nowMs)
  const nextMs = next(lastMs)
  return { dueMs: lastMs, isTooManyMissed, ...(nextMs !== undefined && { nextMs }) }
}
