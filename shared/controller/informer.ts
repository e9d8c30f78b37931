/**
 * A local copy of one resource, kept up to date by list and watch, and the changes of it, each told once and in order.
 * A watch that breaks is taken up again at the last version seen, so a restart of the API server costs nothing. Only
 * when the server no longer knows that version, or has gone back behind it, is the resource listed anew; handlers are
 * then told the differences.
 */
import type { KubeObject } from '../api/kind.ts'
import type { Client, ListOptions } from '../client/client.ts'
import { apiVersionOf, type Resource } from '../client/resource.ts'
import { type Clock, delay } from '../clock.ts'
import { expired, isApiError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { createBackOff } from './back-off.ts'
import { createStore, type Indexes, keyOf, type Store } from './store.ts'

/** Waits between tries to reach the server. */
const RETRY_MIN_MS = 50
const RETRY_MAX_MS = 1_000
/** A watch that lived this long, or brought anything, was a good one: the next begins at once. */
const GOOD_WATCH_MS = 1_000

export interface Handlers<Object extends KubeObject> {
  add?(object: Object): void
  update?(old: Object, current: Object): void
  /** `object` as it last was. */
  delete?(object: Object): void
}

export interface Informer<Object extends KubeObject> {
  readonly resource: Resource<Object>
  readonly store: Store<Object>
  /** Resolves once the first list is in the store; or when the informer is stopped, so that nobody waits for ever. */
  readonly synced: Promise<void>
  readonly isSynced: boolean
  /** Whether a watch is open, so that the store is as fresh as the network allows. */
  readonly isConnected: boolean
  /** Whether the store has seen the given `resourceVersion`, be it with an object that has changed or gone since. */
  hasSeen(resourceVersion: string): boolean
  /**
   * Calls back on every change, after the store has it. What is already in the store comes as `add` at once. The
   * handlers must not throw. Returns a function that ends the subscription.
   */
  subscribe(handlers: Handlers<Object>): () => void
  addIndexes(indexes: Indexes<Object>): void
  /** Lists and watches until the signal aborts. Call it once. */
  run(signal: AbortSignal): Promise<void>
}

export interface InformerOptions<Object extends KubeObject>
  extends Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector' | 'metadataOnly'> {
  client: Client
  resource: Resource<Object>
  clock: Clock
  logger: Logger
  indexes?: Indexes<Object>
  /** Source of the jitter between tries. */
  random?: () => number
}

export function createInformer<Object extends KubeObject>(options: InformerOptions<Object>): Informer<Object> {
  const { client, resource, clock, logger, indexes = {}, random } = options
  const { namespace, labelSelector, fieldSelector, metadataOnly } = options
  const selection = {
    ...(namespace !== undefined && { namespace }),
    ...(labelSelector !== undefined && { labelSelector }),
    ...(fieldSelector !== undefined && { fieldSelector }),
    ...(metadataOnly !== undefined && { metadataOnly }),
  }
  const store = createStore<Object>()
  store.addIndexes(indexes)
  const subscribers = new Set<Handlers<Object>>()
  const firstSync = Promise.withResolvers<void>()
  const backOff = createBackOff({ minMs: RETRY_MIN_MS, maxMs: RETRY_MAX_MS, ...(random !== undefined && { random }) })
  /** Up to which version the store has everything; undefined: list anew. */
  let version: string | undefined
  let isSynced = false
  let isConnected = false

  /** Without what nobody here reads: managed fields are often the larger half of an object. */
  function trimmed(object: Object): Object {
    delete object.metadata.managedFields
    if (metadataOnly !== true) return object
    return { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: object.metadata } as Object
  }

  function put(received: Object): void {
    const object = trimmed(received)
    const key = keyOf(object)
    const old = store.get(key)
    const isSame = old?.metadata.uid === object.metadata.uid
    if (isSame && old?.metadata.resourceVersion === object.metadata.resourceVersion) return
    // The name was freed and taken again in between: that is the end of one object and the begin of another.
    if (!isSame) remove(key)
    store.put(object)
    for (const { add, update } of subscribers) {
      if (isSame && old !== undefined) update?.(old, object)
      else add?.(object)
    }
  }

  function remove(key: string): void {
    const old = store.get(key)
    if (old === undefined) return
    store.delete(key)
    for (const subscriber of subscribers) subscriber.delete?.(old)
  }

  async function list(): Promise<void> {
    const { items, metadata } = await client.list(resource, selection)
    const present = new Set(items.map(keyOf))
    for (const object of store.list()) {
      const key = keyOf(object)
      if (!present.has(key)) remove(key)
    }
    for (const object of items) put(object)
    version = metadata.resourceVersion
    isSynced = true
    firstSync.resolve()
  }

  /** Follows the changes after `after`; ends as the watch ends. Tells whether anything came. */
  async function follow(after: string, signal: AbortSignal): Promise<boolean> {
    let received = false
    const onOpen = () => {
      isConnected = true
    }
    const watchOptions = { ...selection, resourceVersion: after, allowWatchBookmarks: true, onOpen }
    for await (const event of client.watch(resource, watchOptions, signal)) {
      const { resourceVersion } = event.object.metadata
      // One counter numbers all writes. A smaller one than before means another history, such as a restored store.
      if (Number(resourceVersion) < Number(version)) throw expired(`version ${resourceVersion} came after ${version}`)
      if (event.type === 'DELETED') remove(keyOf(event.object))
      else if (event.type !== 'BOOKMARK') put(event.object)
      version = resourceVersion
      received = true
    }
    return received
  }

  /** Decides how to go on after a failure of the server or the network; anything else is a defect and is thrown. */
  function interrupted(error: unknown): void {
    if (!isApiError(error)) throw error
    // Timeout: the version lies in the future of a server whose store has lost its end.
    if (isApiError(error, 'Expired', 'Gone', 'Timeout')) version = undefined
    const isOutage = isApiError(error, 'ServiceUnavailable', 'Expired', 'Gone')
    logger[isOutage ? 'debug' : 'warn']({ resource: resource.plural, error: error.message }, 'Watch was interrupted')
  }

  /** One list, where needed, and one watch. Tells whether it went well enough to go on without a pause. */
  async function listAndWatch(signal: AbortSignal): Promise<boolean> {
    const startedMs = clock.nowMs()
    try {
      if (version === undefined) await list()
      if (signal.aborted || version === undefined) return true
      return (await follow(version, signal)) || clock.nowMs() - startedMs >= GOOD_WATCH_MS
    } catch (error) {
      if (!signal.aborted) interrupted(error)
      return false
    } finally {
      isConnected = false
    }
  }

  return {
    resource,
    store,
    synced: firstSync.promise,
    get isSynced() {
      return isSynced
    },
    get isConnected() {
      return isConnected
    },
    hasSeen: (resourceVersion) => version !== undefined && Number(version) >= Number(resourceVersion),
    subscribe(handlers) {
      for (const object of store.list()) handlers.add?.(object)
      subscribers.add(handlers)
      return () => subscribers.delete(handlers)
    },
    addIndexes: (added) => store.addIndexes(added),
    async run(signal) {
      while (!signal.aborted) {
        if (await listAndWatch(signal)) backOff.reset()
        // An abort ends the wait, and with it the loop.
        else await delay(clock, backOff.nextMs(), signal).catch(() => undefined)
      }
      firstSync.resolve()
    },
  }
}
