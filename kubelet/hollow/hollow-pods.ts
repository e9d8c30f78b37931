/** Lets the pods of hollow nodes pretend to live: reports what real ones would have reported, and runs nothing. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Client, ObjectKey } from '../../shared/client/client.ts'
import { pods as podResource } from '../../shared/client/resources.ts'
import { type Clock, delay } from '../../shared/clock.ts'
import type { Informer } from '../../shared/controller/informer.ts'
import { isApiError } from '../../shared/errors.ts'
import {
  endedStatus,
  type HollowBehaviour,
  hasEnded,
  nextStep,
  type Place,
  runningStatus,
  type Step,
} from './hollow-status.ts'

/** What a container that is killed ends with. */
const KILLED = 137
/** Wait before a report is tried again while the API server is away. */
const RETRY_MS = 200

export interface HollowPodsOptions {
  client: Client
  clock: Clock
  /** Pods of all nodes, not yet running. */
  informer: Informer<Pod>
  /** Addresses of the nodes whose pods these are, by name. */
  nodes: ReadonlyMap<string, { ip: string }>
  behaviour: HollowBehaviour
  signal: AbortSignal
  /** Receives what is no outage of the server. */
  onFailure(error: unknown): void
}

const keyOf = ({ metadata: { name, namespace } }: Pod): ObjectKey => ({
  name,
  ...(namespace !== undefined && { namespace }),
})

/** An address like that of a pod, out of a range that no host uses. Different pods may share one: nobody connects to it. */
const addressOf = (count: number) => `10.${(count >> 16) & 255}.${(count >> 8) & 255}.${count & 255}`

/** Looks after the pods as they come, until the signal aborts. At most one step of a pod is under way or planned. */
export function lookAfterHollowPods(options: HollowPodsOptions): void {
  const { client, clock, informer, nodes, behaviour, signal, onFailure } = options
  const planned = new Map<string, { step: Step['do']; cancel(): void }>()
  let started = 0

  const patch = (pod: Pod, status: object) =>
    client.patch(podResource, keyOf(pod), {
      type: 'strategic',
      body: { metadata: { uid: pod.metadata.uid }, status },
      subresource: 'status',
    })

  const placeOf = (pod: Pod): Place => ({
    nodeIp: nodes.get(pod.spec.nodeName ?? '')?.ip ?? '',
    podIp: addressOf(++started),
  })

  const actions: Record<Step['do'], (pod: Pod) => Promise<unknown>> = {
    run: (pod) => patch(pod, runningStatus(pod, { ...placeOf(pod), nowMs: clock.nowMs() })),
    end(pod) {
      const place = pod.status.phase === 'Running' ? undefined : placeOf(pod)
      return patch(pod, endedStatus(pod, { exitCode: behaviour.exitCode, nowMs: clock.nowMs(), place }))
    },
    async remove(pod) {
      // Whoever holds the pod by a finalizer wants to know how it ended.
      const isHeld = (pod.metadata.finalizers ?? []).length > 0
      if (isHeld && !hasEnded(pod)) await patch(pod, endedStatus(pod, { exitCode: KILLED, nowMs: clock.nowMs() }))
      const { uid } = pod.metadata
      await client.delete(podResource, keyOf(pod), { gracePeriodSeconds: 0, preconditions: { uid } })
    },
  }

  async function perform(step: Step['do'], pod: Pod): Promise<void> {
    while (!signal.aborted) {
      try {
        await actions[step](pod)
        return
      } catch (error) {
        // Gone, or another pod by now.
        if (isApiError(error, 'NotFound', 'Conflict')) return
        if (!isApiError(error, 'ServiceUnavailable', 'Timeout', 'TooManyRequests')) throw error
        // An abort ends the wait, and with it the loop.
        await delay(clock, RETRY_MS, signal).catch(() => undefined)
      }
    }
  }

  const fail = (error: unknown) => {
    if (!signal.aborted) onFailure(error)
  }

  function look(pod: Pod): void {
    const { uid } = pod.metadata
    if (!nodes.has(pod.spec.nodeName ?? '')) return
    const next = nextStep(pod, behaviour, clock.nowMs())
    const known = planned.get(uid)
    if (next?.do === known?.step) return
    known?.cancel()
    planned.delete(uid)
    if (next === undefined) return
    const act = () => void perform(next.do, pod).catch(fail)
    const cancel = next.afterMs > 0 ? clock.after(next.afterMs, act) : () => undefined
    planned.set(uid, { step: next.do, cancel })
    if (next.afterMs === 0) act()
  }

  informer.subscribe({
    add: look,
    update: (_old, pod) => look(pod),
    delete({ metadata: { uid } }) {
      planned.get(uid)?.cancel()
      planned.delete(uid)
    },
  })
  signal.addEventListener('abort', () => {
    for (const { cancel } of planned.values()) cancel()
  })
}
