import type { KubeObject } from '../../shared/api/kind.ts'
import type { Scale } from '../../shared/api/scale.ts'
import { toTime } from '../../shared/clock.ts'
import { conflict, isApiError, notFound, staleObject } from '../../shared/errors.ts'
import type { CachedObject } from '../cache/cache.ts'
import { decodeValue } from '../codec/decode.ts'
import { applyConfiguration } from '../managed-fields/apply.ts'
import type { Configuration } from '../managed-fields/configuration.ts'
import { syncLastApplied } from '../managed-fields/last-applied.ts'
import { setOwners } from '../managed-fields/ownership.ts'
import { wholeOf } from '../managed-fields/tracked-part.ts'
import { createObject, placeInNamespace } from './create.ts'
import { type Part, SCALE } from './prepare-update.ts'
import { ATTEMPTS_MAX, replaceObject } from './replace.ts'
import { type Resource, readNow, subjectOf, type Target, type WriteOptions } from './resource.ts'
import { scaleOf, scaleSubject } from './scale.ts'
import { checkName } from './update.ts'

export interface ApplyRequest extends WriteOptions {
  configuration: Configuration
  /** Take over fields of other managers. */
  force: boolean
}

/** Who owns what is decided by the apply itself. */
const applied = ({ tracks: _, ...part }: Part): Part => part

/** The object that a configuration makes of the live one, complete with defaults and owners. */
function configured(
  { kind, clock }: Resource,
  live: Readonly<KubeObject> | undefined,
  { configuration, force, manager, part }: ApplyRequest & { part: Part },
): KubeObject {
  const { object, managedFields } = applyConfiguration(live, configuration, {
    kind,
    force,
    manager,
    part: (part.tracks ?? wholeOf)(kind),
    time: toTime(clock.nowMs()),
    ...(part.subresource !== undefined && { subresource: part.subresource }),
  })
  const metadata = { ...(object.metadata as object), managedFields: undefined }
  const next = decodeValue({ ...object, metadata }, kind, { fieldValidation: 'Ignore' }).object as KubeObject
  syncLastApplied(next, configuration, manager)
  setOwners(next, managedFields)
  return next
}

function createApplied(resource: Resource, target: Target, request: ApplyRequest & { part: Part }) {
  const object = configured(resource, undefined, request)
  placeInNamespace(resource, object, target.namespace)
  checkName(object, target.name)
  const { uid } = object.metadata
  if (uid)
    throw conflict(
      subjectOf(resource, target.name),
      `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    )
  const { namespace } = target
  return createObject(resource, object, {
    ...request,
    isTracked: true,
    isUpdate: true,
    ...(namespace !== undefined && { namespace }),
  })
}

export interface ApplyResult {
  object: CachedObject
  isCreated: boolean
}

/**
 * Server-side apply: makes an object, or one part of it, what a configuration says, and its manager the owner of what
 * it names. Creates the object where there is none, but not by a subresource. Throws the Conflict that names the
 * fields of others, unless forced.
 */
export async function applyObject(
  resource: Resource,
  target: Target,
  request: ApplyRequest & { part: Part },
): Promise<ApplyResult> {
  const { part } = request
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const isThere = part.subresource !== undefined || (await readNow(resource, target)) !== undefined
    try {
      if (!isThere) return { object: await createApplied(resource, target, request), isCreated: true }
      const object = await replaceObject(resource, target, {
        ...request,
        part: applied(part),
        make(current) {
          const next = configured(resource, current.object, request)
          placeInNamespace(resource, next, target.namespace)
          checkName(next, target.name)
          return next
        },
      })
      return { object, isCreated: false }
    } catch (error) {
      // Somebody has created or removed it in between: the other way, then.
      if (!isApiError(error, isThere ? 'NotFound' : 'AlreadyExists') || part.subresource !== undefined) throw error
    }
  }
  throw staleObject(subjectOf(resource, target.name))
}

/** The same for an object's size alone, by a configuration of its scale: every kind keeps it in `spec.replicas`. */
export async function applyScale(resource: Resource, target: Target, request: ApplyRequest): Promise<Scale> {
  if ((await readNow(resource, target)) === undefined) throw notFound(scaleSubject(resource, target.name))
  const { metadata: { name, resourceVersion } = {}, spec } = request.configuration as Partial<Scale>
  const configuration = { metadata: { name, resourceVersion }, spec }
  const { object } = await applyObject(resource, target, { ...request, configuration, part: SCALE })
  return scaleOf(resource, object)
}
