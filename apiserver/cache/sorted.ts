/**
 * Cached objects in key order, in blocks of bounded size: an object that comes or goes moves those of its block, not
 * all that follow it.
 */
import type { CachedObject } from './cache.ts'

/** Objects in a block; one that would become larger is split. */
const BLOCK_MAX = 512

export interface Sorted {
  readonly isEmpty: boolean
  /** Puts an object in its place, instead of the one that has its key. */
  put(object: CachedObject): void
  /** Takes out the object that has `key`. */
  remove(key: string): void
  /** All objects: an array of the caller's own. */
  all(): CachedObject[]
  /** Those whose keys are not less than `from` and less than `to`: an array of the caller's own. */
  between(from: string, to: string): CachedObject[]
}

/** Index of the first object whose key is not less than `key`. */
function lowerBound(objects: readonly CachedObject[], key: string): number {
  let [low, high] = [0, objects.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (objects[middle]!.key < key) low = middle + 1
    else high = middle
  }
  return low
}

export function createSorted(): Sorted {
  /** None is empty. */
  const blocks: CachedObject[][] = []

  /** Index of the first block that ends with `key` or after it. */
  const blockFor = (key: string): number => {
    let [low, high] = [0, blocks.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (blocks[middle]!.at(-1)!.key < key) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Stores are filled in key order: blocks are left full behind the last one. */
  const append = (object: CachedObject) => {
    const last = blocks.at(-1)
    if (last === undefined || last.length === BLOCK_MAX) blocks.push([object])
    else last.push(object)
  }

  return {
    get isEmpty() {
      return blocks.length === 0
    },
    put(object) {
      const at = blockFor(object.key)
      const block = blocks[at]
      if (block === undefined) return append(object)
      const index = lowerBound(block, object.key)
      if (block[index]!.key === object.key) block[index] = object
      else {
        block.splice(index, 0, object)
        if (block.length > BLOCK_MAX) blocks.splice(at + 1, 0, block.splice(BLOCK_MAX / 2))
      }
    },
    remove(key) {
      const at = blockFor(key)
      const block = blocks[at]
      if (block === undefined) return
      const index = lowerBound(block, key)
      if (block[index]!.key !== key) return
      block.splice(index, 1)
      if (block.length === 0) blocks.splice(at, 1)
    },
    all: () => blocks.flat(),
    between(from, to) {
      const [first, last] = [blockFor(from), blockFor(to)]
      const found = blocks.slice(first, last + 1).flat()
      return found.slice(lowerBound(found, from), lowerBound(found, to))
    },
  }
}
