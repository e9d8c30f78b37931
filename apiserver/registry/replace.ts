import type { KubeObject } from '../../shared/api/kind.ts'
import { toTime } from '../../shared/clock.ts'
import { conflict, invalid, notFound, type Subject, staleObject } from '../../shared/errors.ts'
import { invalid as invalidField } from '../../shared/field-errors.ts'
import type { CachedObject } from '../cache/cache.ts'
import { sameOwners, setOwners } from '../managed-fields/ownership.ts'
import { trackUpdate } from '../managed-fields/track.ts'
import { isReleased } from './deletion-plan.ts'
import type { Part } from './prepare-update.ts'
import { cacheKeyOf, type Resource, readNow, subjectOf, type Target, type WriteOptions } from './resource.ts'
import { sameValue } from './same-value.ts'
import { removeObject, storeObject, unstored } from './store-object.ts'

/** How often a write that names no version starts again because somebody else was faster. */
export const ATTEMPTS_MAX = 20

export interface ReplaceOptions extends WriteOptions {
  part: Part
  /** The wanted object, made from the current one; it belongs to the write. Throws to give up. */
  make(current: CachedObject): KubeObject
  /** What a NotFound speaks of. Default: the object. */
  notFound?: Subject
}

/** Checks the version and UID that the wanted object names against the current ones. */
function checkPreconditions(resource: Resource, { metadata }: KubeObject, current: CachedObject): void {
  const subject = subjectOf(resource, current.object.metadata.name)
  const { uid, resourceVersion } = metadata
  if (uid && uid !== current.object.metadata.uid)
    throw conflict(
      subject,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.object.metadata.uid}`,
    )
  if (!resourceVersion || resourceVersion === '0') {
    if (resource.kind.requiresResourceVersion)
      throw invalid(subject, [
        {
          ...invalidField('metadata.resourceVersion', '', ''),
          message: 'Invalid value: 0x0: must be specified for an update',
        },
      ])
    return
  }
  if (resourceVersion !== String(current.revision)) throw staleObject(subject)
}

/** Whether a write changes nothing. When fields came to their owners is nothing, where the owners stay the same. */
function isUnchanged(next: KubeObject, old: KubeObject): boolean {
  const { resourceVersion, managedFields } = old.metadata
  const same = { ...next, metadata: { ...next.metadata, resourceVersion, managedFields } }
  return sameValue(same, old) && sameOwners(next.metadata.managedFields ?? [], managedFields ?? [])
}

/** Says on the wanted object who owns its fields. */
function track(
  { kind, clock }: Resource,
  { object, old, part, manager }: { object: KubeObject; old: KubeObject; part: Part; manager: string },
): void {
  if (part.tracks === undefined) return
  const entries = trackUpdate(object, old, {
    kind,
    manager,
    part: part.tracks(kind),
    time: toTime(clock.nowMs()),
    ...(part.subresource !== undefined && { subresource: part.subresource }),
  })
  setOwners(object, entries)
}

async function writeNext(
  resource: Resource,
  target: Target,
  { current, next, dryRun }: { current: CachedObject; next: KubeObject; dryRun: boolean },
): Promise<CachedObject | undefined> {
  if (isUnchanged(next, current.object)) return current
  next.metadata.resourceVersion = current.object.metadata.resourceVersion
  if (dryRun) return unstored(target, next, current.revision)
  if (!isReleased(resource.kind, next))
    return storeObject(resource, target, { object: next, expected: current.revision })
  const revision = await removeObject(resource, target, current.revision)
  if (revision === undefined) return undefined
  next.metadata.resourceVersion = String(revision)
  return unstored(target, next, revision)
}

/** Whether an update may use more of what quotas bound than the object did before: other kinds only count. */
const usesMore = ({ group, plural }: Resource['kind'], subresource: string | undefined) =>
  subresource === undefined && group === '' && plural === 'services'

/** One attempt; undefined where somebody else wrote in between. */
async function attempt(resource: Resource, target: Target, options: ReplaceOptions): Promise<CachedObject | undefined> {
  const { part, identity, manager, dryRun } = options
  const current = await readNow(resource, target)
  if (current === undefined) throw notFound(options.notFound ?? subjectOf(resource, target.name))
  const old = current.object
  const object = options.make(current)
  checkPreconditions(resource, object, current)
  track(resource, { object, old, part, manager })
  const { managedFields } = object.metadata
  const { subresource } = part
  resource.admit({ operation: 'update', kind: resource.kind, ...target, subresource, object, old, identity })
  const next = part.prepare(resource.kind, object, old)
  if (usesMore(resource.kind, subresource))
    await resource.charge({ operation: 'update', kind: resource.kind, ...target, object: next, old, identity }, dryRun)
  next.metadata.managedFields = managedFields
  return writeNext(resource, target, { current, next, dryRun })
}

/**
 * Replaces an object by what `make` makes of the current one. Where somebody else writes in between, it starts again
 * from theirs, unless the wanted object named the version that it was made from: then that is a conflict. An update
 * that takes away the last thing that kept a deleted object removes it; one that changes nothing writes nothing.
 */
export async function replaceObject(
  resource: Resource,
  target: Target,
  options: ReplaceOptions,
): Promise<CachedObject> {
  const written = await attempt(resource, target, options)
  if (written !== undefined) return written
  return resource.turns.take(cacheKeyOf(target), async () => {
    for (let count = 2; count <= ATTEMPTS_MAX; count++) {
      const late = await attempt(resource, target, options)
      if (late !== undefined) return late
    }
    throw staleObject(subjectOf(resource, target.name))
  })
}
