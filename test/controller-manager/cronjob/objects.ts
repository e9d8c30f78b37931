/** Makers of CronJobs and their Jobs for tables. */
import { SCHEDULED_TIMESTAMP } from '../../../controller-manager/cronjob/scheduled-job.ts'
import type { CronJob } from '../../../shared/api/cron-job.ts'
import type { Job } from '../../../shared/api/job/job.ts'
import { controllerRef } from '../../../shared/controller/controller-refs.ts'
import { condition, job, time } from '../job/objects.ts'
import { meta, START_MS } from '../objects.ts'

/** The fake clock's beginning in minutes: what the names of Jobs count from. */
export const START_MINUTES = START_MS / 60_000

/** One that is due each minute. */
export function cronJob(
  spec: Partial<CronJob['spec']> = {},
  status: CronJob['status'] = {},
  metadata: Partial<CronJob['metadata']> = {},
): CronJob {
  const { completions, parallelism, ...jobSpec } = job().spec
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: meta('tick', metadata),
    spec: {
      schedule: '* * * * *',
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: { metadata: { labels: { app: 'tick' } }, spec: jobSpec as CronJob['spec']['jobTemplate']['spec'] },
      ...spec,
    },
    status,
  }
}

/** A Job of a run, by its minute from the start; of one by hand, by a name. */
export function run(minute: number | string, finish?: 'Complete' | 'Failed', endedAt = 0): Job {
  const name = typeof minute === 'string' ? minute : `tick-${START_MINUTES + minute}`
  const status = {
    startTime: time(typeof minute === 'string' ? 0 : minute * 60),
    ...(finish !== undefined && { conditions: [condition(finish, 'Why', { since: endedAt })] }),
    ...(finish === 'Complete' && { completionTime: time(endedAt) }),
  }
  const annotations: Record<string, string> =
    typeof minute === 'number' ? { [SCHEDULED_TIMESTAMP]: time(minute * 60) } : {}
  return { ...job({}, status), metadata: meta(name, { annotations, ownerReferences: [controllerRef(cronJob())] }) }
}

/** How the status refers to an active Job. */
export const reference = ({ metadata: { name, uid, resourceVersion } }: Job) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  name,
  namespace: 'default',
  uid,
  resourceVersion,
})
