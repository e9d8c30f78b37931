import type { KubeObject } from '../../shared/api/kind.ts'
import type { DeleteOptions } from '../../shared/api/meta.ts'
import { conflict, notFound, type Subject } from '../../shared/errors.ts'
import type { CachedObject } from '../cache/cache.ts'
import { planDeletion } from './deletion-plan.ts'
import { ATTEMPTS_MAX } from './replace.ts'
import { type Resource, readNow, subjectOf, type Target, type WriteOptions } from './resource.ts'
import { removeObject, storeObject, unstored } from './store-object.ts'

export interface Deletion {
  /** The object as the deletion left it: marked, or its last state. */
  object: CachedObject
  /** Whether it is gone already. */
  isRemoved: boolean
}

interface DeleteRequest extends WriteOptions {
  options: DeleteOptions
}

/** Throws a Conflict where the object is not the one, or not in the version, that a deletion names. */
export function checkPreconditions(
  { kind }: Resource,
  { metadata }: KubeObject,
  { preconditions = {} }: DeleteOptions,
): void {
  const { uid, resourceVersion } = preconditions
  const isNamespace = kind.group === '' && kind.kind === 'Namespace'
  // Upstream names the kind here, not the resource; but for namespaces, which check on their own and word it otherwise.
  const subject: Subject = { group: kind.group, resource: isNamespace ? kind.plural : kind.kind, name: metadata.name }
  if (uid !== undefined && uid !== metadata.uid)
    throw conflict(
      subject,
      isNamespace
        ? `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`
        : `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    )
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw conflict(
      subject,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    )
}

/** Carries out one decision; undefined where somebody else wrote in between. */
async function attempt(
  resource: Resource,
  target: Target,
  { current, options, dryRun }: { current: CachedObject; options: DeleteOptions; dryRun: boolean },
): Promise<Deletion | undefined> {
  const plan = planDeletion(resource.kind, current.object, { options, nowMs: resource.clock.nowMs() })
  if (plan.do === 'nothing') return { object: current, isRemoved: false }
  const isRemoved = plan.do === 'remove'
  if (dryRun) return { object: unstored(target, plan.object, current.revision), isRemoved }
  if (plan.do === 'mark') {
    const object = await storeObject(resource, target, { object: plan.object, expected: current.revision })
    return object && { object, isRemoved }
  }
  const revision = await removeObject(resource, target, current.revision)
  if (revision === undefined) return undefined
  plan.object.metadata.resourceVersion = String(revision)
  return { object: unstored(target, plan.object, revision), isRemoved }
}

/** Deletes an object: at once, or by a mark that lets its grace period and its finalizers have their way. */
export async function deleteObject(
  resource: Resource,
  target: Target,
  { options, identity, dryRun }: DeleteRequest,
): Promise<Deletion> {
  const subject = subjectOf(resource, target.name)
  for (let count = 1; count <= ATTEMPTS_MAX; count++) {
    const current = await readNow(resource, target)
    if (current === undefined) throw notFound(subject)
    checkPreconditions(resource, current.object, options)
    resource.admit({ operation: 'delete', kind: resource.kind, ...target, old: current.object, identity })
    const deletion = await attempt(resource, target, { current, options, dryRun })
    if (deletion !== undefined) return deletion
  }
  throw conflict(subject, 'the object is being modified too often to be deleted; please try again')
}
