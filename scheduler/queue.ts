/**
 * The pods that wait to be scheduled. Each is in one of four places:
 * - active: to be tried next, by priority, then in order of arrival;
 * - waiting: tried without success and woken since, or failed to be bound; not before its back-off is over, but where
 *   nothing else is to be done a woken pod is tried at once (upstream's SchedulerPopFromBackoffQ);
 * - unschedulable: no node will do, until something changes that could help, or for five minutes;
 * - in hand: taken out by `pop`, until `reject`, `retry` or `done` says what became of it.
 * The queue holds no more than the informer's store: one entry for each pod without a node.
 */
import type { Clock } from '../shared/clock.ts'
import type { PodInfo } from './framework.ts'

export interface QueuedPod {
  info: PodInfo
  /** How often it has been tried. */
  attempts: number
  /** When it came to the queue, or was put back to it. */
  queuedAtMs: number
  /** The filters because of which no node would do at its last try. */
  rejectors: ReadonlySet<string>
  place: 'active' | 'waiting' | 'unschedulable' | 'in hand'
  /** When its back-off is over. */
  readyAtMs: number
  /** Whether the last try failed for an error, not for want of a node: then the back-off is always waited for. */
  isFailed: boolean
}

export interface QueueOptions {
  clock: Clock
  /** There may be something to `pop`; not to be done within the call, as the queue is still at work. */
  onReady(): void
  /** Back-off after the first try; doubles with each further one, up to the maximum. */
  backOffMinMs: number
  backOffMaxMs: number
  /** How long a pod is left unschedulable at most without another try. */
  unschedulableMaxMs: number
}

/** How many pods are where, by upstream's names of the queues. */
export type QueueSizes = Readonly<Record<'active' | 'backoff' | 'unschedulable', number>>

export interface SchedulingQueue {
  /** A pod that is new to the queue. */
  add(info: PodInfo): void
  /** A pod has changed: if so that it may fit now (`mayHelp`), it is woken. False when the queue does not have it. */
  update(info: PodInfo, mayHelp: boolean): boolean
  remove(uid: string): void
  /** The next pod to try. */
  pop(): QueuedPod | undefined
  /** No node would do, because of the named filters. */
  reject(pod: QueuedPod, rejectors: ReadonlySet<string>): void
  /** A node would do but the pod could not be bound to it. */
  retry(pod: QueuedPod): void
  /** The pod has a node, or is gone. */
  done(pod: QueuedPod): void
  /** Wakes the unschedulable pods that `mayHelp` says may fit now. */
  wake(mayHelp: (pod: QueuedPod) => boolean): void
  readonly size: number
  readonly sizes: QueueSizes
  close(): void
}

/** Before: is to be tried first. */
const isBefore = (a: QueuedPod, b: QueuedPod) =>
  a.info.priority > b.info.priority || (a.info.priority === b.info.priority && a.queuedAtMs < b.queuedAtMs)

/** Inserts behind all that are not after it. */
function insert(sorted: QueuedPod[], pod: QueuedPod, before: (a: QueuedPod, b: QueuedPod) => boolean): void {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (before(pod, sorted[middle]!)) high = middle
    else low = middle + 1
  }
  sorted.splice(low, 0, pod)
}

function drop(list: QueuedPod[], pod: QueuedPod): void {
  const index = list.indexOf(pod)
  if (index !== -1) list.splice(index, 1)
}

export function createQueue(options: QueueOptions): SchedulingQueue {
  const { clock, onReady, backOffMinMs, backOffMaxMs, unschedulableMaxMs } = options
  const pods = new Map<string, QueuedPod>()
  const active: QueuedPod[] = []
  /** By the end of their back-off. */
  const waiting: QueuedPod[] = []
  /** In the order in which they were rejected. */
  const unschedulable = new Set<QueuedPod>()
  let timer: { dueMs: number; cancel(): void } | undefined

  function leave(pod: QueuedPod): void {
    if (pod.place === 'active') drop(active, pod)
    else if (pod.place === 'waiting') drop(waiting, pod)
    else if (pod.place === 'unschedulable') unschedulable.delete(pod)
  }

  function activate(pod: QueuedPod): void {
    leave(pod)
    pod.place = 'active'
    insert(active, pod, isBefore)
    onReady()
  }

  function wait(pod: QueuedPod): void {
    if (pod.readyAtMs <= clock.nowMs()) {
      activate(pod)
      return
    }
    leave(pod)
    pod.place = 'waiting'
    insert(waiting, pod, (a, b) => a.readyAtMs < b.readyAtMs)
    setTimer()
    // Should there be nothing else to do, it is popped before its time.
    if (!pod.isFailed) onReady()
  }

  function onTimer(): void {
    timer = undefined
    const nowMs = clock.nowMs()
    for (const pod of waiting.filter(({ readyAtMs }) => readyAtMs <= nowMs)) activate(pod)
    for (const pod of [...unschedulable]) if (pod.queuedAtMs + unschedulableMaxMs <= nowMs) activate(pod)
    setTimer()
  }

  /** Sets the one timer for the first thing that becomes due. */
  function setTimer(): void {
    const [rejected] = unschedulable
    const dueMs = Math.min(
      waiting[0]?.readyAtMs ?? Number.POSITIVE_INFINITY,
      rejected === undefined ? Number.POSITIVE_INFINITY : rejected.queuedAtMs + unschedulableMaxMs,
    )
    if (timer !== undefined && timer.dueMs <= dueMs) return
    timer?.cancel()
    timer = undefined
    if (dueMs === Number.POSITIVE_INFINITY) return
    timer = { dueMs, cancel: clock.after(Math.max(0, dueMs - clock.nowMs()), onTimer) }
  }

  const isKnown = (pod: QueuedPod) => pods.get(pod.info.uid) === pod

  function tried(pod: QueuedPod, isFailed: boolean): void {
    const nowMs = clock.nowMs()
    pod.isFailed = isFailed
    pod.queuedAtMs = nowMs
    pod.readyAtMs = nowMs + Math.min(backOffMaxMs, backOffMinMs * 2 ** (pod.attempts - 1))
  }

  return {
    add(info) {
      const nowMs = clock.nowMs()
      const pod: QueuedPod = {
        info,
        attempts: 0,
        rejectors: new Set(),
        queuedAtMs: nowMs,
        place: 'in hand',
        readyAtMs: nowMs,
        isFailed: false,
      }
      pods.set(info.uid, pod)
      activate(pod)
    },
    update(info, mayHelp) {
      const pod = pods.get(info.uid)
      if (pod === undefined) return false
      pod.info = info
      if (mayHelp && pod.place === 'unschedulable') wait(pod)
      return true
    },
    remove(uid) {
      const pod = pods.get(uid)
      if (pod === undefined) return
      leave(pod)
      pods.delete(uid)
    },
    pop() {
      const pod = active[0] ?? waiting.find(({ isFailed }) => !isFailed)
      if (pod === undefined) return undefined
      leave(pod)
      pod.place = 'in hand'
      pod.attempts++
      return pod
    },
    reject(pod, rejectors) {
      if (!isKnown(pod)) return
      tried(pod, false)
      pod.rejectors = rejectors
      pod.place = 'unschedulable'
      unschedulable.add(pod)
      setTimer()
    },
    retry(pod) {
      if (!isKnown(pod)) return
      tried(pod, true)
      wait(pod)
    },
    done(pod) {
      if (isKnown(pod)) pods.delete(pod.info.uid)
    },
    wake(mayHelp) {
      for (const pod of [...unschedulable]) if (mayHelp(pod)) wait(pod)
    },
    get size() {
      return pods.size
    },
    get sizes() {
      return { active: active.length, backoff: waiting.length, unschedulable: unschedulable.size }
    },
    close() {
      timer?.cancel()
    },
  }
}
