import type { Kind } from '../../shared/api/kind.ts'
import { expired } from '../../shared/errors.ts'
import type { Logger } from '../../shared/log.ts'
import { decodeStored, withRevision } from '../codec/encode.ts'
import { createFieldSetPool } from '../managed-fields/field-set-pool.ts'
import { cacheKeyFrom } from '../storage/keys.ts'
import type { StorageEvent, StoredRecord } from '../storage/storage.ts'
import type { CachedObject, CacheEvent, CacheSelection, CacheWatch, ResourceCache } from './cache.ts'
import { createFanOut, type FanOut } from './fan-out.ts'
import { createHistory, type History } from './history.ts'
import { createObjectStore, type ObjectStore } from './objects.ts'
import type { Progress } from './progress.ts'
import { indexesOf, lastState, viewOf } from './selection.ts'
import { Watcher } from './watcher.ts'

interface ResourceCacheOptions {
  kind: Kind
  progress: Progress
  logger: Logger
  /** The revision at which it is loaded. */
  revision: number
}

/** The cache of one resource: loaded once, as of a revision, then told each change of its keys once, in order: `apply`, then `flush` for its watches. */
export class KindCache implements ResourceCache {
  readonly #kind: Kind
  readonly #progress: Progress
  readonly #logger: Logger
  readonly #objects: ObjectStore
  readonly #history: History
  readonly #fanOut: FanOut
  readonly #shareFieldSets = createFieldSetPool()
  #changes = 0
  #isClosed = false

  constructor({ kind, progress, logger, revision }: ResourceCacheOptions) {
    const indexes = indexesOf(kind)
    this.#kind = kind
    this.#progress = progress
    this.#logger = logger
    this.#objects = createObjectStore(kind, indexes)
    this.#history = createHistory(revision)
    this.#fanOut = createFanOut(kind, indexes)
  }

  /** Takes in some of the objects that were there at the cache's revision. */
  load(records: readonly StoredRecord[]): void {
    for (const { key, value, revision } of records) this.#objects.set(this.#cached(key, value, revision))
  }

  get revision(): number {
    return this.#progress.revision
  }

  get changes(): number {
    return this.#changes
  }

  get size(): number {
    return this.#objects.size
  }

  get(key: string): CachedObject | undefined {
    return this.#objects.get(key)
  }

  list(selection: CacheSelection): readonly CachedObject[] {
    return this.#objects.list(selection)
  }

  waitFor(revision: number, signal?: AbortSignal): Promise<void> {
    return this.#progress.waitFor(revision, signal)
  }

  watch(after: number, selection: CacheSelection, signal: AbortSignal): CacheWatch {
    const { start } = this.#history
    if (after < start) throw expired(`too old resource version: ${after} (${start})`)
    const missed = this.#history
      .after(after)
      .map((event) => viewOf(selection, event))
      .filter((event) => event !== undefined)
    let remove: (() => void) | undefined
    const watcher = new Watcher({
      after,
      signal,
      seen: () => this.#progress.revision,
      onEnd: (reason) => {
        remove?.()
        if (reason === 'slow')
          this.#logger.warn({ resource: this.#kind.plural }, 'a watch was too slow and has been ended')
      },
    })
    if (this.#isClosed) watcher.end()
    if (signal.aborted || this.#isClosed) return watcher
    remove = this.#fanOut.add(selection, watcher)
    if (missed.length > 0) watcher.push(missed)
    return watcher
  }

  /** Takes in one change of the store. */
  apply({ key: storageKey, value, revision, previous: replaced }: StorageEvent): void {
    const key = cacheKeyFrom(this.#kind, storageKey)
    const previous = this.#objects.get(key)
    if ((previous?.revision ?? 0) !== replaced)
      throw new Error(`revision ${revision} of ${storageKey} replaces ${replaced}, the cache has ${previous?.revision}`)
    const event: CacheEvent = { revision }
    if (value === undefined) {
      this.#objects.delete(previous!)
      event.previous = lastState(previous!, revision)
    } else {
      event.current = this.#cached(storageKey, value, revision)
      if (previous !== undefined) event.previous = previous
      this.#objects.set(event.current)
    }
    this.#changes++
    this.#history.push(event)
    this.#fanOut.offer(event)
  }

  /** Hands the changes since the last flush to the watches. */
  flush(): void {
    this.#fanOut.flush()
  }

  /** Ends all watches, and those that are begun later. */
  close(): void {
    this.#isClosed = true
    this.#fanOut.endAll()
  }

  #cached(storageKey: string, value: string, revision: number): CachedObject {
    const object = decodeStored(value, revision)
    this.#shareFieldSets(object)
    return {
      key: cacheKeyFrom(this.#kind, storageKey),
      object,
      json: withRevision(value, this.#kind, revision),
      revision,
    }
  }
}
