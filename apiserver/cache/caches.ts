/**
 * The caches of all resources, fed by one watch of the store. They begin a little in the past, so that watches of
 * clients resume where they were when the API server is started again.
 */
import type { Kind } from '../../shared/api/kind.ts'
import type { Clock } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import { storagePrefixOf } from '../storage/keys.ts'
import type { Storage, StorageEvent } from '../storage/storage.ts'
import type { ResourceCache } from './cache.ts'
import { createProgress } from './progress.ts'
import { KindCache } from './resource-cache.ts'

/** Revisions of the past that the caches replay at their start. */
const REPLAY_REVISIONS = 5000

/** Records that are read at a time: what becomes of them is all that stays. */
const LOAD_RECORDS = 1000

export interface CachesOptions {
  storage: Storage
  kinds: readonly Kind[]
  clock: Clock
  logger: Logger
}

export interface Caches {
  /** The cache of a registered kind. */
  cacheOf(kind: Kind): ResourceCache
  /** Begins to cache a kind that was not there at the start. Resolves when its cache is filled. */
  register(kind: Kind): Promise<ResourceCache>
  /** Forgets the cache of a kind, and ends its watches. */
  unregister(kind: Kind): void
  /** Resolves after `close`; rejects when the store's watch fails: no cache changes any more, the server must end. */
  readonly done: Promise<void>
  /** Ends all watches. */
  close(): Promise<void>
}

/** `/GROUP/RESOURCE/` of a key. */
const prefixOf = (key: string) => key.slice(0, key.indexOf('/', key.indexOf('/', 1) + 1) + 1)

/** Fills a cache per kind and follows the store. Resolves when they show everything that was in the store. */
export async function startCaches({ storage, kinds, clock, logger }: CachesOptions): Promise<Caches> {
  const present = await storage.currentRevision()
  const start = Math.max(await storage.compactedRevision(), present - REPLAY_REVISIONS)
  const progress = createProgress(clock, start)
  const stop = new AbortController()
  const caches = new Map<string, KindCache>()
  /** Changes of kinds whose caches are being filled. */
  const arriving = new Map<string, StorageEvent[]>()

  async function fill(kind: Kind): Promise<KindCache> {
    const prefix = storagePrefixOf(kind)
    const changes: StorageEvent[] = []
    arriving.set(prefix, changes)
    try {
      const { revision } = progress
      const cache = new KindCache({ kind, progress, logger, revision })
      let after: string | undefined
      for (;;) {
        const { records, more } = await storage.range(prefix, { revision, limit: LOAD_RECORDS, after })
        cache.load(records)
        if (!more) break
        after = records.at(-1)!.key
      }
      for (const change of changes) cache.apply(change)
      caches.set(prefix, cache)
      return cache
    } finally {
      arriving.delete(prefix)
    }
  }

  function dispatch(batch: readonly StorageEvent[]): void {
    const touched = new Set<KindCache>()
    for (const change of batch) {
      const prefix = prefixOf(change.key)
      const cache = caches.get(prefix)
      if (cache === undefined) {
        arriving.get(prefix)?.push(change)
        continue
      }
      cache.apply(change)
      touched.add(cache)
    }
    progress.advance(batch.at(-1)!.revision)
    for (const cache of touched) cache.flush()
  }

  async function follow(): Promise<void> {
    for await (const batch of storage.watch(start, stop.signal)) dispatch(batch)
    for (const cache of caches.values()) cache.close()
  }

  for (const kind of kinds) await fill(kind)
  const done = follow()
  await Promise.race([progress.waitFor(present), done])
  logger.debug({ revision: progress.revision, kinds: caches.size }, 'caches are filled')

  const cacheOf = (kind: Kind): KindCache => {
    const cache = caches.get(storagePrefixOf(kind))
    if (cache === undefined) throw new Error(`no cache of ${kind.plural}`)
    return cache
  }
  return {
    cacheOf,
    register: fill,
    unregister(kind) {
      cacheOf(kind).close()
      caches.delete(storagePrefixOf(kind))
    },
    // A promise of its own: were nobody to look at it, its failure would end the process.
    done: done.then(() => undefined),
    async close() {
      stop.abort()
      await done
    },
  }
}
