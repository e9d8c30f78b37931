/**
 * The ConfigMaps and Secrets that the volumes of this node's pods name, and no others: each is watched by itself, from
 * its first use to the end of the last pod that uses it. So a node needs, and is given, nothing else.
 */
import type { KubeObject } from '../../shared/api/kind.ts'
import type { Client } from '../../shared/client/client.ts'
import type { Resource } from '../../shared/client/resource.ts'
import type { Clock } from '../../shared/clock.ts'
import { createInformer, type Informer } from '../../shared/controller/informer.ts'
import type { Logger } from '../../shared/log.ts'
import { VolumeError } from './volume-error.ts'

/** How long a first look may take before the pod is told to wait. */
const SYNC_MAX_MS = 1_000

export interface WatchedObjectsOptions {
  client: Client
  clock: Clock
  logger: Logger
  /** An object that the pod uses has come, changed or gone. */
  onChange(podUid: string): void
  /** A watch broke in a way that is a defect. */
  onFailure(error: unknown): void
}

interface Watched {
  informer: Informer<KubeObject>
  stop: AbortController
  users: Set<string>
}

export class WatchedObjects {
  readonly #options: WatchedObjectsOptions
  readonly #watched = new Map<string, Watched>()

  constructor(options: WatchedObjectsOptions) {
    this.#options = options
  }

  /**
   * An object as it is now, or nothing where there is none; the pod is told of its changes from now on. Throws a
   * VolumeError where the API server does not say in time; the pod is told when it does.
   */
  async find<Object extends KubeObject>(
    resource: Resource<Object>,
    { namespace, name }: { namespace: string; name: string },
    podUid: string,
  ): Promise<Object | undefined> {
    const key = `${resource.plural}/${namespace}/${name}`
    const watched = this.#watched.get(key) ?? this.#watch(key, resource as Resource, { namespace, name })
    watched.users.add(podUid)
    const { informer } = watched
    if (!informer.isSynced && !(await this.#isSyncedInTime(informer))) {
      const kind = resource.kind.toLowerCase()
      throw new VolumeError(`failed to sync ${kind} cache: timed out waiting for the condition`)
    }
    return informer.store.get(`${namespace}/${name}`) as Object | undefined
  }

  /** The pod has ended, or uses no such objects any more. */
  release(podUid: string): void {
    for (const [key, { users, stop }] of this.#watched) {
      if (!users.delete(podUid) || users.size > 0) continue
      stop.abort()
      this.#watched.delete(key)
    }
  }

  stop(): void {
    for (const { stop } of this.#watched.values()) stop.abort()
    this.#watched.clear()
  }

  #watch(key: string, resource: Resource, { namespace, name }: { namespace: string; name: string }): Watched {
    const { client, clock, logger, onChange, onFailure } = this.#options
    const fieldSelector = `metadata.name=${name}`
    const informer = createInformer({ client, resource, namespace, fieldSelector, clock, logger })
    const watched: Watched = { informer, stop: new AbortController(), users: new Set() }
    const { signal } = watched.stop
    this.#watched.set(key, watched)
    informer.run(signal).catch((error) => signal.aborted || onFailure(error))
    // Whoever waits for the first look needs no notice of it; whoever has given up does.
    const startedMs = clock.nowMs()
    void informer.synced.then(() => {
      const tell = () => {
        for (const podUid of watched.users) onChange(podUid)
      }
      let isFirst = clock.nowMs() - startedMs < SYNC_MAX_MS
      const add = () => isFirst || tell()
      informer.subscribe({ add, update: tell, delete: tell })
      isFirst = false
      if (clock.nowMs() - startedMs >= SYNC_MAX_MS) tell()
    })
    return watched
  }

  async #isSyncedInTime({ synced }: Informer<KubeObject>): Promise<boolean> {
    const late = Promise.withResolvers<boolean>()
    const cancel = this.#options.clock.after(SYNC_MAX_MS, () => late.resolve(false))
    try {
      return await Promise.race([synced.then(() => true), late.promise])
    } finally {
      cancel()
    }
  }
}
