/**
 * Where the store keeps objects: `/GROUP/RESOURCE/NAMESPACE/NAME`, or `/GROUP/RESOURCE/NAME` for cluster-scoped kinds.
 * The core group is `core`, which no other group can be named: theirs have a dot or are built in.
 */
import type { Kind } from '../../shared/api/kind.ts'

type Named = Pick<Kind, 'group' | 'plural'>

/** The key prefix of all objects of a kind, or of those of one namespace. */
export const storagePrefixOf = ({ group, plural }: Named, namespace?: string): string => {
  const prefix = `/${group === '' ? 'core' : group}/${plural}/`
  return namespace === undefined ? prefix : `${prefix}${namespace}/`
}

/** The store's key of the object that its cache knows as `namespace/name` or `name`. */
export const storageKeyOf = (kind: Named, cacheKey: string): string => storagePrefixOf(kind) + cacheKey

/** The cache's key of the object that the store keeps under `storageKey`. */
export const cacheKeyFrom = (kind: Named, storageKey: string): string => storageKey.slice(storagePrefixOf(kind).length)
