/** What the Job controller does to pods. */
import type { Job } from '../../shared/api/job/job.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Resource } from '../../shared/client/resource.ts'
import { jobs as jobResource, pods as podResource } from '../../shared/client/resources.ts'
import { adopt, checkMayAdopt, release } from '../../shared/controller/controller-refs.ts'
import { keyOf } from '../../shared/controller/store.ts'
import { isApiError } from '../../shared/errors.ts'
import { slowStart } from '../replicas/slow-start.ts'
import { isTracked, TRACKING_FINALIZER } from './job-pod.ts'
import { type PodRequest, podForJob } from './pod-from-template.ts'
import type { JobSyncDeps } from './sync.ts'
import { removeTrackingFinalizer } from './tracking-finalizer.ts'

/** Requests about pods under way at once, for one Job. */
const REQUESTS_MAX = 32

/** A pod could not be created or deleted; what the Job otherwise needs does not wait for it. */
export class PopulationError extends Error {
  override readonly name = 'PopulationError'
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

const isNamespaceGoing = (error: unknown) =>
  isApiError(error, 'Forbidden') && error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')

/** Runs `action` on all pods, some at once; throws the first failure when all that were begun have ended. */
async function forEach(pods: readonly Pod[], action: (pod: Pod) => Promise<void>): Promise<void> {
  const queue = pods.values()
  const work = async () => {
    for (const pod of queue) await action(pod)
  }
  const results = await Promise.allSettled(Array.from({ length: REQUESTS_MAX }, work))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

export function podExecutors(deps: JobSyncDeps, { job, key }: { job: Job; key: string }) {
  const { client, events, expectations, pods: informer, writtenPods } = deps
  const finalizer = TRACKING_FINALIZER
  const shown = (pod: Pod): Pod | undefined => {
    const cached = informer.store.get(keyOf(pod))
    return cached?.metadata.uid === pod.metadata.uid ? cached : undefined
  }

  async function createPod(request: PodRequest): Promise<void> {
    try {
      const created = await client.create(podResource, podForJob(job, request))
      const isSeen = shown(created) !== undefined || informer.hasSeen(created.metadata.resourceVersion)
      if (!isSeen) expectations.expectCreation(key, created.metadata.uid)
      events.event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`)
    } catch (error) {
      if (isNamespaceGoing(error)) return
      const failure = new PopulationError(error)
      events.event(job, 'Warning', 'FailedCreate', `Error creating: ${failure.message}`)
      throw failure
    }
  }

  async function deletePod(pod: Pod): Promise<void> {
    const { name, namespace, uid } = pod.metadata
    try {
      await client.delete(
        podResource,
        { name, ...(namespace !== undefined && { namespace }) },
        { preconditions: { uid } },
      )
      events.event(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)
    } catch (error) {
      // Gone already, or its name is another pod's by now: the cache will learn of it.
      if (!isApiError(error, 'NotFound', 'Conflict')) {
        const failure = new PopulationError(error)
        events.event(job, 'Warning', 'FailedDelete', `Error deleting: ${failure.message}`)
        throw failure
      }
    }
    const cached = shown(pod)
    if (cached !== undefined && cached.metadata.deletionTimestamp === undefined) expectations.expectDeletion(key, uid)
  }

  /** Keeps the answer to a write until the cache shows it; no answer: the pod is gone. */
  function written(pod: Pod, after: Pod | undefined): void {
    if (shown(pod) === undefined) return
    if (after === undefined) expectations.expectDeletion(key, pod.metadata.uid)
    else writtenPods.put(after)
  }

  const removeFinalizer = async (pod: Pod) => written(pod, await removeTrackingFinalizer(client, pod))

  return {
    async adoptPods({ pods }: { pods: readonly Pod[] }) {
      await checkMayAdopt(client, jobResource as Resource, job)
      await forEach(pods, async (pod) =>
        written(pod, await adopt(client, podResource, { controller: job, object: pod, finalizer })),
      )
    },
    releasePods: ({ pods }: { pods: readonly Pod[] }) =>
      forEach(pods, async (pod) => {
        const after = await release(client, podResource, { controller: job, object: pod, finalizer })
        if (after !== undefined) written(pod, after)
      }),
    async createPods({ requests }: { requests: readonly PodRequest[] }) {
      const next = requests.values()
      const { failure } = await slowStart(requests.length, () => createPod(next.next().value ?? {}))
      if (failure !== undefined) throw failure.error
    },
    deletePods: ({ pods }: { pods: readonly Pod[] }) => forEach(pods, deletePod),
    // The finalizer goes first: a pod that is found deleted with it counts as failed.
    withdrawPods: ({ pods }: { pods: readonly Pod[] }) =>
      forEach(pods, async (pod) => {
        if (isTracked(pod)) await removeFinalizer(pod)
        await deletePod(pod)
      }),
    removeFinalizers: ({ pods }: { pods: readonly Pod[] }) => forEach(pods, removeFinalizer),
  }
}
