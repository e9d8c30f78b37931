import type { Client } from '../../shared/client/client.ts'
import { nodes as nodeResource, pods as podResource } from '../../shared/client/resources.ts'
import { delay } from '../../shared/clock.ts'
import { isApiError } from '../../shared/errors.ts'
import type { StartController } from '../context.ts'
import { deletePod } from '../pods/delete-pod.ts'
import { type Cause, missingNodes, reconcilePodGc } from './reconcile.ts'

/** Only whose node is gone did not ask to go: the others are being deleted, or have ended. */
const CONDITIONS: Partial<Record<Cause, { reason: string; message: string }>> = {
  nodeGone: { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' },
}

/** The cache may lag behind a node that was registered a moment ago; the server does not. */
async function exists(client: Client, node: string): Promise<boolean> {
  try {
    await client.get(nodeResource, { name: node })
    return true
  } catch (error) {
    if (isApiError(error, 'NotFound')) return false
    throw error
  }
}

/** Looks from time to time for pods that nobody else cleans up, and removes them. */
export const startPodGarbageCollector: StartController = async ({
  client,
  clock,
  informers,
  logger,
  options,
  signal,
}) => {
  const nodes = informers.get(nodeResource)
  const pods = informers.get(podResource)
  await Promise.all([nodes.synced, pods.synced])
  let missingSinceMs: ReadonlyMap<string, number> = new Map()

  async function collect(): Promise<void> {
    const world = {
      pods: pods.store.list(),
      nodes: nodes.store.list(),
      missingSinceMs,
      terminatedMax: options['terminated-pod-gc-threshold'],
      quarantineMs: options['pod-gc-quarantine'],
      nowMs: clock.nowMs(),
    }
    missingSinceMs = missingNodes(world)
    for (const { pod, cause } of reconcilePodGc(world).actions) {
      const { name, namespace } = pod.metadata
      try {
        if (cause === 'nodeGone' && (await exists(client, pod.spec.nodeName ?? ''))) continue
        const condition = CONDITIONS[cause]
        await deletePod({ client, clock }, pod, { isForced: true, ...(condition !== undefined && { condition }) })
        logger.info({ pod: name, namespace, cause }, 'Pod was collected')
      } catch (error) {
        if (!isApiError(error)) throw error
        logger.debug({ pod: name, namespace, error: error.message }, 'Pod could not be collected; it will be next time')
      }
    }
  }

  while (!signal.aborted) {
    await collect()
    // An abort ends the wait, and with it the loop.
    await delay(clock, options['pod-gc-period'], signal).catch(() => undefined)
  }
}
