import type { Namespace } from '../../shared/api/namespace.ts'
import type { CachedObject } from '../cache/cache.ts'
import { wholeOf } from '../managed-fields/tracked-part.ts'
import { type Part, validated } from './prepare-update.ts'
import { replaceObject } from './replace.ts'
import type { Resource, Target, WriteOptions } from './resource.ts'
import { checkName } from './update.ts'

/** The finalizers alone, whose names must be valid. */
const FINALIZERS: Part = { subresource: 'finalize', tracks: wholeOf, prepare: validated }

/** Sets a namespace's `spec.finalizers`, and nothing else of it. The last one taken from a deleted namespace removes it. */
export async function finalizeNamespace(
  namespaces: Resource,
  target: Target,
  { object, ...options }: WriteOptions & { object: Namespace },
): Promise<CachedObject> {
  checkName(object, target.name)
  return replaceObject(namespaces, target, {
    ...options,
    part: FINALIZERS,
    make(current) {
      const next = structuredClone(current.object) as Namespace
      next.spec = { ...next.spec, finalizers: object.spec?.finalizers ?? [] }
      next.metadata.resourceVersion = object.metadata.resourceVersion
      return next
    },
  })
}
