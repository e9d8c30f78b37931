/** Where the store keeps objects: `/RESOURCE/NAMESPACE/NAME`, or `/RESOURCE/NAME` for cluster-scoped kinds. */
import type { Kind } from '../../shared/api/kind.ts'

type Named = Pick<Kind, 'plural'>

/** The key prefix of all objects of a kind, or of those of one namespace. */
export const storagePrefixOf = ({ plural }: Named, namespace?: string): string =>
  namespace === undefined ? `/${plural}/` : `/${plural}/${namespace}/`

/** The store's key of the object that its cache knows as `namespace/name` or `name`. */
export const storageKeyOf = (kind: Named, cacheKey: string): string => storagePrefixOf(kind) + cacheKey

/** The cache's key of the object that the store keeps under `storageKey`. */
export const cacheKeyFrom = (kind: Named, storageKey: string): string => storageKey.slice(storagePrefixOf(kind).length)
