/** Watches over the nodes: signs of life, conditions, taints. Observes, plans, performs. */
import type { Node } from '../../shared/api/node/node.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Client } from '../../shared/client/client.ts'
import { leases as leaseResource, nodes as nodeResource, pods as podResource } from '../../shared/client/resources.ts'
import { delay, toTime } from '../../shared/clock.ts'
import { byNodeName } from '../../shared/controller/indexes.ts'
import { DONE, perform } from '../../shared/controller/plan.ts'
import { runController, type Sync } from '../../shared/controller/run-controller.ts'
import { createWorkQueue } from '../../shared/controller/work-queue.ts'
import { isApiError } from '../../shared/errors.ts'
import type { EventRecorder } from '../../shared/events/recorder.ts'
import type { StartController } from '../context.ts'
import { createEvictions } from './evictions.ts'
import { judged, observe, readinessOf, readyCondition, type SignOfLife } from './health.ts'
import { type NodeAction, reconcileNode } from './reconcile.ts'
import { isUntouched } from './taints.ts'

const NAME = 'node-lifecycle-controller'
/** Source of the events, which is older than the controller's name. */
const EVENT_SOURCE = 'node-controller'
const WORKERS = 8
/** A look that comes so many periods after the last one comes late: this process, or the machine, has stood still. */
const STOOD_STILL_PERIODS = 3
const LEASE_NAMESPACE = 'kube-node-lease'

const isReady = (node: Node) => readyCondition(node)?.status === 'True'

export const startNodeLifecycleController: StartController = async (context) => {
  const { client, clock, informers, logger, options, signal } = context
  const nodes = informers.get(nodeResource)
  const leases = informers.get(leaseResource)
  const pods = informers.get(podResource, { node: byNodeName })
  await Promise.all([nodes.synced, leases.synced, pods.synced])

  const events = context.recorder(EVENT_SOURCE)
  const queue = createWorkQueue({ clock })
  const grace = {
    graceMs: options['node-monitor-grace-period'],
    startupGraceMs: options['node-startup-grace-period'],
  }
  const signs = new Map<string, SignOfLife>()
  const seenMs = (name: string) => signs.get(name)?.seenMs ?? clock.nowMs()
  const readiness = (node: Node) => readinessOf(node, seenMs(node.metadata.name), clock.nowMs(), grace)
  const evictions = createEvictions({ clock, nodes: nodes.store, readiness, options })

  function look(name: string): void {
    const node = nodes.store.get(name)
    if (node === undefined) return
    const lease = leases.store.get(`${LEASE_NAMESPACE}/${name}`)
    signs.set(name, observe(signs.get(name), { node, lease, nowMs: clock.nowMs() }))
  }

  let isStarting = true
  nodes.subscribe({
    add(node) {
      const { name } = node.metadata
      // The others that are there already were told of before this process was started.
      if (!isStarting || isUntouched(node))
        events.event(node, 'Normal', 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`)
      look(name)
      queue.add(name)
    },
    update(old, node) {
      const { name } = node.metadata
      look(name)
      if (isReady(old) && !isReady(node)) evictions.reassess()
      queue.add(name)
    },
    delete(node) {
      const { name } = node.metadata
      events.event(node, 'Normal', 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`)
      signs.delete(name)
      evictions.reassess()
    },
  })
  isStarting = false
  leases.subscribe({
    add: ({ metadata: { name } }) => look(name),
    update: (_old, { metadata: { name } }) => look(name),
  })
  /** Of a pod only the node that it is bound to counts here, and only while that is not ready. */
  const seePod = ({ spec: { nodeName } }: Pod) => {
    const node = nodes.store.get(nodeName ?? '')
    if (node !== undefined && !isReady(node)) queue.add(node.metadata.name)
  }
  pods.subscribe({
    add: seePod,
    update: (old, pod) => {
      if (old.spec.nodeName !== pod.spec.nodeName) seePod(pod)
    },
  })

  const sync: Sync = async (name) => {
    const node = nodes.store.get(name)
    if (node === undefined) return DONE
    const nowMs = clock.nowMs()
    const { eviction, waitMs } = evictions.decide(judged(node, { ...grace, seenMs: seenMs(name), nowMs }))
    const world = { ...grace, pods: pods.store.by('node', name), seenMs: seenMs(name), eviction, nowMs }
    const plan = reconcileNode(node, world)
    await perform(plan.actions, executors({ client, events, nowMs: clock.nowMs }, node))
    return waitMs === undefined ? plan : { ...plan, requeueAfterMs: waitMs }
  }

  const periodMs = options['node-monitor-period']
  let lookedMs = clock.nowMs()

  /**
   * Who cannot hear must not judge: while the API server is away no node can give a sign of life, and when this process
   * itself has stood still what came meanwhile is still to be read.
   */
  function excuseAllUnheard(): void {
    const nowMs = clock.nowMs()
    const stoodStill = nowMs - lookedMs > STOOD_STILL_PERIODS * periodMs
    lookedMs = nowMs
    if (nodes.isConnected && leases.isConnected && !stoodStill) return
    for (const [name, { sign }] of signs) signs.set(name, { sign, seenMs: nowMs })
  }

  async function monitor(): Promise<void> {
    while (!signal.aborted) {
      excuseAllUnheard()
      evictions.reassess()
      // What else can happen to a node is told by its changes.
      for (const node of nodes.store.list()) if (readiness(node) !== 'True') queue.add(node.metadata.name)
      // An abort ends the wait, and with it the loop.
      await delay(clock, periodMs, signal).catch(() => undefined)
    }
  }

  await Promise.all([monitor(), runController({ name: NAME, queue, sync, workers: WORKERS, logger, signal })])
}

function executors({ client, events, nowMs }: { client: Client; events: EventRecorder; nowMs(): number }, node: Node) {
  const { name } = node.metadata
  // Each write is made from what was read: a kubelet that reports in between is not overwritten.
  let { resourceVersion } = node.metadata
  return {
    async setConditions({ conditions }: Extract<NodeAction, { do: 'setConditions' }>) {
      const body = { metadata: { resourceVersion }, status: { conditions } }
      const updated = await client.patch(nodeResource, { name }, { type: 'strategic', body, subresource: 'status' })
      resourceVersion = updated.metadata.resourceVersion
    },
    async recordNotReady() {
      events.event(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`)
    },
    async setTaints({ taints }: Extract<NodeAction, { do: 'setTaints' }>) {
      const body = { metadata: { resourceVersion }, spec: { taints: taints.length === 0 ? null : taints } }
      await client.patch(nodeResource, { name }, { type: 'merge', body })
    },
    markPodNotReady: ({ pod }: { pod: Pod }) => markNotReady({ client, events, nowMs }, pod),
  }
}

async function markNotReady(
  { client, events, nowMs }: { client: Client; events: EventRecorder; nowMs(): number },
  pod: Pod,
): Promise<void> {
  const { name, namespace, resourceVersion } = pod.metadata
  const condition = { type: 'Ready', status: 'False', lastTransitionTime: toTime(nowMs()) }
  // A pod that has changed since conflicts, and comes again: the cache may only be late to show that it is marked.
  const body = { metadata: { resourceVersion }, status: { conditions: [condition] } }
  const key = { name, ...(namespace !== undefined && { namespace }) }
  try {
    await client.patch(podResource, key, { type: 'strategic', body, subresource: 'status' })
  } catch (error) {
    if (isApiError(error, 'NotFound')) return
    throw error
  }
  events.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready')
}
