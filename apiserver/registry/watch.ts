import type { CachedObject, CacheEvent } from '../cache/cache.ts'
import { type ListQuery, parseFlag, parseRevision, validateWatchQuery } from './list-options.ts'
import { catchUp, type Resource } from './resource.ts'
import { selectionOf } from './selection.ts'

export interface ObjectWatch {
  /** What there is when the watch begins, if it was asked for. */
  initial: readonly CachedObject[]
  /** The revision that `initial` shows; present where the client wants to be told that it is complete. */
  initialRevision?: number
  /** Batches of changes, in order, each once. Throws SlowWatcherError. */
  changes: AsyncIterable<readonly CacheEvent[]>
  /** The revision up to which everything has been delivered. */
  deliveredRevision(): number
}

/** Waits until the cache is at least as new as a watch wants it to begin; returns whether it begins at a certain version. */
async function reachStart(resource: Resource, { resourceVersion }: ListQuery): Promise<number | undefined> {
  if (!resourceVersion) {
    await catchUp(resource)
    return undefined
  }
  const revision = parseRevision(resourceVersion)
  if (revision === 0) return undefined
  await resource.cache.waitFor(revision)
  return revision
}

/**
 * Begins a watch. From a version: every change after it. Without one, or from 0: first what there is, then every change.
 * Throws an Expired ApiError where the changes since the version are no longer known.
 */
export async function watchObjects(resource: Resource, query: ListQuery, signal: AbortSignal): Promise<ObjectWatch> {
  validateWatchQuery(query)
  const selection = selectionOf(resource.kind, query)
  const wantsInitial = parseFlag(query.sendInitialEvents)
  const start = await reachStart(resource, query)
  const { cache } = resource
  const sendsInitial = wantsInitial ?? start === undefined
  // The objects and the watch are taken in one go, so nothing can change between them.
  const initial = sendsInitial ? cache.list(selection) : []
  const { revision } = cache
  const watch = cache.watch(sendsInitial ? revision : (start ?? revision), selection, signal)
  return {
    initial,
    ...(wantsInitial === true && { initialRevision: revision }),
    changes: watch,
    deliveredRevision: () => watch.deliveredRevision,
  }
}
