import { notFound } from '../../shared/errors.ts'
import type { CachedObject } from '../cache/cache.ts'
import { parseRevision } from './list-options.ts'
import { cacheKeyOf, catchUp, type Resource, subjectOf, type Target } from './resource.ts'

/**
 * One object: as of now; with a `resourceVersion`, not older than that; with 0, whatever is at hand. Throws NotFound.
 */
export async function getObject(
  resource: Resource,
  target: Target,
  { resourceVersion, subresource }: { resourceVersion?: string; subresource?: string } = {},
): Promise<CachedObject> {
  if (!resourceVersion) await catchUp(resource)
  else await resource.cache.waitFor(parseRevision(resourceVersion))
  const found = resource.cache.get(cacheKeyOf(target))
  if (found === undefined) throw notFound(subjectOf(resource, target.name, subresource))
  return found
}
