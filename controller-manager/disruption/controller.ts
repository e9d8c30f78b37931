/** Keeps the numbers of PodDisruptionBudgets, which the API server asks before it evicts a pod. */
import type { OwnerReference } from '../../shared/api/meta.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { PodDisruptionBudget } from '../../shared/api/pod-disruption-budget.ts'
import { podDisruptionBudgets, pods as podResource } from '../../shared/client/resources.ts'
import { toTime } from '../../shared/clock.ts'
import { byNamespace, controllerOf } from '../../shared/controller/indexes.ts'
import { DONE, perform } from '../../shared/controller/plan.ts'
import { createRetryLimit } from '../../shared/controller/rate-limit.ts'
import { runController, type Sync } from '../../shared/controller/run-controller.ts'
import { keyOf, partsOf } from '../../shared/controller/store.ts'
import { createWorkQueue } from '../../shared/controller/work-queue.ts'
import { protects } from '../../shared/disruption-budget.ts'
import { isApiError } from '../../shared/errors.ts'
import type { StartController } from '../context.ts'
import { reconcileBudget, type Scale } from './reconcile.ts'
import { createScales, type Scales } from './scales.ts'
import { staleInMs, unmarked } from './stale-condition.ts'

const NAME = 'disruption-controller'
/** Source of the events. */
const EVENT_SOURCE = 'controllermanager'
/** Each of the two loops works on one object at a time, as upstream's do. */
const WORKERS = 1

/** Whether the number of pods, and not their controllers' size, is what the budget goes by. */
const countsPods = ({ spec }: PodDisruptionBudget) =>
  spec.maxUnavailable === undefined && typeof spec.minAvailable !== 'string'

async function scalesOf(
  scales: Scales,
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
): Promise<Map<string, Scale>> {
  const controllers = new Map<string, OwnerReference>()
  for (const pod of countsPods(budget) ? [] : pods) {
    const controller = controllerOf(pod)
    if (controller !== undefined) controllers.set(controller.uid, controller)
  }
  const found = [...controllers].map(
    async ([uid, controller]) => [uid, await scales.find(budget.metadata.namespace ?? '', controller)] as const,
  )
  return new Map(await Promise.all(found))
}

export const startDisruptionController: StartController = async (context) => {
  const { client, clock, informers, logger, signal } = context
  const budgets = informers.get(podDisruptionBudgets, { namespace: byNamespace })
  const pods = informers.get(podResource, { namespace: byNamespace })
  await Promise.all([budgets.synced, pods.synced])

  const events = context.recorder(EVENT_SOURCE)
  const scales = createScales(client)
  const failures = createRetryLimit({ clock })
  const budgetQueue = createWorkQueue({ clock })
  const markedQueue = createWorkQueue({ clock })

  const enqueue = (budget: PodDisruptionBudget) => budgetQueue.add(keyOf(budget))
  budgets.subscribe({ add: enqueue, update: (_old, budget) => enqueue(budget), delete: enqueue })

  const enqueueBudgetsOf = (pod: Pod): PodDisruptionBudget[] => {
    const all = budgets.store.by('namespace', pod.metadata.namespace ?? '')
    const protecting = all.filter((budget) => protects(budget, pod))
    protecting.forEach(enqueue)
    return protecting
  }
  const onPod = (pod: Pod) => {
    const [first, ...others] = enqueueBudgetsOf(pod)
    // A mistake of whoever made the budgets: such a pod cannot be evicted.
    if (first !== undefined && others.length > 0) {
      const { namespace, name } = pod.metadata
      const what = `Pod "${namespace}"/"${name}" matches multiple PodDisruptionBudgets.  Chose "${first.metadata.name}" arbitrarily.`
      events.event(pod, 'Warning', 'MultiplePodDisruptionBudgets', what)
    }
    const waitMs = staleInMs(pod, clock.nowMs())
    if (waitMs !== undefined) markedQueue.addAfter(keyOf(pod), waitMs)
  }
  pods.subscribe({
    add: onPod,
    update(old, pod) {
      enqueueBudgetsOf(old)
      onPod(pod)
    },
    delete: enqueueBudgetsOf,
  })

  const syncBudget: Sync = async (key) => {
    const budget = budgets.store.get(key)
    if (budget === undefined) {
      failures.forget(key)
      return DONE
    }
    const selected = pods.store.by('namespace', budget.metadata.namespace ?? '').filter((pod) => protects(budget, pod))
    const found = await scalesOf(scales, budget, selected)
    const plan = reconcileBudget(budget, {
      pods: selected,
      scaleOf: ({ uid }) => found.get(uid)!,
      nowMs: clock.nowMs(),
    })
    await perform(plan.actions, {
      async tell({ type, reason, message }) {
        events.event(budget, type, reason, message)
      },
      async tellUndeleted({ pod }) {
        events.event(pod, 'Warning', 'NotDeleted', `Pod was expected by PDB ${key} to be deleted but it wasn't`)
      },
      async updateStatus({ status }) {
        // The version keeps an eviction that was granted in between from being forgotten.
        await client.update(podDisruptionBudgets, { ...budget, status }, { subresource: 'status' })
      },
    })
    if (plan.failure !== undefined) return { requeueAfterMs: failures.nextMs(key) }
    failures.forget(key)
    return plan
  }

  const syncMarked: Sync = async (key) => {
    const pod = pods.store.get(key)
    const waitMs = pod === undefined ? undefined : staleInMs(pod, clock.nowMs())
    if (pod === undefined || waitMs === undefined) return DONE
    if (waitMs > 0) return { requeueAfterMs: waitMs }
    const { uid, resourceVersion } = pod.metadata
    const body = { metadata: { uid, resourceVersion }, status: { conditions: [unmarked(toTime(clock.nowMs()))] } }
    try {
      await client.patch(podResource, partsOf(key), { type: 'strategic', body, subresource: 'status' })
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error
    }
    return DONE
  }

  const shared = { workers: WORKERS, logger, signal }
  await Promise.all([
    runController({ ...shared, name: NAME, queue: budgetQueue, sync: syncBudget }),
    runController({ ...shared, name: `${NAME}/marked-pods`, queue: markedQueue, sync: syncMarked }),
  ])
}
