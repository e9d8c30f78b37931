import type { Kind } from '../../shared/api/kind.ts'
import type { CachedObject, CacheSelection } from './cache.ts'
import { type IndexReader, isIn } from './selection.ts'
import { inNamespace, put, remove } from './sorted.ts'

/** The current objects of one resource, by key, in key order and by index. */
export interface ObjectStore {
  get(key: string): CachedObject | undefined
  /** The objects of a selection, in key order: an array of the caller's own. */
  list(selection: CacheSelection): CachedObject[]
  set(object: CachedObject): void
  delete(object: CachedObject): void
}

export function createObjectStore(
  { namespaced }: Pick<Kind, 'namespaced'>,
  indexes: ReadonlyMap<string, IndexReader>,
): ObjectStore {
  const byKey = new Map<string, CachedObject>()
  const sorted: CachedObject[] = []
  const buckets = new Map<string, Map<string, CachedObject[]>>([...indexes.keys()].map((field) => [field, new Map()]))

  const removeFromIndexes = (object: CachedObject) => {
    for (const [field, read] of indexes) {
      const ofField = buckets.get(field)!
      for (const value of read(object.object)) {
        const bucket = ofField.get(value)
        if (bucket === undefined) continue
        remove(bucket, object.key)
        if (bucket.length === 0) ofField.delete(value)
      }
    }
  }
  const addToIndexes = (object: CachedObject) => {
    for (const [field, read] of indexes) {
      const ofField = buckets.get(field)!
      for (const value of read(object.object)) {
        const bucket = ofField.get(value)
        if (bucket === undefined) ofField.set(value, [object])
        else put(bucket, object)
      }
    }
  }
  /** As few objects as can be had without looking at them; `isIn` decides about each. */
  const candidates = ({ namespace, name, index }: CacheSelection): CachedObject[] => {
    if (name !== undefined && (namespace !== undefined || !namespaced)) {
      const found = byKey.get(namespaced ? `${namespace}/${name}` : name)
      return found === undefined ? [] : [found]
    }
    const ofField = index === undefined ? undefined : buckets.get(index.field)
    if (ofField !== undefined) return [...(ofField.get(index!.value) ?? [])]
    return namespace === undefined ? sorted.slice() : inNamespace(sorted, namespace)
  }

  return {
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
      put(sorted, object)
      addToIndexes(object)
    },
    delete(object) {
      byKey.delete(object.key)
      remove(sorted, object.key)
      removeFromIndexes(object)
    },
  }
}
