import type { Kind } from '../../shared/api/kind.ts'
import type { CachedObject, CacheSelection } from './cache.ts'
import { type IndexReader, isIn } from './selection.ts'
import { createSorted, type Sorted } from './sorted.ts'

/** The current objects of one resource, by key, in key order and by index. */
export interface ObjectStore {
  readonly size: number
  get(key: string): CachedObject | undefined
  /** The objects of a selection, in key order. Whole lists are the same array until an object changes. */
  list(selection: CacheSelection): readonly CachedObject[]
  set(object: CachedObject): void
  delete(object: CachedObject): void
}

export function createObjectStore(
  { namespaced }: Pick<Kind, 'namespaced'>,
  indexes: ReadonlyMap<string, IndexReader>,
): ObjectStore {
  const byKey = new Map<string, CachedObject>()
  const sorted = createSorted()
  const buckets = new Map<string, Map<string, Sorted>>([...indexes.keys()].map((field) => [field, new Map()]))
  /** Lists that were asked for since the last change, by namespace; all objects under ''. */
  const lists = new Map<string, readonly CachedObject[]>()

  const removeFromIndexes = (object: CachedObject) => {
    for (const [field, read] of indexes) {
      const ofField = buckets.get(field)!
      for (const value of read(object.object)) {
        const bucket = ofField.get(value)
        if (bucket === undefined) continue
        bucket.remove(object.key)
        if (bucket.isEmpty) ofField.delete(value)
      }
    }
  }
  const addToIndexes = (object: CachedObject) => {
    for (const [field, read] of indexes) {
      const ofField = buckets.get(field)!
      for (const value of read(object.object)) {
        const bucket = ofField.get(value) ?? createSorted()
        ofField.set(value, bucket)
        bucket.put(object)
      }
    }
  }
  const listOf = (namespace: string): readonly CachedObject[] => {
    // `0` is the character after `/`.
    const list =
      lists.get(namespace) ?? (namespace === '' ? sorted.all() : sorted.between(`${namespace}/`, `${namespace}0`))
    lists.set(namespace, list)
    return list
  }
  /** As few objects as can be had without looking at them; `isIn` decides about each. */
  const candidates = ({ namespace, name, index }: CacheSelection): readonly CachedObject[] => {
    if (name !== undefined && (namespace !== undefined || !namespaced)) {
      const found = byKey.get(namespaced ? `${namespace}/${name}` : name)
      return found === undefined ? [] : [found]
    }
    const ofField = index === undefined ? undefined : buckets.get(index.field)
    if (ofField !== undefined) return ofField.get(index!.value)?.all() ?? []
    return listOf(namespace ?? '')
  }

  return {
    get size() {
      return byKey.size
    },
    get: (key) => byKey.get(key),
    list(selection) {
      const found = candidates(selection)
      const isNarrowed =
        selection.matches !== undefined || selection.name !== undefined || selection.index !== undefined
      return isNarrowed ? found.filter(({ object }) => isIn(selection, object)) : found
    },
    set(object) {
      const old = byKey.get(object.key)
      if (old !== undefined) removeFromIndexes(old)
      byKey.set(object.key, object)
      sorted.put(object)
      addToIndexes(object)
      lists.clear()
    },
    delete(object) {
      byKey.delete(object.key)
      sorted.remove(object.key)
      removeFromIndexes(object)
      lists.clear()
    },
  }
}
