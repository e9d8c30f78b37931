/** Lists of cached objects, sorted by key. */
import type { CachedObject } from './cache.ts'

/** Index of the first object whose key is not less than `key`. */
export function lowerBound(objects: readonly CachedObject[], key: string): number {
  // Stores are filled in key order, so the end is the likeliest place.
  const last = objects.at(-1)
  if (last === undefined || last.key < key) return objects.length
  let [low, high] = [0, objects.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (objects[middle]!.key < key) low = middle + 1
    else high = middle
  }
  return low
}

/** Puts an object in its place, instead of the one that has its key. */
export function put(objects: CachedObject[], object: CachedObject): void {
  const index = lowerBound(objects, object.key)
  if (objects[index]?.key === object.key) objects[index] = object
  else objects.splice(index, 0, object)
}

/** Takes out the object that has `key`. */
export function remove(objects: CachedObject[], key: string): void {
  const index = lowerBound(objects, key)
  if (objects[index]?.key === key) objects.splice(index, 1)
}

/** The objects of one namespace. */
export const inNamespace = (objects: readonly CachedObject[], namespace: string): CachedObject[] =>
  // `0` is the character after `/`.
  objects.slice(lowerBound(objects, `${namespace}/`), lowerBound(objects, `${namespace}0`))
