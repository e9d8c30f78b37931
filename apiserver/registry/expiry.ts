/** Objects that live for a time only, such as events: a sweep removes them once they are old. */
import type { Clock } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import type { CachedObject } from '../cache/cache.ts'
import type { Resource } from './resource.ts'
import { removeObject } from './store-object.ts'

/** How often the objects are looked through. They may outlive their time by this much. */
const SWEEP_INTERVAL_MS = 10_000
/** Removals of one sweep; the rest waits for the next, so that a burst of events does not come back as a burst of deletes. */
const REMOVALS_MAX = 1_000

/** The versions that a sweep has seen first, and when: an object's time begins again with every write. */
type FirstSeen = Map<string, { revision: number; sinceMs: number }>

interface SweepWorld {
  objects: readonly CachedObject[]
  firstSeen: FirstSeen
  nowMs: number
  ttlMs: number
}

/**
 * Which objects' time is over. Notes the versions that are new: their time begins now. After a restart it begins again
 * for all, which keeps some too long but none too short.
 */
export function findExpired({ objects, firstSeen, nowMs, ttlMs }: SweepWorld): CachedObject[] {
  const present = new Set<string>()
  const expired: CachedObject[] = []
  for (const object of objects) {
    const { key, revision } = object
    present.add(key)
    const seen = firstSeen.get(key)
    if (seen?.revision === revision) {
      if (nowMs - seen.sinceMs >= ttlMs) expired.push(object)
      continue
    }
    firstSeen.set(key, { revision, sinceMs: nowMs })
  }
  for (const key of firstSeen.keys()) if (!present.has(key)) firstSeen.delete(key)
  return expired.slice(0, REMOVALS_MAX)
}

export interface ExpiryOptions {
  resource: Resource
  ttlSeconds: number
  clock: Clock
  log: Logger
}

/** Begins to sweep one resource; returns a function that ends it, once a sweep under way is over. */
export function startExpiry({ resource, ttlSeconds, clock, log }: ExpiryOptions): () => Promise<void> {
  const firstSeen: FirstSeen = new Map()
  let isStopped = false
  let sweeping = Promise.resolve()
  let cancel: () => void = () => undefined
  const sweep = async () => {
    const objects = resource.cache.list({})
    const expired = findExpired({ objects, firstSeen, nowMs: clock.nowMs(), ttlMs: ttlSeconds * 1000 })
    for (const { object, revision } of expired) {
      if (isStopped) return
      const { name, namespace } = object.metadata
      await removeObject(resource, { name, ...(namespace !== undefined && { namespace }) }, revision)
    }
  }
  const schedule = () => {
    cancel = clock.after(SWEEP_INTERVAL_MS, () => {
      sweeping = sweep()
        .catch((error) =>
          log.warn({ err: error, resource: resource.kind.plural }, 'expired objects could not be removed'),
        )
        .finally(() => isStopped || schedule())
    })
  }
  schedule()
  return async () => {
    isStopped = true
    cancel()
    await sweeping
  }
}
