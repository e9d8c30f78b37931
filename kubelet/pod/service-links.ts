/** The cluster's Services, as the containers of this node are told of them. */
import type { Service } from '../../shared/api/service/service.ts'
import type { Client } from '../../shared/client/client.ts'
import { services } from '../../shared/client/resources.ts'
import type { Clock } from '../../shared/clock.ts'
import { createInformer, type Informer } from '../../shared/controller/informer.ts'
import type { Logger } from '../../shared/log.ts'
import { ConfigError } from './environment.ts'

/** How long a container waits for the first list. */
const SYNC_MAX_MS = 1_000

export interface ServiceLinks {
  /** All Services. Throws a ConfigError where the API server has not told of them in time. */
  list(): Promise<Service[]>
}

export interface ServiceLinksOptions {
  client: Client
  clock: Clock
  logger: Logger
  signal: AbortSignal
  /** Receives what breaks the kubelet. */
  onFailure(error: unknown): void
}

/** Follows the Services from the first container on: a node is Ready before it needs them. */
export function createServiceLinks({ client, clock, logger, signal, onFailure }: ServiceLinksOptions): ServiceLinks {
  let informer: Informer<Service> | undefined

  function start(): Informer<Service> {
    const started = createInformer({ client, resource: services, clock, logger })
    started.run(signal).catch((error) => signal.aborted || onFailure(error))
    return started
  }

  async function isSyncedInTime({ synced }: Informer<Service>): Promise<boolean> {
    const late = Promise.withResolvers<boolean>()
    const cancel = clock.after(SYNC_MAX_MS, () => late.resolve(false))
    try {
      return await Promise.race([synced.then(() => true), late.promise])
    } finally {
      cancel()
    }
  }

  return {
    async list() {
      informer ??= start()
      if (!informer.isSynced && !(await isSyncedInTime(informer))) {
        throw new ConfigError('services have not yet been read at least once, cannot construct envvars')
      }
      return informer.store.list()
    },
  }
}
