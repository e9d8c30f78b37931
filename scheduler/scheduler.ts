/** The scheduler at work: informers tell what changes, the queue what to try next, the cycle where it goes. */
import { isDeepStrictEqual } from 'node:util'
import type { Node } from '../shared/api/node/node-model.ts'
import type { Pod } from '../shared/api/pod/pod-model.ts'
import type { Client } from '../shared/client/client.ts'
import { nodes, pods } from '../shared/client/resources.ts'
import { type Clock, delay } from '../shared/clock.ts'
import { createInformer } from '../shared/controller/informer.ts'
import { keyOf } from '../shared/controller/store.ts'
import { isApiError } from '../shared/errors.ts'
import type { EventRecorder } from '../shared/events/recorder.ts'
import type { Logger } from '../shared/log.ts'
import { bindPod, reportUnscheduled, type Unscheduled } from './binder.ts'
import { createClusterState } from './cluster-state.ts'
import { type Decision, decide, rejectionOf } from './cycle.ts'
import { explainRejection } from './messages.ts'
import { describePod, isFinished, isGated } from './pod-info.ts'
import { createQueue, type QueuedPod } from './queue.ts'

/** Bindings under way at once; while so many are, no further pod is tried. */
const BINDINGS_MAX = 64
/** Pods tried in one go; then the process sees to its connections before it goes on. */
const BATCH_MAX = 100
/** How long `close` waits for bindings under way. */
const CLOSE_MAX_MS = 1_000

export interface SchedulerOptions {
  client: Client
  recorder: EventRecorder
  clock: Clock
  logger: Logger
  /** Only pods whose `spec.schedulerName` this is are scheduled. */
  schedulerName: string
  /** As in the queue's options. */
  backOffMinMs: number
  backOffMaxMs: number
  unschedulableMaxMs: number
  /** Receives a defect of this program that ended the scheduler's work. */
  onFailure(error: unknown): void
}

/** An answer may be lost, or refused for reasons that pass: the pod may or may not have been bound. */
const isUncertain = (error: unknown) => isApiError(error, 'ServiceUnavailable', 'Timeout', 'TooManyRequests')

/** What of a node can make it fit for a pod that it did not fit before. */
const schedulingPartOf = ({ metadata, spec, status }: Node) => [
  metadata.labels,
  spec.taints,
  spec.unschedulable,
  status.allocatable,
  status.capacity,
]

/** Starts to schedule as soon as pods and nodes are known; that is when `synced` resolves. */
export function startScheduler(options: SchedulerOptions): { synced: Promise<void>; close(): Promise<void> } {
  const { client, recorder, clock, logger, schedulerName, onFailure } = options
  const state = createClusterState()
  const queue = createQueue({ ...options, onReady: requestPump })
  const stop = new AbortController()
  const podInformer = createInformer({ client, clock, logger, resource: pods })
  const nodeInformer = createInformer({ client, clock, logger, resource: nodes })
  const bindings = new Set<Promise<void>>()
  let isSynced = false
  let isPumpRequested = false

  /** Together with everything else that the current change brings, so that priorities are compared among all of it. */
  function requestPump(): void {
    if (isPumpRequested) return
    isPumpRequested = true
    setImmediate(pump)
  }

  function pump(): void {
    isPumpRequested = false
    for (let tried = 0; isSynced && !stop.signal.aborted && bindings.size < BINDINGS_MAX; tried++) {
      if (tried === BATCH_MAX) {
        requestPump()
        return
      }
      const next = queue.pop()
      if (next === undefined) return
      schedule(next)
    }
  }

  function schedule(queued: QueuedPod): void {
    const { info } = queued
    // What an earlier try may have left in doubt is settled by this one.
    const doubtful = state.find(info.uid)
    state.forget(info.uid)
    const decision = decide(info, state.nodes())
    logger.debug({ pod: keyOf(info.pod), attempt: queued.attempts, decision }, 'Decided')
    if (decision.nodeName === undefined) {
      reject(queued, decision)
      return
    }
    state.assume(info, decision.nodeName)
    const binding = bind(queued, decision.nodeName)
      .catch(onFailure)
      .finally(() => {
        bindings.delete(binding)
        requestPump()
      })
    bindings.add(binding)
    if (doubtful !== undefined && doubtful.nodeName !== decision.nodeName) wakeFor(doubtful.nodeName)
  }

  function reject(queued: QueuedPod, decision: Decision): void {
    queue.reject(queued, decision)
    report(queued.info.pod, { reason: 'Unschedulable', message: explainRejection(queued.info, decision) })
  }

  function report(pod: Pod, unscheduled: Unscheduled): void {
    recorder.event(pod, 'Warning', 'FailedScheduling', unscheduled.message)
    reportUnscheduled(client, pod, { ...unscheduled, clock }).catch((error: unknown) => {
      if (!isApiError(error)) onFailure(error)
      // The next try reports anew; a pod that is gone needs no report.
      else logger.debug({ pod: keyOf(pod), error: error.message }, 'Condition could not be written')
    })
  }

  async function bind(queued: QueuedPod, nodeName: string): Promise<void> {
    const { info } = queued
    const { name, namespace } = info.pod.metadata
    try {
      await bindPod(client, info.pod, nodeName)
    } catch (error) {
      if (!isApiError(error)) throw error
      bindingFailed(queued, nodeName, error)
      return
    }
    queue.done(queued)
    recorder.event(info.pod, 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${nodeName}`)
  }

  function bindingFailed(queued: QueuedPod, nodeName: string, error: Error): void {
    const { pod, uid } = queued.info
    logger.info({ pod: keyOf(pod), node: nodeName, error: error.message }, 'Pod could not be bound')
    // While it is in doubt whether the pod was bound its room stays taken, until the next try.
    if (!isUncertain(error)) {
      state.forget(uid)
      wakeFor(nodeName)
    }
    if (isApiError(error, 'NotFound') && podInformer.store.get(keyOf(pod))?.metadata.uid !== uid) queue.done(queued)
    else queue.retry(queued)
    // A conflict means that the pod has a node, or is another one by now: the informer will tell.
    if (!isUncertain(error) && !isApiError(error, 'NotFound', 'Conflict'))
      report(pod, { reason: 'SchedulerError', message: `binding rejected: ${error.message}` })
  }

  /** Something about a node has changed: wakes the pods that fit it now. */
  function wakeFor(nodeName: string): void {
    const node = state.node(nodeName)
    if (node === undefined) return
    queue.wake(({ info, decision }) => decision?.verdicts.length === 0 || rejectionOf(info, node) === undefined)
  }

  function removePod(uid: string): void {
    const place = state.find(uid)
    queue.remove(uid)
    state.remove(uid)
    if (place !== undefined) wakeFor(place.nodeName)
  }

  function placePod(pod: Pod, nodeName: string): void {
    const { uid } = pod.metadata
    const before = state.find(uid)
    const info = describePod(pod)
    queue.remove(uid)
    state.place(info, nodeName)
    // A pod that asks for less than before leaves room, as does one that was bound elsewhere than assumed.
    if (before === undefined) return
    if (before.nodeName !== nodeName) wakeFor(before.nodeName)
    else if (!isDeepStrictEqual(before.info.requests, info.requests)) wakeFor(nodeName)
  }

  function enqueuePod(pod: Pod, old: Pod | undefined): void {
    const isOurs = pod.spec.schedulerName === schedulerName
    if (!isOurs || isGated(pod) || pod.metadata.deletionTimestamp !== undefined) {
      removePod(pod.metadata.uid)
      return
    }
    const info = describePod(pod)
    // Its status alone, which says what the scheduler wrote to it, makes it fit nowhere.
    const mayHelp = old !== undefined && !isDeepStrictEqual(old.spec, pod.spec)
    if (queue.update(info, mayHelp)) return
    // Assumed and out of the queue: it has been bound, and this is older news.
    if (state.find(info.uid) === undefined) queue.add(info)
  }

  function onPod(pod: Pod, old?: Pod): void {
    const { nodeName = '' } = pod.spec
    if (isFinished(pod)) removePod(pod.metadata.uid)
    else if (nodeName !== '') placePod(pod, nodeName)
    else enqueuePod(pod, old)
  }

  function onNode(node: Node, old?: Node): void {
    state.setNode(node)
    if (old === undefined || !isDeepStrictEqual(schedulingPartOf(old), schedulingPartOf(node)))
      wakeFor(node.metadata.name)
  }

  podInformer.subscribe({
    add: (pod) => onPod(pod),
    update: (old, pod) => onPod(pod, old),
    delete: ({ metadata }) => removePod(metadata.uid),
  })
  nodeInformer.subscribe({
    add: (node) => onNode(node),
    update: (old, node) => onNode(node, old),
    delete: ({ metadata }) => state.removeNode(metadata.name),
  })
  for (const informer of [podInformer, nodeInformer]) informer.run(stop.signal).catch(onFailure)
  const synced = Promise.all([podInformer.synced, nodeInformer.synced]).then(() => {
    isSynced = true
    requestPump()
  })

  return {
    synced,
    async close() {
      stop.abort()
      queue.close()
      const deadline = new AbortController()
      const timeout = delay(clock, CLOSE_MAX_MS, deadline.signal).catch(() => undefined)
      await Promise.race([Promise.all(bindings), timeout])
      deadline.abort()
    },
  }
}
