import type { KubeObject } from '../../shared/api/kind.ts'
import type { CachedObject } from '../cache/cache.ts'
import { placeInNamespace } from './create.ts'
import type { Part } from './prepare-update.ts'
import { replaceObject } from './replace.ts'
import type { Resource, Target, WriteOptions } from './resource.ts'
import { checkName } from './update.ts'

/**
 * Changes an object by what `apply` makes of the current one. A patch that does not name a `resourceVersion` is applied
 * again to what somebody else has written in between; one that does is refused with a Conflict.
 */
export const patchObject = (
  resource: Resource,
  target: Target,
  { apply, ...options }: WriteOptions & { part: Part; apply(current: KubeObject): KubeObject },
): Promise<CachedObject> =>
  replaceObject(resource, target, {
    ...options,
    make({ object }) {
      const patched = apply(object)
      placeInNamespace(resource, patched, target.namespace)
      checkName(patched, target.name)
      return patched
    },
  })
