import type { CronJob } from '../../shared/api/cron-job.ts'
import type { Job } from '../../shared/api/job/job.ts'
import type { KubeObject } from '../../shared/api/kind.ts'
import { cronJobs as cronJobResource, jobs as jobResource } from '../../shared/client/resources.ts'
import { byController, controllerOf } from '../../shared/controller/indexes.ts'
import { runController } from '../../shared/controller/run-controller.ts'
import { keyOf } from '../../shared/controller/store.ts'
import { createWorkQueue } from '../../shared/controller/work-queue.ts'
import { createWrittenObjects } from '../../shared/controller/written-objects.ts'
import type { StartController } from '../context.ts'
import { syncCronJob } from './sync.ts'

const NAME = 'cronjob-controller'

/** Starts Jobs at the times of their schedules. */
export const startCronJobController: StartController = async (context) => {
  const { client, clock, informers, logger, options, signal } = context
  const cronJobs = informers.get(cronJobResource)
  const jobs = informers.get(jobResource, { controller: byController })
  await Promise.all([cronJobs.synced, jobs.synced])
  const writtenCronJobs = createWrittenObjects<CronJob>()
  const queue = createWorkQueue({ clock })
  const enqueue = (object: KubeObject) => queue.add(keyOf(object))
  cronJobs.subscribe({
    add: enqueue,
    update: (_old, current) => enqueue(current),
    delete(cronJob) {
      writtenCronJobs.forget(cronJob.metadata.uid)
      enqueue(cronJob)
    },
  })

  function enqueueOwner(job: Job): void {
    const ref = controllerOf(job)
    if (ref?.kind !== cronJobResource.kind) return
    const { namespace } = job.metadata
    queue.add(keyOf({ metadata: { name: ref.name, ...(namespace !== undefined && { namespace }) } }))
  }
  jobs.subscribe({
    add: enqueueOwner,
    update(old, job) {
      if (controllerOf(old)?.uid !== controllerOf(job)?.uid) enqueueOwner(old)
      enqueueOwner(job)
    },
    delete: enqueueOwner,
  })

  const sync = syncCronJob({ client, clock, cronJobs, jobs, writtenCronJobs, events: context.recorder(NAME) })
  await runController({ name: NAME, queue, sync, workers: options['concurrent-cron-job-syncs'], logger, signal })
}
