/**
 * A Job and its pods as the server has them, together. The caches of jobs and pods each lag behind by their own measure,
 * and a process that has just begun does not know what its predecessor did: a pod that the one cache shows as uncounted
 * may be counted in a status that the other has yet to see.
 */
import type { Job } from '../../shared/api/job/job.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Client } from '../../shared/client/client.ts'
import { jobs as jobResource, pods as podResource } from '../../shared/client/resources.ts'
import { controllerOf } from '../../shared/controller/indexes.ts'
import type { Informer } from '../../shared/controller/informer.ts'
import { keyOf } from '../../shared/controller/store.ts'
import type { WrittenObjects } from '../../shared/controller/written-objects.ts'
import { conflict } from '../../shared/errors.ts'
import { formatSelector, selectorFromLabelSelector } from '../../shared/labels.ts'

export interface FirstLookDeps {
  client: Client
  pods: Informer<Pod>
  writtenJobs: WrittenObjects<Job>
  writtenPods: WrittenObjects<Pod>
  /** Told of each pod that the cache does not have yet, or has although it is gone. */
  expectCreation(uid: string): void
  expectDeletion(uid: string): void
}

/**
 * Brings what is known of a Job's pods to one moment: no write to the Job lies between the two reads of it, so none of
 * its pods has been counted in between. Throws a Conflict where somebody wrote; then it is tried again later.
 */
export async function lookAtJob(job: Job, deps: FirstLookDeps): Promise<void> {
  const { client, pods } = deps
  const { name, namespace, uid } = job.metadata
  const key = { name, ...(namespace !== undefined && { namespace }) }
  const labelSelector = formatSelector(selectorFromLabelSelector(job.spec.selector))
  const before = await client.get(jobResource, key)
  const { items } = await client.list(podResource, { ...(namespace !== undefined && { namespace }), labelSelector })
  const after = await client.get(jobResource, key)
  if (after.metadata.uid !== uid || after.metadata.resourceVersion !== before.metadata.resourceVersion) {
    throw conflict({ group: jobResource.group, resource: jobResource.plural, name }, 'it changed while it was read')
  }
  deps.writtenJobs.put(after)
  const living = new Set(items.map(({ metadata }) => metadata.uid))
  for (const pod of items) {
    if (controllerOf(pod)?.uid !== uid) continue
    deps.writtenPods.put(pod)
    const isShown = pods.store.get(keyOf(pod))?.metadata.uid === pod.metadata.uid
    if (!isShown && !pods.hasSeen(pod.metadata.resourceVersion)) deps.expectCreation(pod.metadata.uid)
  }
  for (const { metadata } of pods.store.by('controller', uid)) {
    if (!living.has(metadata.uid)) deps.expectDeletion(metadata.uid)
  }
}
