/** What an update makes of the object that a client sent: pure, but for the client's object, which it completes. */
import type { Kind, KubeObject } from '../../shared/api/kind.ts'
import { validateMetaUpdate } from '../../shared/api/validate-meta.ts'
import { invalid } from '../../shared/errors.ts'
import type { FieldError } from '../../shared/field-errors.ts'
import { type TrackedPart, wholeOf } from '../managed-fields/tracked-part.ts'
import { kindSubject } from './resource.ts'
import { sameValue } from './same-value.ts'

const specOf = ({ metadata: _, status: __, ...rest }: KubeObject & { status?: unknown }) => rest

/** Identity and deletion are the server's: a client that leaves them out means no change, and cannot take them back. */
function keepServerFields(object: KubeObject, { metadata: old }: KubeObject): void {
  const { metadata } = object
  metadata.uid ||= old.uid
  metadata.creationTimestamp ??= old.creationTimestamp
  metadata.generation = old.generation
  metadata.selfLink = undefined
  if (old.deletionTimestamp !== undefined) metadata.deletionTimestamp = old.deletionTimestamp
  if (old.deletionGracePeriodSeconds !== undefined) metadata.deletionGracePeriodSeconds = old.deletionGracePeriodSeconds
}

const setStatus = (object: KubeObject, status: unknown) => Object.assign(object, { status })
const statusOf = (object: KubeObject) => (object as { status?: unknown }).status

function refuseInvalid(kind: Kind, object: KubeObject, errors: FieldError[]): void {
  if (errors.length > 0) throw invalid(kindSubject(kind, object.metadata.name), errors)
}

/** The object, unless its kind finds something wrong with it. Throws the Invalid ApiError. */
export function validated(kind: Kind, object: KubeObject): KubeObject {
  refuseInvalid(kind, object, kind.validate(object))
  return object
}

/** One way into an object (itself, or a subresource), and which part of it a write may change. */
export interface Part {
  /** Absent for the object itself. */
  subresource?: string
  /** The fields that come to belong to whoever writes the part. Absent: a write leaves their owners alone. */
  tracks?(kind: Kind): TrackedPart
  /** Makes what is stored of what a client sent, which belongs to the request. Throws the Invalid ApiError. */
  prepare(kind: Kind, object: KubeObject, old: Readonly<KubeObject>): KubeObject
}

/** The object itself: everything but what the server decides and, where it is a subresource, the status. */
export const WHOLE: Part = {
  tracks: wholeOf,
  prepare(kind, object, old) {
    keepServerFields(object, old)
    if (kind.hasStatus) setStatus(object, statusOf(old))
    kind.prepareForUpdate?.(object, old)
    if (kind.hasGeneration && !sameValue(specOf(object), specOf(old)))
      object.metadata.generation = (old.metadata.generation ?? 0) + 1
    refuseInvalid(kind, object, [
      ...validateMetaUpdate(object.metadata, old.metadata),
      ...kind.validate(object),
      ...(kind.validateUpdate?.(object, old) ?? []),
    ])
    return object
  },
}

/** The status, and for some kinds the annotations: nothing else of what a client sent counts. */
export const STATUS: Part = {
  subresource: 'status',
  tracks: () => 'status',
  prepare(kind, object, old) {
    // What is replaced anyway, and the owners, who are settled elsewhere, need no copy.
    const kept = { ...old, status: undefined, metadata: { ...old.metadata, managedFields: undefined } }
    const next = setStatus(structuredClone(kept), statusOf(object)) as KubeObject
    if (kind.isAnnotatedByStatus) Object.assign(next.metadata, { annotations: object.metadata.annotations })
    kind.prepareForStatusUpdate?.(next, old)
    refuseInvalid(kind, next, [
      ...(kind.isAnnotatedByStatus ? validateMetaUpdate(next.metadata, old.metadata) : []),
      ...(kind.validateStatusUpdate?.(next, old) ?? []),
    ])
    return next
  },
}

/** The size alone, which the scale itself has put into the object. */
export const SCALE: Part = { ...WHOLE, subresource: 'scale' }

/** A part that the server itself has changed, within what its own rules allow. */
export const partOf = (subresource: string): Part => ({ subresource, prepare: (_kind, object) => object })
