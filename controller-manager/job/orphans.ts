/** Pods that wait for a Job that is gone: nobody will count them, so their finalizer is taken off. */
import type { Job } from '../../shared/api/job/job.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Client } from '../../shared/client/client.ts'
import { jobs as jobResource } from '../../shared/client/resources.ts'
import { controllerOf } from '../../shared/controller/indexes.ts'
import type { Informer } from '../../shared/controller/informer.ts'
import { DONE } from '../../shared/controller/plan.ts'
import type { Sync } from '../../shared/controller/run-controller.ts'
import { keyOf } from '../../shared/controller/store.ts'
import type { WorkQueue } from '../../shared/controller/work-queue.ts'
import { isApiError } from '../../shared/errors.ts'
import { matchesSelector, selectorFromLabelSelector } from '../../shared/labels.ts'
import { isTracked } from './job-pod.ts'
import { removeTrackingFinalizer } from './tracking-finalizer.ts'

export interface OrphanDeps {
  client: Client
  jobs: Informer<Job>
  pods: Informer<Pod>
}

const jobKeyOf = ({ metadata: { namespace } }: Pod, name: string) =>
  keyOf({ metadata: { name, ...(namespace !== undefined && { namespace }) } })

/** Whether a Job that exists owns the pod or is going to adopt it, as far as the cache knows. */
function hasJob({ jobs }: OrphanDeps, pod: Pod): boolean {
  const ref = controllerOf(pod)
  if (ref !== undefined) return jobs.store.get(jobKeyOf(pod, ref.name))?.metadata.uid === ref.uid
  return jobs.store
    .by('namespace', pod.metadata.namespace ?? '')
    .some(
      ({ spec, metadata }) =>
        metadata.deletionTimestamp === undefined &&
        matchesSelector(selectorFromLabelSelector(spec.selector), pod.metadata.labels),
    )
}

/** The same as the server knows it. */
async function jobExists({ client }: OrphanDeps, pod: Pod): Promise<boolean> {
  const ref = controllerOf(pod)
  if (ref === undefined) return false
  const { namespace } = pod.metadata
  try {
    const { metadata } = await client.get(jobResource, {
      name: ref.name,
      ...(namespace !== undefined && { namespace }),
    })
    return metadata.uid === ref.uid
  } catch (error) {
    if (isApiError(error, 'NotFound')) return false
    throw error
  }
}

/** Puts pods into the queue that carry the finalizer and have no Job, be it from the start or from now on. */
export function enqueueOrphans(deps: OrphanDeps, queue: WorkQueue): void {
  const { jobs, pods } = deps
  const look = (pod: Pod) => {
    if (isTracked(pod) && !hasJob(deps, pod)) queue.add(keyOf(pod))
  }
  pods.subscribe({ add: look, update: (_old, pod) => look(pod) })
  jobs.subscribe({
    delete(job) {
      for (const pod of pods.store.by('controller', job.metadata.uid)) look(pod)
    },
  })
}

export const syncOrphan =
  (deps: OrphanDeps): Sync =>
  async (key) => {
    const pod = deps.pods.store.get(key)
    if (pod === undefined || !isTracked(pod) || hasJob(deps, pod)) return DONE
    if (!(await jobExists(deps, pod))) await removeTrackingFinalizer(deps.client, pod)
    return DONE
  }
