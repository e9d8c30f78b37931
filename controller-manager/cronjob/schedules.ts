import type { CronJob } from '../../shared/api/cron-job.ts'
import type { NextTime } from './due.ts'
import type { Unusable } from './reconcile.ts'

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch (error) {
    // The one way to ask whether a zone exists is to use it.
    if (error instanceof RangeError) return false
    throw error
  }
}

/** Loads the parser of schedules when the first CronJob needs it: most clusters have none, and every start pays for it. */
export async function scheduleOf({ spec }: CronJob): Promise<NextTime | Unusable> {
  const { schedule, timeZone } = spec
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    const message = `invalid timeZone: ${JSON.stringify(timeZone)}: unknown time zone ${timeZone}`
    return { reason: 'UnknownTimeZone', message }
  }
  const { parseSchedule } = await import('../../shared/cron.ts')
  const parsed = parseSchedule(schedule)
  if (typeof parsed === 'string') {
    return { reason: 'UnparseableSchedule', message: `unparseable schedule: ${JSON.stringify(schedule)} : ${parsed}` }
  }
  return (afterMs) => parsed.next(afterMs, timeZone)
}
