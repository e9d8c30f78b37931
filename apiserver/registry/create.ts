import type { KubeObject } from '../../shared/api/kind.ts'
import { validateMeta } from '../../shared/api/validate-meta.ts'
import { toTime } from '../../shared/clock.ts'
import { ApiError, alreadyExists, badRequest, invalid } from '../../shared/errors.ts'
import type { CachedObject } from '../cache/cache.ts'
import { setOwners } from '../managed-fields/ownership.ts'
import { trackCreate } from '../managed-fields/track.ts'
import { wholeOf } from '../managed-fields/tracked-part.ts'
import { generatedName } from './generated-name.ts'
import { kindSubject, type Resource, readNow, subjectOf, type WriteOptions } from './resource.ts'
import { storeObject, unstored } from './store-object.ts'

/** How many names are tried for one `generateName` before the client is told to try again. */
const NAME_ATTEMPTS_MAX = 8

/** Puts the request's namespace into the object. Throws where the object names another one. */
export function placeInNamespace({ kind }: Resource, object: KubeObject, namespace: string | undefined): void {
  const given = object.metadata.namespace ?? ''
  if (given !== '' && given !== (namespace ?? ''))
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  object.metadata.namespace = kind.namespaced ? namespace : undefined
}

/** Fills in what the server decides about a new object. */
function prepare({ kind, clock, newUid }: Resource, object: KubeObject): void {
  Object.assign(object.metadata, {
    uid: newUid(),
    creationTimestamp: toTime(clock.nowMs()),
    generation: kind.hasGeneration ? 1 : undefined,
    resourceVersion: undefined,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    selfLink: undefined,
  })
  kind.prepareForCreate?.(object)
}

function validate({ kind }: Resource, object: KubeObject): void {
  const errors = [
    ...validateMeta(object.metadata, kind),
    ...kind.validate(object),
    ...(kind.validateCreate?.(object) ?? []),
  ]
  if (errors.length > 0) throw invalid(kindSubject(kind, object.metadata.name ?? ''), errors)
}

function noNameLeft(resource: Resource, name: string): ApiError {
  const { code, reason, message, details } = alreadyExists(subjectOf(resource, name))
  return new ApiError(code, reason, `${message}, the server was not able to generate a unique name for the object`, {
    ...details,
    retryAfterSeconds: 1,
  })
}

interface CreateOptions extends WriteOptions {
  namespace?: string
  /** Its `managedFields` say already who owns what. Default: the writer owns all that it has sent. */
  isTracked?: true
  /** The client has asked for an update, of what is not there. */
  isUpdate?: true
}

function track({ kind, clock }: Resource, object: KubeObject, manager: string): void {
  setOwners(object, trackCreate(object, { kind, manager, part: wholeOf(kind), time: toTime(clock.nowMs()) }))
}

/** Creates an object, which belongs to the caller no longer. Throws ApiErrors. */
export async function createObject(
  resource: Resource,
  object: KubeObject,
  { namespace, identity, manager, dryRun, isTracked, isUpdate }: CreateOptions,
): Promise<CachedObject> {
  const { kind, newNameSuffix } = resource
  const generic = resource
  placeInNamespace(generic, object, namespace)
  const { name: given = '', generateName = '' } = object.metadata
  if (!isTracked) track(resource, object, manager)
  const write = { operation: 'create', kind: generic.kind, namespace, name: given, object, identity } as const
  resource.admit({ ...write, ...(isUpdate && { isUpdate }) })
  const isGenerated = given === '' && generateName !== ''
  if (isGenerated) object.metadata.name = generatedName(generateName, newNameSuffix())
  prepare(resource, object)
  validate(resource, object)
  const charging = resource.charge({ ...write, name: object.metadata.name }, dryRun)
  if (charging !== undefined) await charging
  for (let attempt = 1; ; attempt++) {
    const { name } = object.metadata
    const target = { name, ...(kind.namespaced && { namespace }) }
    const stored = dryRun
      ? await pretend(resource, target, object)
      : await storeObject(resource, target, { object, expected: 0 })
    if (stored !== undefined) return stored
    if (!isGenerated) throw alreadyExists(subjectOf(generic, name))
    if (attempt === NAME_ATTEMPTS_MAX) throw noNameLeft(generic, name)
    object.metadata.name = generatedName(generateName, newNameSuffix())
  }
}

/** A create that only looks whether it would succeed. */
async function pretend(resource: Resource, target: { name: string; namespace?: string }, object: KubeObject) {
  const existing = await readNow(resource, target)
  return existing === undefined ? unstored(target, object, 0) : undefined
}
