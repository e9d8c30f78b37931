import type { KubeObject } from '../../shared/api/kind.ts'
import type { CachedObject } from '../cache/cache.ts'
import { encodeStored, jsonBytes } from '../codec/encode.ts'
import { storageKeyOf } from '../storage/keys.ts'
import { cacheKeyOf, catchUp, type Resource, type Target } from './resource.ts'

/** An object that no cache holds: the outcome of a dry run, or the last state of what has just been removed. */
export const unstored = (target: Target, object: KubeObject, revision: number): CachedObject => ({
  key: cacheKeyOf(target),
  object,
  json: jsonBytes(JSON.stringify(object)),
  revision,
})

/**
 * Writes an object where the store still holds `expected` (0: nothing), and waits until the cache shows it, so that
 * whoever wrote it reads it back. Returns undefined where somebody else was faster: the cache then shows their write.
 */
export async function storeObject(
  resource: Resource,
  target: Target,
  { object, expected }: { object: KubeObject; expected: number },
): Promise<CachedObject | undefined> {
  const { storage, kind, cache } = resource
  const key = cacheKeyOf(target)
  const value = encodeStored(object)
  const result = await storage.write({ key: storageKeyOf(kind, key), value, expected, durability: kind.durability })
  if (!result.written) {
    await catchUp(resource)
    return undefined
  }
  await cache.waitFor(result.revision)
  const cached = cache.get(key)
  if (cached?.revision === result.revision) return cached
  // Changed again in between: the answer to this write is still what it wrote.
  const metadata = { ...object.metadata, resourceVersion: String(result.revision) }
  return unstored(target, { ...object, metadata }, result.revision)
}

/** Removes an object where the store still holds `expected`; undefined where somebody else was faster. */
export async function removeObject(resource: Resource, target: Target, expected: number): Promise<number | undefined> {
  const { storage, kind, cache } = resource
  const key = storageKeyOf(kind, cacheKeyOf(target))
  const result = await storage.write({ key, value: undefined, expected, durability: kind.durability })
  if (!result.written) {
    await catchUp(resource)
    return undefined
  }
  await cache.waitFor(result.revision)
  return result.revision
}
