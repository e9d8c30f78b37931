import type { KubeObject } from '../api/kind.ts'
import type { Client } from '../client/client.ts'
import { pathOf, type Resource } from '../client/resource.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import { createInformer, type Informer } from './informer.ts'
import type { Indexes } from './store.ts'

/** The informers of a process: whoever asks for a resource shares its one watch and its one copy. */
export interface Informers {
  /** The informer of a resource, running; `indexes` are added to those that it has. */
  get<Object extends KubeObject>(resource: Resource<Object>, indexes?: Indexes<NoInfer<Object>>): Informer<Object>
  /**
   * An informer of which only type and metadata count: the whole objects' if somebody watches them anyway, else one
   * that leaves the rest on the server.
   */
  getMetadata(resource: Resource, indexes?: Indexes<KubeObject>): Informer<KubeObject>
  /** Stops the informer that `getMetadata` has started for a resource, if any: nothing serves the resource any more. */
  forgetMetadata(resource: Resource): void
  /** Resolves when all informers that exist now have listed their resource once. */
  synced(): Promise<void>
}

/**
 * Starts informers as they are asked for, and stops them when the signal aborts. `onFailure` receives what breaks one
 * of them: never an outage of the server, always a defect of this program.
 */
export function createInformers({
  client,
  clock,
  logger,
  signal,
  onFailure,
}: {
  client: Client
  clock: Clock
  logger: Logger
  signal: AbortSignal
  onFailure(error: unknown): void
}): Informers {
  const whole = new Map<string, Informer<KubeObject>>()
  const metadata = new Map<string, Informer<KubeObject>>()
  const stops = new Map<Informer<KubeObject>, AbortController>()

  function started(informers: Map<string, Informer<KubeObject>>, resource: Resource, metadataOnly: boolean) {
    const path = pathOf(resource)
    const known = informers.get(path)
    if (known !== undefined) return known
    const informer = createInformer({ client, resource, clock, logger, ...(metadataOnly && { metadataOnly }) })
    informers.set(path, informer)
    const stop = new AbortController()
    stops.set(informer, stop)
    informer.run(AbortSignal.any([signal, stop.signal])).catch(onFailure)
    return informer
  }

  return {
    get<Object extends KubeObject>(resource: Resource<Object>, indexes: Indexes<Object> = {}) {
      // The map holds informers of all types; the path leads to the one of this resource's type.
      const informer = started(whole, resource as Resource, false) as unknown as Informer<Object>
      informer.addIndexes(indexes)
      return informer
    },
    getMetadata(resource, indexes = {}) {
      const informer = whole.get(pathOf(resource)) ?? started(metadata, resource, true)
      informer.addIndexes(indexes)
      return informer
    },
    forgetMetadata(resource) {
      const path = pathOf(resource)
      const informer = metadata.get(path)
      if (informer === undefined) return
      metadata.delete(path)
      stops.get(informer)?.abort()
      stops.delete(informer)
    },
    async synced() {
      await Promise.all([...whole.values(), ...metadata.values()].map((informer) => informer.synced))
    },
  }
}
