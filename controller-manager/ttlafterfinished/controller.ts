import type { KubeObject } from '../../shared/api/kind.ts'
import { jobs as jobResource } from '../../shared/client/resources.ts'
import { DONE } from '../../shared/controller/plan.ts'
import { runController, type Sync } from '../../shared/controller/run-controller.ts'
import { keyOf, partsOf } from '../../shared/controller/store.ts'
import { createWorkQueue } from '../../shared/controller/work-queue.ts'
import { isApiError } from '../../shared/errors.ts'
import type { StartController } from '../context.ts'
import { reconcileTtl } from './reconcile.ts'

/** Deletes Jobs, and with them their pods, when they have been over for as long as they ask to be kept. */
export const startTtlAfterFinishedController: StartController = async (context) => {
  const { client, clock, informers, logger, options, signal } = context
  const jobs = informers.get(jobResource)
  await jobs.synced
  const queue = createWorkQueue({ clock })
  const enqueue = (object: KubeObject) => queue.add(keyOf(object))
  jobs.subscribe({ add: enqueue, update: (_old, current) => enqueue(current) })

  /** The cache may be behind: the Job may have been given a longer time, and what is deleted is lost. */
  async function deleteIfStillDue(key: string): Promise<Awaited<ReturnType<Sync>>> {
    const target = partsOf(key)
    try {
      const fresh = await client.get(jobResource, target)
      const plan = reconcileTtl(fresh, clock.nowMs())
      if (plan.actions.length === 0) return plan
      const { uid, resourceVersion } = fresh.metadata
      await client.delete(jobResource, target, {
        propagationPolicy: 'Foreground',
        preconditions: { uid, resourceVersion },
      })
      logger.info({ job: target.name, namespace: target.namespace }, 'Finished Job was deleted')
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error
    }
    return DONE
  }

  const sync: Sync = async (key) => {
    const job = jobs.store.get(key)
    if (job === undefined) return DONE
    const plan = reconcileTtl(job, clock.nowMs())
    return plan.actions.length === 0 ? plan : deleteIfStillDue(key)
  }
  await runController({
    name: 'ttl-after-finished-controller',
    queue,
    sync,
    workers: options['concurrent-ttl-after-finished-syncs'],
    logger,
    signal,
  })
}
