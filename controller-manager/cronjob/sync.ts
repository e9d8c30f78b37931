/** One sync of the CronJob controller: from its caches to a plan, and the plan into the world. */
import { isDeepStrictEqual } from 'node:util'
import type { CronJob, CronJobStatus } from '../../shared/api/cron-job.ts'
import type { Job } from '../../shared/api/job/job.ts'
import type { Client } from '../../shared/client/client.ts'
import { cronJobs as cronJobResource, jobs as jobResource } from '../../shared/client/resources.ts'
import type { Clock } from '../../shared/clock.ts'
import { controllerOf } from '../../shared/controller/indexes.ts'
import type { Informer } from '../../shared/controller/informer.ts'
import { DONE, perform } from '../../shared/controller/plan.ts'
import type { Sync } from '../../shared/controller/run-controller.ts'
import { keyOf, partsOf } from '../../shared/controller/store.ts'
import type { WrittenObjects } from '../../shared/controller/written-objects.ts'
import { isApiError } from '../../shared/errors.ts'
import type { EventRecorder } from '../../shared/events/recorder.ts'
import { createMemory, type Memory } from './memory.ts'
import { reconcileCronJob } from './reconcile.ts'
import { jobFromTemplate } from './scheduled-job.ts'
import { scheduleOf } from './schedules.ts'
import type { CronJobEvent } from './status.ts'

export interface CronJobSyncDeps {
  client: Client
  clock: Clock
  events: EventRecorder
  cronJobs: Informer<CronJob>
  jobs: Informer<Job>
  writtenCronJobs: WrittenObjects<CronJob>
}

const isNamespaceGoing = (error: unknown) =>
  isApiError(error, 'Forbidden') && error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')

const targetOf = ({ metadata: { name, namespace } }: { metadata: { name: string; namespace?: string } }) => ({
  name,
  ...(namespace !== undefined && { namespace }),
})

/** The UIDs of active Jobs that the cache does not have and the server does not know either. */
async function missingJobs({ client }: CronJobSyncDeps, { status }: CronJob, jobs: readonly Job[], memory: Memory) {
  const missing = new Set<string>()
  const known = new Set(jobs.map(({ metadata }) => metadata.uid))
  for (const { uid = '', name = '', namespace } of status.active ?? []) {
    if (known.has(uid) || memory.deleted.has(uid)) continue
    try {
      const job = await client.get(jobResource, { name, ...(namespace !== undefined && { namespace }) })
      if (job.metadata.uid !== uid) missing.add(uid)
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error
      missing.add(uid)
    }
  }
  return missing
}

export function syncCronJob(deps: CronJobSyncDeps): Sync {
  const { clock, cronJobs, jobs, writtenCronJobs } = deps
  const memories = new Map<string, Memory>()

  return async (key) => {
    const cached = cronJobs.store.get(key)
    if (cached === undefined) {
      memories.delete(key)
      return DONE
    }
    const cronJob = writtenCronJobs.newest(cached)
    const { uid } = cronJob.metadata
    const known = memories.get(key)
    const memory = known?.uid === uid ? known : createMemory(uid)
    memories.set(key, memory)
    const owned = memory.withCreated(jobs, jobs.store.by('controller', uid))
    memory.prune(cronJob, owned)
    const plan = reconcileCronJob(cronJob, {
      jobs: owned,
      deleted: memory.deleted,
      missing: await missingJobs(deps, cronJob, owned, memory),
      schedule: await scheduleOf(cronJob),
      nowMs: clock.nowMs(),
    })
    await perform(plan.actions, executors(deps, { cronJob, memory }))
    const isChanged = plan.actions.some((action) => action.do !== 'tell')
    return isChanged ? { requeueAfterMs: 0 } : plan
  }
}

function executors(
  { client, events: recorder, jobs, writtenCronJobs }: CronJobSyncDeps,
  { cronJob, memory }: { cronJob: CronJob; memory: Memory },
) {
  const tell = ({ type, reason, message }: CronJobEvent) => recorder.event(cronJob, type, reason, message)

  /** The Job of a run that was begun before, by a process that could not tell of it. */
  async function existing(name: string): Promise<Job> {
    const job = await client.get(jobResource, targetOf({ metadata: { ...cronJob.metadata, name } }))
    if (controllerOf(job)?.uid === cronJob.metadata.uid) return job
    const message = `Error creating job: jobs.batch ${JSON.stringify(name)} already exists and is not its own`
    tell({ type: 'Warning', reason: 'FailedCreate', message })
    throw new Error(message)
  }

  return {
    async tell({ event, about }: { event: CronJobEvent; about: string }) {
      if (memory.isNews(event.reason, about)) tell(event)
    },
    async deleteJob({ job }: { job: Job }) {
      const { name, uid } = job.metadata
      try {
        await client.delete(jobResource, targetOf(job), {
          propagationPolicy: 'Background',
          preconditions: { uid },
        })
        tell({ type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted job ${name}` })
      } catch (error) {
        if (!isApiError(error, 'NotFound', 'Conflict')) {
          tell({ type: 'Warning', reason: 'FailedDelete', message: `Deleted job: ${String(error)}` })
          throw error
        }
      }
      memory.deleted.add(uid)
    },
    async createJob({ scheduledMs }: { scheduledMs: number }) {
      const draft = jobFromTemplate(cronJob, scheduledMs)
      try {
        memory.created = await client.create(jobResource, draft)
        tell({ type: 'Normal', reason: 'SuccessfulCreate', message: `Created job ${draft.metadata.name}` })
      } catch (error) {
        if (isNamespaceGoing(error)) return
        if (!isApiError(error, 'AlreadyExists')) {
          const message = `Error creating job: ${error instanceof Error ? error.message : String(error)}`
          tell({ type: 'Warning', reason: 'FailedCreate', message })
          throw error
        }
        memory.created = await existing(draft.metadata.name ?? '')
      }
      if (jobs.store.get(keyOf(memory.created))?.metadata.uid === memory.created.metadata.uid) delete memory.created
    },
    async updateStatus({ status, events }: { status: CronJobStatus; events: readonly CronJobEvent[] }) {
      const { resourceVersion, uid } = cronJob.metadata
      const body = { metadata: { resourceVersion, uid }, status: changes(cronJob.status, status) }
      const target = partsOf(keyOf(cronJob))
      writtenCronJobs.put(await client.patch(cronJobResource, target, { type: 'merge', body, subresource: 'status' }))
      events.forEach(tell)
    },
  }
}

/** The merge patch from one status to the other. */
function changes(before: CronJobStatus, after: CronJobStatus): Record<string, unknown> {
  const fields = ['active', 'lastScheduleTime', 'lastSuccessfulTime'] as const
  return Object.fromEntries(
    fields
      .filter((field) => !isDeepStrictEqual(before[field], after[field]))
      .map((field) => [field, after[field] ?? null]),
  )
}
