/** The scheduler at work: informers tell what changes, the queue what to try next, the cycle where it goes. */
import type { Pod } from '../shared/api/pod/pod-model.ts'
import type { Client } from '../shared/client/client.ts'
import { namespaces, nodes, pods } from '../shared/client/resources.ts'
import { type Clock, delay } from '../shared/clock.ts'
import { createInformer } from '../shared/controller/informer.ts'
import { keyOf } from '../shared/controller/store.ts'
import { isApiError } from '../shared/errors.ts'
import type { EventRecorder } from '../shared/events/recorder.ts'
import type { Logger } from '../shared/log.ts'
import type { Metric } from '../shared/metrics/metric.ts'
import { bindPod, reportUnscheduled, type Unscheduled } from './binder.ts'
import { type Decision, decide, explainRejection } from './cycle.ts'
import { createFeed } from './feed.ts'
import { rejectorsOf } from './hints.ts'
import { createSchedulerMetrics, type Outcome } from './metrics.ts'
import { createQueue, type QueuedPod } from './queue.ts'
import { createClusterState } from './state/cluster-state.ts'

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
  /** As in the cycle's options. */
  percentageOfNodesToScore?: number
  /** Resolves when this scheduler may act; until then it only looks on. Default: at once. */
  leading?: Promise<void>
  /** Receives a defect of this program that ended the scheduler's work. */
  onFailure(error: unknown): void
}

/** An answer may be lost, or refused for reasons that pass: the pod may or may not have been bound. */
const isUncertain = (error: unknown) => isApiError(error, 'ServiceUnavailable', 'Timeout', 'TooManyRequests')

export interface Scheduler {
  /** Resolves when pods and nodes are known. */
  readonly synced: Promise<void>
  readonly metrics: readonly Metric[]
  close(): Promise<void>
}

/** Starts to schedule as soon as pods and nodes are known; that is when `synced` resolves. */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const { client, recorder, clock, logger, leading, onFailure } = options
  const state = createClusterState()
  const queue = createQueue({ ...options, onReady: requestPump })
  const metrics = createSchedulerMetrics(options.schedulerName, () => queue.sizes)
  const feed = createFeed({ ...options, state, queue })
  const stop = new AbortController()
  const informers = {
    pods: createInformer({ client, clock, logger, resource: pods }),
    nodes: createInformer({ client, clock, logger, resource: nodes }),
    namespaces: createInformer({ client, clock, logger, resource: namespaces }),
  }
  const bindings = new Set<Promise<void>>()
  let mayAct = false
  let isPumpRequested = false
  /** The node that the next cycle begins with. */
  let startAt = 0

  /** Together with everything else that the current change brings, so that priorities are compared among all of it. */
  function requestPump(): void {
    if (isPumpRequested) return
    isPumpRequested = true
    setImmediate(pump)
  }

  function pump(): void {
    isPumpRequested = false
    for (let tried = 0; mayAct && !stop.signal.aborted && bindings.size < BINDINGS_MAX; tried++) {
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
    const startedMs = clock.nowMs()
    const decision = decide(info, state, { ...options, startAt })
    const attempted = (outcome: Outcome) => metrics.attempted(outcome, (clock.nowMs() - startedMs) / 1000)
    metrics.decided((clock.nowMs() - startedMs) / 1000)
    // One that was for few nodes only says nothing about how far the others have come.
    if (decision.outside === undefined) startAt = (startAt + decision.examined) % Math.max(1, decision.nodeCount)
    const { nodeName, examined, feasible } = decision
    logger.debug({ pod: keyOf(info.pod), attempt: queued.attempts, nodeName, examined, feasible }, 'Decided')
    if (nodeName === undefined) {
      attempted('unschedulable')
      reject(queued, decision)
      return
    }
    state.assume(info, nodeName)
    const binding = bind(queued, nodeName)
      .then((isBound) => attempted(isBound ? 'scheduled' : 'error'), onFailure)
      .finally(() => {
        bindings.delete(binding)
        requestPump()
      })
    bindings.add(binding)
    if (doubtful !== undefined && doubtful.nodeName !== nodeName) feed.wakeForRoom(info, doubtful.nodeName)
    feed.wake({ what: 'placed', pod: info })
  }

  function reject(queued: QueuedPod, decision: Decision): void {
    queue.reject(queued, rejectorsOf(decision))
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

  /** Tells whether the pod is bound for sure. */
  async function bind(queued: QueuedPod, nodeName: string): Promise<boolean> {
    const { info } = queued
    const { name, namespace } = info.pod.metadata
    try {
      await bindPod(client, info.pod, nodeName)
    } catch (error) {
      if (!isApiError(error)) throw error
      bindingFailed(queued, nodeName, error)
      return false
    }
    queue.done(queued)
    recorder.event(info.pod, 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${nodeName}`)
    return true
  }

  function bindingFailed(queued: QueuedPod, nodeName: string, error: Error): void {
    const { pod, uid } = queued.info
    logger.info({ pod: keyOf(pod), node: nodeName, error: error.message }, 'Pod could not be bound')
    // While it is in doubt whether the pod was bound its room stays taken, until the next try.
    if (!isUncertain(error)) {
      state.forget(uid)
      feed.wakeForRoom(queued.info, nodeName)
    }
    if (isApiError(error, 'NotFound') && informers.pods.store.get(keyOf(pod))?.metadata.uid !== uid) queue.done(queued)
    else queue.retry(queued)
    // A conflict means that the pod has a node, or is another one by now: the informer will tell.
    if (!isUncertain(error) && !isApiError(error, 'NotFound', 'Conflict'))
      report(pod, { reason: 'SchedulerError', message: `binding rejected: ${error.message}` })
  }

  feed.follow(informers)
  for (const informer of Object.values(informers)) informer.run(stop.signal).catch(onFailure)
  const synced = Promise.all(Object.values(informers).map((informer) => informer.synced)).then(() => undefined)
  Promise.all([synced, leading]).then(() => {
    mayAct = true
    requestPump()
  }, onFailure)

  return {
    synced,
    metrics: metrics.all,
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
