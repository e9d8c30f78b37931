/** A kubelet without programs: pods run as soon as they are seen, and end as the test decides. */
import type { Pod } from '../../../shared/api/pod/pod.ts'
import type { Client } from '../../../shared/client/client.ts'
import { pods as podResource } from '../../../shared/client/resources.ts'
import { type Clock, systemClock, toTime } from '../../../shared/clock.ts'
import { createInformer } from '../../../shared/controller/informer.ts'
import { keyOf } from '../../../shared/controller/store.ts'
import { isApiError } from '../../../shared/errors.ts'
import { createLogger } from '../../../shared/log.ts'

/** An exit code, or that the pod runs on. */
export type Fate = number | 'runs'

export interface FakeKubelet {
  /** Looks at all pods again, after what `fateOf` answers has changed. */
  look(): void
  close(): Promise<void>
}

const hasEnded = ({ status }: Pod) => status.phase === 'Succeeded' || status.phase === 'Failed'

export function startFakeKubelet(
  client: Client,
  { clock, fateOf }: { clock: Clock; fateOf: (pod: Pod) => Fate },
): FakeKubelet {
  const stop = new AbortController()
  const logger = createLogger('fake-kubelet', 'error')
  const informer = createInformer({ client, resource: podResource, clock: systemClock, logger })
  const busy = new Set<string>()
  const targetOf = ({ metadata: { name, namespace = '' } }: Pod) => ({ name, namespace })

  const report = (pod: Pod, status: object) =>
    client.patch(podResource, targetOf(pod), {
      type: 'strategic',
      body: { metadata: { uid: pod.metadata.uid }, status },
      subresource: 'status',
    })

  const terminated = (exitCode: number) => {
    const state = { terminated: { exitCode, finishedAt: toTime(clock.nowMs()) } }
    const containerStatuses = [{ name: 'main', image: 'work', imageID: '', ready: false, restartCount: 0, state }]
    return { phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses }
  }

  async function act(pod: Pod): Promise<void> {
    const { uid, deletionTimestamp } = pod.metadata
    const isGoing = deletionTimestamp !== undefined
    const fate = isGoing ? 143 : fateOf(pod)
    if (!hasEnded(pod) && fate !== 'runs') await report(pod, terminated(fate))
    else if (!hasEnded(pod) && pod.status.phase !== 'Running') await report(pod, { phase: 'Running' })
    if (isGoing) await client.delete(podResource, targetOf(pod), { gracePeriodSeconds: 0, preconditions: { uid } })
  }

  function see(pod: Pod): void {
    const key = keyOf(pod)
    if (busy.has(key) || stop.signal.aborted) return
    busy.add(key)
    act(pod)
      .catch((error) => {
        // The pod is gone, or the test is over.
        if (!isApiError(error, 'NotFound', 'Conflict') && !stop.signal.aborted) throw error
      })
      .finally(() => {
        busy.delete(key)
        // What has changed meanwhile is looked at now.
        const current = informer.store.get(key)
        if (current !== undefined && current !== pod) see(current)
      })
  }

  informer.subscribe({ add: see, update: (_old, pod) => see(pod) })
  const running = informer.run(stop.signal)
  return {
    look: () => informer.store.list().forEach(see),
    async close() {
      stop.abort()
      await running
    },
  }
}
