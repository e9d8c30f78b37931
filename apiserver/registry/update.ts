import type { KubeObject } from '../../shared/api/kind.ts'
import { badRequest, conflict } from '../../shared/errors.ts'
import type { CachedObject } from '../cache/cache.ts'
import { createObject, placeInNamespace } from './create.ts'
import type { Part } from './prepare-update.ts'
import { replaceObject } from './replace.ts'
import { type Resource, readNow, subjectOf, type Target, type WriteOptions } from './resource.ts'

/** Checks that the object in a request's body is the one that its path names. */
export function checkName(object: KubeObject, name: string): void {
  const given = object.metadata.name ?? ''
  if (given === '')
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  if (given !== name) throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`)
}

export interface UpdateResult {
  object: CachedObject
  isCreated: boolean
}

/** What an update makes where there is nothing to update. Throws a Conflict where it was meant for a certain object. */
async function createInstead(
  resource: Resource,
  target: Target,
  { object, ...options }: WriteOptions & { object: KubeObject },
): Promise<UpdateResult> {
  const { uid } = object.metadata
  if (uid)
    throw conflict(
      subjectOf(resource, target.name),
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: `,
    )
  const { namespace } = target
  const created = await createObject(resource, object, {
    ...options,
    isUpdate: true,
    ...(namespace !== undefined && { namespace }),
  })
  return { object: created, isCreated: true }
}

/**
 * Replaces an object, or its status alone, by the one given. One that names a `resourceVersion` replaces only that
 * version; without it, whatever is there (where the kind allows). Some kinds are created where nothing is there.
 */
export async function updateObject(
  resource: Resource,
  target: Target,
  { object, part, ...options }: WriteOptions & { object: KubeObject; part: Part },
): Promise<UpdateResult> {
  placeInNamespace(resource, object, target.namespace)
  checkName(object, target.name)
  const mayCreate = resource.kind.createsOnUpdate === true && part.subresource === undefined
  if (mayCreate && (await readNow(resource, target)) === undefined)
    return createInstead(resource, target, { ...options, object })
  const updated = await replaceObject(resource, target, {
    ...options,
    part,
    // A second attempt needs the object as the client sent it, not as the first has completed it.
    make: () => structuredClone(object),
  })
  return { object: updated, isCreated: false }
}
