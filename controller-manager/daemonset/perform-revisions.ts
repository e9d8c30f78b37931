/** Carries out what is planned for a DaemonSet's revisions. */
import type { ControllerRevision } from '../../shared/api/controller-revision.ts'
import type { DaemonSet } from '../../shared/api/daemon-set.ts'
import type { Client } from '../../shared/client/client.ts'
import {
  controllerRevisions,
  daemonSets as daemonSetResource,
  pods as podResource,
} from '../../shared/client/resources.ts'
import { adopt, checkMayAdopt, release } from '../../shared/controller/controller-refs.ts'
import { controllerOf } from '../../shared/controller/indexes.ts'
import type { Executors } from '../../shared/controller/plan.ts'
import { keyOf, partsOf } from '../../shared/controller/store.ts'
import { conflict, isApiError } from '../../shared/errors.ts'
import { HASH_LABEL } from './daemon-pod.ts'
import { isCurrent, type RevisionAction } from './revisions.ts'

/**
 * The name of a new revision is taken: by this very revision, which the cache does not show yet, or by another one that
 * has the same hash. Then the collision is counted, which changes the hash, and a Conflict is thrown.
 */
async function resolveCollision(client: Client, daemonSet: DaemonSet, name: string): Promise<void> {
  const { namespace, uid, resourceVersion } = daemonSet.metadata
  const key = { name, ...(namespace !== undefined && { namespace }) }
  const existing = await client.get(controllerRevisions, key)
  if (isCurrent(daemonSet, existing) && controllerOf(existing)?.uid === uid) return
  const subject = { group: 'apps', resource: 'controllerrevisions', name }
  // Of a DaemonSet of the same name that is gone; the garbage collector takes it away.
  if (isCurrent(daemonSet, existing)) throw conflict(subject, 'it belongs to another object')
  const collisionCount = (daemonSet.status.collisionCount ?? 0) + 1
  await client.patch(daemonSetResource, partsOf(keyOf(daemonSet)), {
    type: 'merge',
    body: { metadata: { resourceVersion }, status: { collisionCount } },
    subresource: 'status',
  })
  throw conflict(subject, 'another revision has the same hash')
}

export const revisionExecutors = (client: Client, daemonSet: DaemonSet): Executors<RevisionAction> => ({
  async adoptRevisions({ revisions }) {
    await checkMayAdopt(client, daemonSetResource, daemonSet)
    for (const object of revisions) await adopt(client, controllerRevisions, { controller: daemonSet, object })
  },
  async releaseRevisions({ revisions }) {
    for (const object of revisions) await release(client, controllerRevisions, { controller: daemonSet, object })
  },
  async createRevision({ revision }) {
    try {
      await client.create(controllerRevisions, revision)
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error
      await resolveCollision(client, daemonSet, revision.metadata.name ?? '')
    }
  },
  async renumberRevision({ revision, number }) {
    const { resourceVersion } = revision.metadata
    await client.patch(controllerRevisions, partsOf(keyOf(revision)), {
      type: 'merge',
      body: { metadata: { resourceVersion }, revision: number },
    })
  },
  async relabelPods({ pods, hash }) {
    for (const pod of pods) {
      const { uid } = pod.metadata
      await client.patch(podResource, partsOf(keyOf(pod)), {
        type: 'merge',
        body: { metadata: { uid, labels: { [HASH_LABEL]: hash } } },
      })
    }
  },
  async deleteRevisions({ revisions }: { revisions: readonly ControllerRevision[] }) {
    for (const revision of revisions) {
      const { uid } = revision.metadata
      await client.delete(controllerRevisions, partsOf(keyOf(revision)), { preconditions: { uid } }).catch((error) => {
        if (!isApiError(error, 'NotFound', 'Conflict')) throw error
      })
    }
  },
})
