import fc from 'fast-check'
import t from 'tap'
import { findDue } from '../../../controller-manager/cronjob/due.ts'
import { parseSchedule, type Schedule } from '../../../shared/cron.ts'
import { time } from '../job/objects.ts'
import { START_MS } from '../objects.ts'
import { cronJob } from './objects.ts'

const MINUTE = 60
const HOUR = 3_600
const DAY = 86_400

const nextOf = (schedule: string, timeZone?: string) => {
  const parsed = parseSchedule(schedule) as Schedule
  return (afterMs: number) => parsed.next(afterMs, timeZone)
}

/** Times in seconds from the start. */
function due(schedule: string, nowSeconds: number, { last, deadline }: { last?: number; deadline?: number } = {}) {
  const owner = cronJob(
    { schedule, ...(deadline !== undefined && { startingDeadlineSeconds: deadline }) },
    last === undefined ? {} : { lastScheduleTime: time(last) },
  )
  const { dueMs, nextMs, isTooManyMissed } = findDue(owner, nextOf(schedule), START_MS + nowSeconds * 1_000)
  const seconds = (ms: number | undefined) => (ms === undefined ? undefined : (ms - START_MS) / 1_000)
  return [seconds(dueMs), seconds(nextMs), isTooManyMissed]
}

t.test('the run that is due', async (t) => {
  t.same(due('* * * * *', 30), [undefined, MINUTE, false], 'none yet')
  t.same(due('* * * * *', 60), [60, 120, false], 'on the second')
  t.same(due('* * * * *', 90, { last: 60 }), [undefined, 120, false], 'done')
  t.same(due('* * * * *', 5 * MINUTE + 10, { last: 60 }), [5 * MINUTE, 6 * MINUTE, false], 'of several the latest')
  t.same(due('* * * * *', 99 * MINUTE, {}), [99 * MINUTE, 100 * MINUTE, false])
  t.same(due('* * * * *', 30 * DAY + 5, {}), [30 * DAY, 30 * DAY + MINUTE, true], 'far too many')
  t.same(
    due('* * * * *', 30 * DAY + 5, { deadline: 90 }),
    [30 * DAY, 30 * DAY + MINUTE, false],
    'the deadline bounds them',
  )
  t.same(due('0 9 * * *', HOUR, { last: -15 * HOUR }), [undefined, 9 * HOUR, false])
  t.same(due('0 0 31 2 *', DAY), [undefined, undefined, false], 'never')
  t.same(due('@every 90s', 100), [90, 180, false])
  t.same(due('@every 90s', 400 * 90 + 7), [400 * 90, 401 * 90, true], 'in step')
})

t.test('property: never later than now, never done before, and none between it and now', async (t) => {
  const schedules = [
    '* * * * *',
    '*/7 * * * *',
    '0 9 * * 1-5',
    '59 9 * * *',
    '0 0 1 * *',
    '15 10-12/2 * * 0,6',
    '@hourly',
    '@every 45m',
  ]
  fc.assert(
    fc.property(fc.constantFrom(...schedules), fc.nat(400 * DAY), fc.nat(400 * DAY), (schedule, last, away) => {
      const now = last + away
      const [found, next] = due(schedule, now, { last })
      const following =
        (nextOf(schedule)(START_MS + (found === undefined ? last : Number(found)) * 1_000)! - START_MS) / 1_000
      if (found === undefined) return following > now && next === following
      return Number(found) > last && Number(found) <= now && following > now && next === following
    }),
    { numRuns: 100 },
  )
  t.pass()
})
