/** What a delete does to an object: a pure decision, upstream's `BeforeDelete` and its handling of finalizers. */
import type { Kind, KubeObject } from '../../shared/api/kind.ts'
import type { DeleteOptions } from '../../shared/api/meta.ts'
import { toTime } from '../../shared/clock.ts'
import { sameValue } from './same-value.ts'

/** The garbage collector releases the dependents, then removes this. */
export const ORPHAN = 'orphan'
/** The garbage collector deletes the dependents first, then removes this. */
export const FOREGROUND = 'foregroundDeletion'

export type DeletionPlan =
  /** The deletion is under way already, and this delete asks for nothing sooner. */
  | { do: 'nothing' }
  /** The object stays, marked, until its grace period is over or its finalizers are gone. */
  | { do: 'mark'; object: KubeObject }
  /** The object goes now; `object` is its last state. */
  | { do: 'remove'; object: KubeObject }

function garbageCollectorFinalizer(kind: Kind, finalizers: readonly string[], options: DeleteOptions) {
  if (options.orphanDependents !== undefined) return options.orphanDependents ? ORPHAN : undefined
  if (options.propagationPolicy === 'Orphan') return ORPHAN
  if (options.propagationPolicy === 'Foreground') return FOREGROUND
  if (options.propagationPolicy === 'Background') return undefined
  const present = finalizers.find((name) => name === ORPHAN || name === FOREGROUND)
  return present ?? (kind.orphansByDefault ? ORPHAN : undefined)
}

/** The finalizers that an object has once it is deleted with these options. */
function finalizersFor(kind: Kind, { metadata }: KubeObject, options: DeleteOptions): string[] {
  const present = metadata.finalizers ?? []
  const added = garbageCollectorFinalizer(kind, present, options)
  const others = present.filter((name) => name !== ORPHAN && name !== FOREGROUND)
  return added === undefined ? others : [...others, added]
}

/** Grace periods below zero count as one second, as upstream reads them. */
const atLeastShort = (seconds: number | undefined) => (seconds !== undefined && seconds < 0 ? 1 : seconds)

/** The seconds a first delete allows; undefined where the kind knows no grace. */
const graceOf = (kind: Kind, object: KubeObject, options: DeleteOptions) =>
  kind.deletionGraceSeconds?.(object, atLeastShort(options.gracePeriodSeconds))

/** Seconds and instant of a deletion that has begun and is now asked to end sooner; undefined where it is not sooner. */
function shortened({ metadata }: KubeObject, options: DeleteOptions) {
  const requested = atLeastShort(options.gracePeriodSeconds)
  const allowed = metadata.deletionGracePeriodSeconds!
  if (requested === undefined || requested >= allowed) return undefined
  const begunMs = Date.parse(metadata.deletionTimestamp!) - allowed * 1000
  return { deletionGracePeriodSeconds: requested, deletionTimestamp: toTime(begunMs + requested * 1000) }
}

interface Marks {
  deletionTimestamp: string
  deletionGracePeriodSeconds?: number
}

function marksOf(
  kind: Kind,
  object: KubeObject,
  { options, nowMs }: { options: DeleteOptions; nowMs: number },
): Marks | 'pending' {
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata
  if (deletionTimestamp !== undefined && (deletionGracePeriodSeconds ?? 0) > 0)
    return shortened(object, options) ?? 'pending'
  if (deletionTimestamp !== undefined)
    return { deletionTimestamp, ...(deletionGracePeriodSeconds !== undefined && { deletionGracePeriodSeconds }) }
  const grace = graceOf(kind, object, options) ?? 0
  return { deletionTimestamp: toTime(nowMs + grace * 1000), deletionGracePeriodSeconds: grace }
}

/**
 * Decides what a delete with `options` does to `object`, which is not changed. Preconditions and admission have been
 * checked.
 */
export function planDeletion(
  kind: Kind,
  object: KubeObject,
  { options, nowMs }: { options: DeleteOptions; nowMs: number },
): DeletionPlan {
  const marks = marksOf(kind, object, { options, nowMs })
  if (marks === 'pending') return { do: 'nothing' }
  const isFirst = object.metadata.deletionTimestamp === undefined
  const finalizers = finalizersFor(kind, object, options)
  const { generation } = object.metadata
  // Only what `prepareForDelete` may change needs a copy of its own all through.
  const isPrepared = isFirst && kind.prepareForDelete !== undefined
  const marked: KubeObject = isPrepared ? structuredClone(object) : { ...object, metadata: { ...object.metadata } }
  Object.assign(marked.metadata, marks, {
    finalizers: finalizers.length > 0 ? finalizers : undefined,
    // A deletion changes what is wanted of the object.
    ...(isFirst && generation !== undefined && { generation: generation + 1 }),
  })
  if (isPrepared) kind.prepareForDelete?.(marked)
  const stays = finalizers.length > 0 || (marks.deletionGracePeriodSeconds ?? 0) > 0 || kind.isHeld?.(marked) === true
  if (!stays) return { do: 'remove', object: marked }
  return sameValue(marked, object) ? { do: 'nothing' } : { do: 'mark', object: marked }
}

/** Whether an update leaves nothing that keeps a deleted object. */
export const isReleased = (kind: Kind, object: KubeObject): boolean =>
  object.metadata.deletionTimestamp !== undefined &&
  (object.metadata.deletionGracePeriodSeconds ?? 0) === 0 &&
  (object.metadata.finalizers ?? []).length === 0 &&
  kind.isHeld?.(object) !== true
