/** What a CronJob needs now: a run, an end of runs, a status. Pure. */
import { isDeepStrictEqual } from 'node:util'
import type { CronJob, CronJobStatus } from '../../shared/api/cron-job.ts'
import type { Job } from '../../shared/api/job/job.ts'
import type { Plan } from '../../shared/controller/plan.ts'
import { isJobFinished } from '../job/conditions.ts'
import { findDue, type NextTime } from './due.ts'
import { outdatedJobs } from './history.ts'
import { jobName } from './scheduled-job.ts'
import { type CronJobEvent, cronJobStatus, type StatusWorld, unexpectedJobs } from './status.ts'

export type CronJobAction =
  /** Tells of a state of things; a caller that has told the same before leaves it out. `about`: what makes it the same. */
  | { do: 'tell'; event: CronJobEvent; about: string }
  | { do: 'deleteJob'; job: Job }
  | { do: 'createJob'; scheduledMs: number }
  /** Writes the status, and tells of it when it is written. */
  | { do: 'updateStatus'; status: CronJobStatus; events: readonly CronJobEvent[] }

/** A schedule that cannot be followed, and the event that says why. */
export interface Unusable {
  reason: 'UnparseableSchedule' | 'UnknownTimeZone'
  message: string
}

export interface CronJobWorld extends StatusWorld {
  schedule: NextTime | Unusable
  nowMs: number
}

export function reconcileCronJob(cronJob: CronJob, world: CronJobWorld): Plan<CronJobAction> {
  const { jobs, deleted } = world
  const actions: CronJobAction[] = []
  const { status, events } = cronJobStatus(cronJob, world)
  if (!isDeepStrictEqual(status, pick(cronJob.status))) actions.push({ do: 'updateStatus', status, events })
  for (const { metadata } of unexpectedJobs(cronJob, world)) {
    const message = `Saw a job that the controller did not create or forgot: ${metadata.name}`
    actions.push({ do: 'tell', event: warning('UnexpectedJob', message), about: metadata.uid })
  }
  // The next run is decided upon when the status tells of the last one.
  if (actions.some((action) => action.do === 'updateStatus')) return { actions }
  const present = jobs.filter(({ metadata }) => metadata.deletionTimestamp === undefined && !deleted.has(metadata.uid))
  for (const job of outdatedJobs(cronJob, present)) actions.push({ do: 'deleteJob', job })
  if (cronJob.metadata.deletionTimestamp !== undefined) return { actions }
  const { actions: runs, ...rest } = planRun(cronJob, world, present)
  return { actions: [...actions, ...runs], ...rest }
}

const pick = ({ active, lastScheduleTime, lastSuccessfulTime }: CronJobStatus): CronJobStatus => ({
  ...(active !== undefined && active.length > 0 && { active }),
  ...(lastScheduleTime !== undefined && { lastScheduleTime }),
  ...(lastSuccessfulTime !== undefined && { lastSuccessfulTime }),
})

const warning = (reason: string, message: string): CronJobEvent => ({ type: 'Warning', reason, message })

function planRun(cronJob: CronJob, { schedule, nowMs }: CronJobWorld, jobs: readonly Job[]): Plan<CronJobAction> {
  const { concurrencyPolicy, suspend } = cronJob.spec
  if (typeof schedule !== 'function') {
    const { reason, message } = schedule
    return { actions: [{ do: 'tell', event: warning(reason, message), about: message }] }
  }
  if (suspend) return { actions: [] }
  const { dueMs, isTooManyMissed, nextMs } = findDue(cronJob, schedule, nowMs)
  const wait = nextMs !== undefined && { requeueAfterMs: nextMs - nowMs }
  const missed = missedRun(cronJob, schedule, nowMs)
  const actions: CronJobAction[] = missed === undefined ? [] : [missed]
  if (dueMs === undefined) return { actions, ...wait }
  const about = String(dueMs)
  if (isTooManyMissed) {
    const message = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew'
    actions.push({ do: 'tell', event: warning('TooManyMissedTimes', message), about })
  }
  const uids = new Set(cronJob.status.active?.map(({ uid }) => uid))
  const active = jobs.filter((job) => uids.has(job.metadata.uid) && !isJobFinished(job))
  if (concurrencyPolicy === 'Forbid' && uids.size > 0) {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid'
    const event = { type: 'Normal' as const, reason: 'JobAlreadyActive', message }
    return { actions: [...actions, { do: 'tell', event, about }], ...wait }
  }
  if (concurrencyPolicy === 'Replace') {
    for (const job of active) if (job.metadata.name !== jobName(cronJob, dueMs)) actions.push({ do: 'deleteJob', job })
  }
  actions.push({ do: 'createJob', scheduledMs: dueMs })
  return { actions, ...wait }
}

/** A run whose deadline has passed: it is told once that it will not be made up for. */
function missedRun(cronJob: CronJob, schedule: NextTime, nowMs: number): CronJobAction | undefined {
  const { startingDeadlineSeconds, ...spec } = cronJob.spec
  if (startingDeadlineSeconds === undefined) return undefined
  const { dueMs } = findDue({ ...cronJob, spec }, schedule, nowMs)
  if (dueMs === undefined || dueMs + startingDeadlineSeconds * 1_000 >= nowMs) return undefined
  const shown = new Date(dueMs).toUTCString().replace('GMT', '+0000')
  const event = warning('MissSchedule', `Missed scheduled time to start a job: ${shown}`)
  return { do: 'tell', event, about: String(dueMs) }
}
