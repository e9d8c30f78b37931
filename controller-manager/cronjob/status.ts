/** What a CronJob reports about its Jobs, and tells as events. Pure. */
import type { CronJob, CronJobStatus } from '../../shared/api/cron-job.ts'
import type { Job } from '../../shared/api/job/job.ts'
import { toTime } from '../../shared/clock.ts'
import { isJobFinished, jobFinish } from '../job/conditions.ts'
import { jobName, scheduledMsOf } from './scheduled-job.ts'

export interface CronJobEvent {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}

export interface StatusWorld {
  jobs: readonly Job[]
  /** UIDs of Jobs that the controller itself has deleted. */
  deleted: ReadonlySet<string>
  /** UIDs of active Jobs of which the server knows nothing. */
  missing: ReadonlySet<string>
}

type Reference = NonNullable<CronJobStatus['active']>[number]

const referenceTo = ({ apiVersion, kind, metadata }: Job): Reference => {
  const { name, namespace, uid, resourceVersion } = metadata
  return { apiVersion, kind, name, uid, resourceVersion, ...(namespace !== undefined && { namespace }) }
}

/** Whether the Job is a run of the schedule; of one that was lost sight of, the name tells. */
const isScheduled = (cronJob: CronJob, job: Job): boolean => {
  const scheduledMs = scheduledMsOf(job)
  return scheduledMs !== undefined && job.metadata.name === jobName(cronJob, scheduledMs)
}

const latest = (times: readonly (string | undefined)[]): string | undefined => {
  const known = times.filter((time) => time !== undefined).map((time) => Date.parse(time))
  return known.length === 0 ? undefined : toTime(Math.max(...known))
}

export function cronJobStatus(
  cronJob: CronJob,
  { jobs, deleted, missing }: StatusWorld,
): { status: CronJobStatus; events: readonly CronJobEvent[] } {
  const { status } = cronJob
  const byUid = new Map(jobs.map((job) => [job.metadata.uid, job]))
  const events: CronJobEvent[] = []
  const active: Reference[] = []
  for (const reference of status.active ?? []) {
    const { uid = '', name } = reference
    const job = byUid.get(uid)
    const finish = job && jobFinish(job)
    if (deleted.has(uid)) continue
    if (missing.has(uid))
      events.push({ type: 'Normal', reason: 'MissingJob', message: `Active job went missing: ${name}` })
    else if (finish === undefined) active.push(reference)
    else {
      const message = `Saw completed job: ${name}, condition: ${finish.type}`
      events.push({ type: 'Normal', reason: 'SawCompletedJob', message })
    }
  }
  const known = new Set(status.active?.map(({ uid }) => uid))
  const scheduled = jobs.filter((job) => isScheduled(cronJob, job))
  for (const job of scheduled) {
    const { uid } = job.metadata
    if (!known.has(uid) && !deleted.has(uid) && !isJobFinished(job)) active.push(referenceTo(job))
  }
  const lastScheduleTime = latest([status.lastScheduleTime, ...scheduled.map((job) => toTime(scheduledMsOf(job) ?? 0))])
  const lastSuccessfulTime = latest([status.lastSuccessfulTime, ...jobs.map((job) => job.status.completionTime)])
  return {
    status: {
      ...(active.length > 0 && { active }),
      ...(lastScheduleTime !== undefined && { lastScheduleTime }),
      ...(lastSuccessfulTime !== undefined && { lastSuccessfulTime }),
    },
    events,
  }
}

/** Jobs that run and belong to the CronJob, but were not started by its schedule. */
export const unexpectedJobs = (cronJob: CronJob, { jobs, deleted }: StatusWorld): Job[] =>
  jobs.filter(
    (job) =>
      !isJobFinished(job) &&
      !isScheduled(cronJob, job) &&
      !deleted.has(job.metadata.uid) &&
      !cronJob.status.active?.some(({ uid }) => uid === job.metadata.uid),
  )
