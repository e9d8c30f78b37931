/** Removes pods from nodes whose NoExecute taints they do not, or no longer, tolerate. */
import type { Node } from '../../shared/api/node/node.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { nodes as nodeResource, pods as podResource } from '../../shared/client/resources.ts'
import { byNodeName } from '../../shared/controller/indexes.ts'
import { DONE, perform } from '../../shared/controller/plan.ts'
import { runController, type Sync } from '../../shared/controller/run-controller.ts'
import { keyOf } from '../../shared/controller/store.ts'
import { createWorkQueue } from '../../shared/controller/work-queue.ts'
import type { StartController } from '../context.ts'
import { deletePod } from '../pods/delete-pod.ts'
import { reconcileEviction } from './reconcile.ts'
import { createTaintTimes, noExecuteTaints } from './taint-times.ts'

const NAME = 'taint-eviction-controller'
const WORKERS = 8

const DISRUPTION = {
  reason: 'DeletionByTaintManager',
  message: 'Taint manager: deleting due to NoExecute taint',
}

export const startTaintEvictionController: StartController = async (context) => {
  const { client, clock, informers, logger, signal } = context
  const nodes = informers.get(nodeResource)
  const pods = informers.get(podResource, { node: byNodeName })
  await Promise.all([nodes.synced, pods.synced])

  const events = context.recorder(NAME)
  const queue = createWorkQueue({ clock })
  const times = createTaintTimes(() => clock.nowMs())
  /** Pods whose time is running out. */
  const pending = new Set<string>()

  const enqueuePodsOf = ({ metadata: { name } }: Node) => {
    for (const pod of pods.store.by('node', name)) queue.add(keyOf(pod))
  }
  nodes.subscribe({
    add(node) {
      times.observe(node)
      if (noExecuteTaints(node).length > 0) enqueuePodsOf(node)
    },
    update(old, node) {
      times.observe(node)
      if (JSON.stringify(noExecuteTaints(old)) !== JSON.stringify(noExecuteTaints(node))) enqueuePodsOf(node)
    },
    delete: (node) => times.forget(node),
  })
  /** Most pods are on nodes without such taints: there is nothing to decide about them. */
  const enqueue = (pod: Pod) => {
    const node = nodes.store.get(pod.spec.nodeName ?? '')
    const key = keyOf(pod)
    if (pending.has(key) || (node !== undefined && noExecuteTaints(node).length > 0)) queue.add(key)
  }
  pods.subscribe({ add: enqueue, update: (_old, pod) => enqueue(pod), delete: enqueue })

  const sync: Sync = async (key) => {
    const pod = pods.store.get(key)
    const node = nodes.store.get(pod?.spec.nodeName ?? '')
    if (pod === undefined || node === undefined) {
      pending.delete(key)
      return DONE
    }
    const plan = reconcileEviction(pod, {
      taints: noExecuteTaints(node),
      sinceMs: (taint) => times.sinceMs(node, taint),
      wasPending: pending.has(key),
      nowMs: clock.nowMs(),
    })
    const name = `${pod.metadata.namespace}/${pod.metadata.name}`
    await perform(plan.actions, {
      async evict() {
        await deletePod({ client, clock }, pod, { condition: DISRUPTION })
        events.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${name}`)
      },
      async recordCancelled() {
        events.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${name}`)
      },
    })
    if (plan.requeueAfterMs === undefined) pending.delete(key)
    else pending.add(key)
    return plan
  }
  await runController({ name: NAME, queue, sync, workers: WORKERS, logger, signal })
}
