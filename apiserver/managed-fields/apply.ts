/** Server-side apply: what a manager's configuration makes of an object, and of who owns what in it. */
import { apiVersionOf, type Kind, type KubeObject } from '../../shared/api/kind.ts'
import { compareObjectsOf } from './changed-fields.ts'
import { applyConflict, type Conflict } from './conflicts.ts'
import { difference, type FieldSet, intersection, LEAF, union } from './field-set.ts'
import { type ObjectShape, shapeOf } from './field-shape.ts'
import { fieldsOfLastApplied } from './last-applied.ts'
import { fieldsOf } from './owned-fields.ts'
import { type Entries, entryOf, fieldsOfEntry, isOf, type Writer, withApplied, withoutFields } from './ownership.ts'
import { removeFields, withHolders } from './remove-fields.ts'
import { type TrackedPart, trackedShape } from './tracked-part.ts'
import { mergeTyped } from './typed-merge.ts'

export interface ApplyOptions {
  kind: Pick<Kind, 'schema' | 'group' | 'version'>
  part: TrackedPart
  manager: string
  subresource?: string
  /** Take over what others own. Otherwise to change it is a conflict. */
  force: boolean
  /** RFC 3339. */
  time: string
}

export interface Applied {
  /** Without `managedFields` and new defaults. Shares with both objects what it takes over. */
  object: Record<string, unknown>
  managedFields: Entries
}

/** Who is said to own what was there before anything was tracked. */
const BEFORE_TRACKING = 'before-first-apply'
const EMPTY_OBJECT = Object.freeze({})
/** Whoever leaves out the labels does not want an object without metadata. */
const ALWAYS_THERE: FieldSet = { 'f:metadata': LEAF }

/** The fields that a configuration names, in the part that the request can own. */
function namedFields(shape: ObjectShape, configuration: object): FieldSet | undefined {
  const fields: Record<string, FieldSet> = { ...fieldsOf(shape, configuration, 'withoutContainers') }
  // Metadata without anything that can be owned is no field itself.
  if (fields['f:metadata'] !== undefined && Object.keys(fields['f:metadata']).length === 0) delete fields['f:metadata']
  return Object.keys(fields).length === 0 ? undefined : fields
}

/** The stored entries; for an object that was never tracked, one for all that it has. */
function entriesOf(live: Readonly<KubeObject> | undefined, shape: ObjectShape, options: ApplyOptions): Entries {
  const stored = live?.metadata.managedFields ?? []
  if (live === undefined || stored.length > 0) return stored
  const { changed } = compareObjectsOf(shape, EMPTY_OBJECT, live)
  const apiVersion = apiVersionOf(options.kind)
  const writer: Writer = { manager: BEFORE_TRACKING, operation: 'Update', apiVersion }
  return changed === undefined ? [] : [entryOf(writer, changed, options.time)]
}

/** Takes out what the manager has applied before and leaves out now, but for what somebody owns. */
function prune(
  merged: Record<string, unknown>,
  configuration: object,
  { before, owned, kind }: { before: FieldSet | undefined; owned: FieldSet; kind: ApplyOptions['kind'] },
): Record<string, unknown> {
  if (before === undefined) return merged
  const shape = shapeOf(kind.schema)
  const given = difference(withHolders(shape, before), withHolders(shape, owned))
  if (given === undefined) return merged
  // What has lost all that was in it is gone as well, even where the configuration asks for it, empty: once more, then.
  return mergeTyped(shape, removeFields(shape, merged, given), configuration) as Record<string, unknown>
}

/** By halves: one after the other would copy the first ones again for each that follows. */
function unionOf(sets: readonly (FieldSet | undefined)[]): FieldSet | undefined {
  if (sets.length <= 1) return sets[0]
  const middle = sets.length >> 1
  return union(unionOf(sets.slice(0, middle)), unionOf(sets.slice(middle)))
}

function conflictsWith(others: Entries, changed: FieldSet | undefined, allowed: FieldSet | undefined): Conflict[] {
  return others.flatMap((entry) => {
    const fields = difference(intersection(fieldsOfEntry(entry), changed), allowed)
    return fields === undefined ? [] : [{ entry, fields }]
  })
}

/**
 * Applies a configuration, decoded but without defaults, to the live object; undefined: to nothing, which creates it.
 * Throws the Conflict ApiError where it would change what others own.
 */
export function applyConfiguration(
  live: Readonly<KubeObject> | undefined,
  configuration: Readonly<Record<string, unknown>>,
  options: ApplyOptions,
): Applied {
  const { kind, part, manager, subresource, force, time } = options
  const shape = trackedShape(kind, part)
  const apiVersion = apiVersionOf(kind)
  const writer: Writer = { manager, operation: 'Apply', apiVersion, ...(subresource !== undefined && { subresource }) }
  const entries = entriesOf(live, shape, options)
  const own = entries.find((entry) => isOf(entry, writer))
  const others = entries.filter((entry) => entry !== own)
  const named = namedFields(shape, configuration)
  const merged = mergeTyped(shapeOf(kind.schema), live ?? EMPTY_OBJECT, configuration) as Record<string, unknown>
  const owned = union(ALWAYS_THERE, union(named, unionOf(others.map(fieldsOfEntry))))!
  const object = prune(merged, configuration, { before: own && fieldsOfEntry(own), owned, kind })
  const { changed, removed } = compareObjectsOf(shape, live ?? EMPTY_OBJECT, object)
  if (!force && live !== undefined) {
    const conflicts = conflictsWith(others, changed, fieldsOfLastApplied(kind, live, { shape, manager }))
    if (conflicts.length > 0) throw applyConflict(conflicts)
  }
  const lost = union(changed, removed)
  const left = others.flatMap((entry) => withoutFields(entry, lost) ?? [])
  const isTouched = lost !== undefined
  // The order in which managers are kept is by age, so the own entry has its old place only if nothing happens.
  return { object, managedFields: withApplied([...left, ...(own ? [own] : [])], named, { writer, time, isTouched }) }
}
