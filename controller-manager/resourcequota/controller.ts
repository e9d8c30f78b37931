/**
 * Counts what the objects of a namespace use of its quotas. The API server adds to a quota's status with every create;
 * this takes away what has gone, and sees to it that the sum is right.
 */
import type { KubeObject } from '../../shared/api/kind.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { ResourceQuota } from '../../shared/api/resource-quota.ts'
import type { Resource } from '../../shared/client/resource.ts'
import { pods, resourceQuotas, services } from '../../shared/client/resources.ts'
import type { Informer } from '../../shared/controller/informer.ts'
import { DONE } from '../../shared/controller/plan.ts'
import { runController, type Sync } from '../../shared/controller/run-controller.ts'
import { keyOf } from '../../shared/controller/store.ts'
import { createWorkQueue } from '../../shared/controller/work-queue.ts'
import { isApiError } from '../../shared/errors.ts'
import { isCounted } from '../../shared/quota/pod-usage.ts'
import type { StartController } from '../context.ts'
import { resourcesFor } from './counted-kinds.ts'
import { reconcileQuota } from './reconcile.ts'

const NAME = 'resourcequota-controller'
const BY_NAMESPACE = 'namespace'
const indexes = { [BY_NAMESPACE]: ({ metadata }: KubeObject) => [metadata.namespace ?? ''] }

export const startResourceQuotaController: StartController = async (context) => {
  const { client, clock, informers, logger, options, signal } = context
  const quotas = informers.get(resourceQuotas, indexes)
  await quotas.synced
  const queue = createWorkQueue({ clock })
  const sources = new Map<Resource, Informer<KubeObject>>()

  const enqueueNamespace = (namespace = '') => {
    for (const quota of quotas.store.by(BY_NAMESPACE, namespace)) queue.add(keyOf(quota))
  }
  const hasEnded = (old: KubeObject, pod: KubeObject) =>
    isCounted(old as Pod, clock.nowMs()) && !isCounted(pod as Pod, clock.nowMs())

  /** The objects of a resource: only metadata, where that is all that counts. Watched from the first quota on that asks. */
  function sourceOf(resource: Resource): Informer<KubeObject> {
    const known = sources.get(resource)
    if (known !== undefined) return known
    const isWhole = [pods, services].some((each) => each.plural === resource.plural && resource.group === '')
    const source = isWhole ? informers.get(resource, indexes) : informers.getMetadata(resource, indexes)
    sources.set(resource, source)
    source.subscribe({
      update: (old, object) => {
        if (resource.plural === pods.plural ? hasEnded(old, object) : resource.plural === services.plural)
          enqueueNamespace(object.metadata.namespace)
      },
      delete: ({ metadata }) => enqueueNamespace(metadata.namespace),
    })
    return source
  }

  const sync: Sync = async (key) => {
    const quota = quotas.store.get(key)
    if (quota === undefined || quota.metadata.deletionTimestamp !== undefined) return DONE
    const { namespace = '' } = quota.metadata
    const counted = await Promise.all(
      resourcesFor(Object.keys(quota.spec.hard ?? {})).map(async (resource) => {
        const source = sourceOf(resource)
        await source.synced
        return { kind: resource, objects: source.store.by(BY_NAMESPACE, namespace) }
      }),
    )
    const status = reconcileQuota(quota as ResourceQuota, counted, clock.nowMs())
    try {
      if (status !== undefined)
        await client.update(resourceQuotas, { ...quota, status } as ResourceQuota, { subresource: 'status' })
    } catch (error) {
      // Deleted meanwhile.
      if (!isApiError(error, 'NotFound')) throw error
    }
    return { requeueAfterMs: options['resource-quota-sync-period'] }
  }
  const enqueue = (quota: ResourceQuota) => queue.add(keyOf(quota))
  quotas.subscribe({
    add: enqueue,
    // What the API server adds is not counted again: the new object may not have come here yet.
    update(old, quota) {
      if (JSON.stringify(old.spec) !== JSON.stringify(quota.spec)) enqueue(quota)
    },
  })
  const workers = options['concurrent-resource-quota-syncs']
  await runController({ name: NAME, queue, sync, workers, logger, signal })
}
