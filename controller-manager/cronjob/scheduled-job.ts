/** The Jobs of a CronJob. Pure. */
import type { CronJob } from '../../shared/api/cron-job.ts'
import type { Job } from '../../shared/api/job/job.ts'
import type { Draft } from '../../shared/api/kind.ts'
import { controllerRef } from '../../shared/controller/controller-refs.ts'

/** For which time a Job was started; Jobs that were started by hand do not have it. */
export const SCHEDULED_TIMESTAMP = 'batch.kubernetes.io/cronjob-scheduled-timestamp'

/** One name for one time: whoever tries to start the same run twice finds that it exists. */
export const jobName = ({ metadata }: CronJob, scheduledMs: number): string =>
  `${metadata.name}-${Math.floor(scheduledMs / 60_000)}`

/** The time for which a Job was started by the schedule; undefined: it was started by hand. */
export function scheduledMsOf({ metadata }: Job): number | undefined {
  const ms = Date.parse(metadata.annotations?.[SCHEDULED_TIMESTAMP] ?? '')
  return Number.isNaN(ms) ? undefined : ms
}

/** RFC 3339 as the clocks of the time zone show it. */
function zonedTime(ms: number, timeZone = 'UTC'): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(ms)
  const offset = /[+-]\d\d:\d\d/.exec(parts.find(({ type }) => type === 'timeZoneName')?.value ?? '')?.[0]
  if (offset === undefined || /00:00$/.test(offset)) return `${new Date(ms).toISOString().slice(0, 19)}Z`
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number)
  const shiftMs = (hours * 60 + minutes) * 60_000 * (offset.startsWith('-') ? -1 : 1)
  return `${new Date(ms + shiftMs).toISOString().slice(0, 19)}${offset}`
}

/** The Job of one run. */
export function jobFromTemplate(cronJob: CronJob, scheduledMs: number): Draft<Job> {
  const { jobTemplate, timeZone } = cronJob.spec
  const { labels, annotations } = jobTemplate.metadata
  const { namespace } = cronJob.metadata
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(cronJob, scheduledMs),
      ...(namespace !== undefined && { namespace }),
      ...(labels !== undefined && { labels }),
      annotations: { ...annotations, [SCHEDULED_TIMESTAMP]: zonedTime(scheduledMs, timeZone) },
      ownerReferences: [controllerRef(cronJob)],
    },
    spec: jobTemplate.spec as Job['spec'],
    status: {},
  }
}
