import type { KubeObject } from '../../shared/api/kind.ts'

/**
 * The watch cache's contract. One cache per resource holds every object once, parsed and as bytes. It is fed by the
 * store's watch alone, so a second API server on the same store sees the same.
 */
export interface CachedObject<Object extends KubeObject = KubeObject> {
  /** `namespace/name`, or `name` for cluster-scoped kinds. */
  key: string
  /** The object with its `metadata.resourceVersion`. Shared: never changed in place. */
  object: Object
  /** The object's JSON in UTF-8, as it is sent to clients; made by `jsonBytes`. */
  json: Buffer
  revision: number
}

/**
 * One change of one object as a selection sees it: `current` alone is an object that came into the selection, both are
 * one that changed within it, `previous` alone is one that was deleted or left it.
 */
export interface CacheEvent<Object extends KubeObject = KubeObject> {
  revision: number
  /** The object after the change, where it is in the selection. */
  current?: CachedObject<Object>
  /**
   * The object before the change, where it was in the selection. Where `current` is absent, this last state has the
   * change's revision as its version, in `object` and `json`.
   */
  previous?: CachedObject<Object>
}

export interface CacheSelection<Object extends KubeObject = KubeObject> {
  /** Only this namespace. Default: all. */
  namespace?: string
  /** Only this object. */
  name?: string
  /** One of INDEXED_FIELDS and the value it must have, e.g. `spec.nodeName`. A narrowing only: `matches` must check it too. */
  index?: { field: string; value: string }
  /** Label and field selectors, as one predicate. Default: everything. */
  matches?(object: Object): boolean
  /** The text of what `matches` checks. Watches whose selections are equal in all texts are matched once for all. */
  selector?: string
}

/** A watcher was too slow: its buffer reached its bound and was dropped. The client lists again. */
export class SlowWatcherError extends Error {
  override readonly name = 'SlowWatcherError'
}

export interface CacheWatch<Object extends KubeObject = KubeObject> {
  /**
   * Batches of events of the selection, in order, each once; ends with the signal or the cache. Throws SlowWatcherError.
   * Watches of equal selections are handed the same arrays and events, so what is made of them can be made once.
   */
  [Symbol.asyncIterator](): AsyncIterator<readonly CacheEvent<Object>[]>
  /** The revision up to which everything has been delivered: what a bookmark says. */
  readonly deliveredRevision: number
}

export interface ResourceCache<Object extends KubeObject = KubeObject> {
  /** The newest revision of the store that this cache has seen (of any resource). */
  readonly revision: number
  /** How many changes of its own resource it has seen: what was made from its objects is current while this stays. */
  readonly changes: number
  /** How many objects it holds. */
  readonly size: number
  get(key: string): CachedObject<Object> | undefined
  /** Objects in key order. Whole lists, and those of a namespace, are the same array as long as nothing has changed. */
  list(selection: CacheSelection<Object>): readonly CachedObject<Object>[]
  /** Resolves once the cache has seen `revision`; rejects with a Timeout ApiError after a bounded wait. */
  waitFor(revision: number, signal?: AbortSignal): Promise<void>
  /**
   * Every change after revision `after` that touches the selection (before or after the change). Throws an Expired
   * ApiError when the cache's history no longer reaches back to `after`.
   */
  watch(after: number, selection: CacheSelection<Object>, signal: AbortSignal): CacheWatch<Object>
}
