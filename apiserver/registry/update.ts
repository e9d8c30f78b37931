import type { KubeObject } from '../../shared/api/kind.ts'
import { badRequest } from '../../shared/errors.ts'
import type { CachedObject } from '../cache/cache.ts'
import { placeInNamespace } from './create.ts'
import type { Part } from './prepare-update.ts'
import { replaceObject } from './replace.ts'
import type { Resource, Target, WriteOptions } from './resource.ts'

/** Checks that the object in a request's body is the one that its path names. */
export function checkName(object: KubeObject, name: string): void {
  const given = object.metadata.name ?? ''
  if (given === '')
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  if (given !== name) throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`)
}

/**
 * Replaces an object, or its status alone, by the one given. One that names a `resourceVersion` replaces only that
 * version; without it, whatever is there (where the kind allows).
 */
export async function updateObject(
  resource: Resource,
  target: Target,
  { object, part, ...options }: WriteOptions & { object: KubeObject; part: Part },
): Promise<CachedObject> {
  placeInNamespace(resource, object, target.namespace)
  checkName(object, target.name)
  return replaceObject(resource, target, {
    ...options,
    part,
    // A second attempt needs the object as the client sent it, not as the first has completed it.
    make: () => structuredClone(object),
  })
}
