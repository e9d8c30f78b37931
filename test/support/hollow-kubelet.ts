/**
 * Stands in for the kubelets of all nodes, without running anything: pods become Running and Ready as soon as they are
 * seen, and are gone as soon as they are deleted, for tests of controllers on the real API server.
 */
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Client } from '../../shared/client/client.ts'
import { pods } from '../../shared/client/resources.ts'
import { type Clock, systemClock, toTime } from '../../shared/clock.ts'
import { createInformer } from '../../shared/controller/informer.ts'
import { isApiError } from '../../shared/errors.ts'
import { createLogger } from '../../shared/log.ts'

export interface HollowKubelet {
  /** Looks at all pods again, after what `isHealthy` or `mayEnd` answers has changed. */
  look(): void
  close(): Promise<void>
}

export interface HollowKubeletOptions {
  /** Times of conditions. Default: the system's. */
  clock?: Clock
  /** Whether a pod becomes ready. Default: all do. */
  isHealthy?: (pod: Pod) => boolean
  /** Whether a deleted pod ends. Default: all do. */
  mayEnd?: (pod: Pod) => boolean
}

const isReady = ({ status }: Pod) =>
  status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')

export function startHollowKubelet(client: Client, options: HollowKubeletOptions = {}): HollowKubelet {
  const { clock = systemClock, isHealthy = () => true, mayEnd = () => true } = options
  const stop = new AbortController()
  const logger = createLogger('hollow-kubelet', 'error')
  const informer = createInformer({ client, resource: pods, clock: systemClock, logger })

  async function act(pod: Pod): Promise<void> {
    const { name, namespace = '', uid, deletionTimestamp } = pod.metadata
    if (deletionTimestamp !== undefined) {
      if (mayEnd(pod)) {
        await client.delete(pods, { name, namespace }, { gracePeriodSeconds: 0, preconditions: { uid } })
      }
    } else if (!isReady(pod) && isHealthy(pod)) {
      const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: toTime(clock.nowMs()) }]
      const body = { metadata: { uid }, status: { phase: 'Running', conditions } }
      await client.patch(pods, { name, namespace }, { type: 'strategic', body, subresource: 'status' })
    }
  }

  function see(pod: Pod): void {
    act(pod).catch((error) => {
      // The pod is gone, or the test is over.
      if (!isApiError(error, 'NotFound', 'Conflict') && !stop.signal.aborted) throw error
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
