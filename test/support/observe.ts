import type { KubeObject } from '../../shared/api/kind.ts'
import type { Client } from '../../shared/client/client.ts'
import type { Resource } from '../../shared/client/resource.ts'
import { systemClock } from '../../shared/clock.ts'
import { createInformer } from '../../shared/controller/informer.ts'
import { createLogger } from '../../shared/log.ts'

/** How much of a resource is shown where it does not come to its state. */
const SHOWN_MAX = 20_000

export interface Observer<Object extends KubeObject> {
  list(): Object[]
  get(key: string): Object | undefined
  /** Calls `see` with what there is, and with every change, until the returned function is called. */
  follow(see: (object: Object) => void): () => void
  /**
   * Resolves with what `find` returns as soon as that is not undefined: it is asked now and after every change of the
   * resource. Rejects after `timeoutMs` with what the resource then holds.
   */
  until<Found>(find: (objects: Object[]) => Found | undefined, timeoutMs?: number): Promise<Found>
}

/** Watches a resource of a real API server, so that tests can wait for the state that they expect, not for time. */
export function observe<Object extends KubeObject>(
  client: Client,
  resource: Resource<Object>,
  signal: AbortSignal,
): Observer<Object> {
  const logger = createLogger('observer', 'error')
  const informer = createInformer({ client, resource, clock: systemClock, logger })
  const running = informer.run(signal)
  return {
    list: () => informer.store.list(),
    get: (key) => informer.store.get(key),
    follow: (see) => informer.subscribe({ add: see, update: (_old, now) => see(now), delete: see }),
    async until<Found>(find: (objects: Object[]) => Found | undefined, timeoutMs = 60_000): Promise<Found> {
      await Promise.race([informer.synced, running])
      const { promise, resolve, reject } = Promise.withResolvers<Found>()
      const look = () => {
        const found = find(informer.store.list())
        if (found !== undefined) resolve(found)
      }
      const unsubscribe = informer.subscribe({ add: look, update: look, delete: look })
      look()
      const timer = setTimeout(() => {
        const held = JSON.stringify(informer.store.list(), undefined, 1).slice(0, SHOWN_MAX)
        reject(new Error(`${resource.plural} did not come to the expected state; they are ${held}`))
      }, timeoutMs)
      try {
        return await promise
      } finally {
        clearTimeout(timer)
        unsubscribe()
      }
    },
  }
}
