/** One sync of the Job controller: from its caches to a plan, and the plan into the world. */
import type { Job } from '../../shared/api/job/job.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Client } from '../../shared/client/client.ts'
import type { Clock } from '../../shared/clock.ts'
import type { Expectations } from '../../shared/controller/expectations.ts'
import { candidatesOf } from '../../shared/controller/indexes.ts'
import type { Informer } from '../../shared/controller/informer.ts'
import { DONE, perform } from '../../shared/controller/plan.ts'
import type { Sync } from '../../shared/controller/run-controller.ts'
import type { WrittenObjects } from '../../shared/controller/written-objects.ts'
import { isApiError } from '../../shared/errors.ts'
import type { EventRecorder } from '../../shared/events/recorder.ts'
import { selectorFromLabelSelector } from '../../shared/labels.ts'
import { isJobFinished } from './conditions.ts'
import { lookAtJob } from './first-look.ts'
import { PopulationError, podExecutors } from './perform.ts'
import { type JobWorld, reconcileJob } from './reconcile.ts'
import { writeStatus } from './write-status.ts'

/** The one controller that this is, by the name that `spec.managedBy` may give. */
const MANAGED_BY = 'kubernetes.io/job-controller'

export interface JobSyncDeps {
  client: Client
  clock: Clock
  events: EventRecorder
  expectations: Expectations
  jobs: Informer<Job>
  pods: Informer<Pod>
  writtenJobs: WrittenObjects<Job>
  writtenPods: WrittenObjects<Pod>
}

/** The server may have acted on a request whose answer was lost. */
const isUncertain = (error: unknown) => isApiError(error, 'ServiceUnavailable', 'Timeout', 'InternalError')

export function syncJob(deps: JobSyncDeps): Sync {
  const { clock, jobs, pods, expectations, writtenJobs, writtenPods } = deps
  /** By key, the UID of the Job about which this process knows all that was ever done. */
  const known = new Map<string, string>()

  async function ensureKnown(job: Job, key: string): Promise<void> {
    const { uid } = job.metadata
    if (known.get(key) === uid) return
    // Nothing was done before the first status, which is written as soon as the first pods are created.
    const isNew = job.status.startTime === undefined && pods.store.by('controller', uid).length === 0
    if (!isNew && !isJobFinished(job)) {
      await lookAtJob(job, {
        ...deps,
        expectCreation: (podUid) => expectations.expectCreation(key, podUid),
        expectDeletion: (podUid) => expectations.expectDeletion(key, podUid),
      })
    }
    known.set(key, uid)
  }

  return async (key) => {
    const cached = jobs.store.get(key)
    if (cached === undefined) {
      expectations.forget(key)
      known.delete(key)
      return DONE
    }
    const { managedBy } = cached.spec
    if (managedBy !== undefined && managedBy !== MANAGED_BY) return DONE
    await ensureKnown(cached, key)
    const job = writtenJobs.newest(cached)
    const world: JobWorld = {
      selector: selectorFromLabelSelector(job.spec.selector),
      candidates: candidatesOf(pods.store, job).map((pod) => writtenPods.newest(pod)),
      isCacheFresh: expectations.isSatisfied(key),
      nowMs: clock.nowMs(),
    }
    const plan = reconcileJob(job, world)
    const executors = {
      ...podExecutors(deps, { job, key }),
      updateStatus: ({ status, events }: Parameters<typeof writeStatus>[2]) =>
        writeStatus(deps, job, { status, events }),
    }
    try {
      await perform(plan.actions, executors)
    } catch (error) {
      if (isUncertain(error instanceof PopulationError ? error.cause : error)) known.delete(key)
      if (!(error instanceof PopulationError)) throw error
      await perform(reconcileJob(job, { ...world, maySetPopulation: false }).actions, executors)
      throw error.cause
    }
    // What was done may allow the next step at once, without waiting for the caches. A release opens no way.
    return plan.actions.some((action) => action.do !== 'releasePods') ? { requeueAfterMs: 0 } : plan
  }
}

/** Forgets what was written about objects that are gone. */
export function forgetGone({ jobs, pods, writtenJobs, writtenPods }: JobSyncDeps): void {
  jobs.subscribe({ delete: ({ metadata }) => writtenJobs.forget(metadata.uid) })
  pods.subscribe({ delete: ({ metadata }) => writtenPods.forget(metadata.uid) })
}
