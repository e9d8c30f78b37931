/** Who owns what: the entries of `metadata.managedFields`, and what a write makes of them. */
import type { KubeObject } from '../../shared/api/kind.ts'
import type { ManagedFieldsEntry } from '../../shared/api/meta.ts'
import type { Changes } from './changed-fields.ts'
import { difference, type FieldSet, isFieldSet, sameFields, union } from './field-set.ts'

/** Who writes, and how: entries of the same writer are one. */
export interface Writer {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  /** Absent for the object itself. */
  subresource?: string
}

export type Entries = readonly ManagedFieldsEntry[]

/** More managers that update than this are put together, oldest first. */
const UPDATERS_MAX = 10
const OLD_UPDATES = 'ancient-changes'

/** Says on an object, in place, who owns its fields. */
export function setOwners({ metadata }: KubeObject, entries: Entries): void {
  metadata.managedFields = entries.length > 0 ? (entries as ManagedFieldsEntry[]) : undefined
}

export const fieldsOfEntry = ({ fieldsV1 }: ManagedFieldsEntry): FieldSet | undefined =>
  fieldsV1 as FieldSet | undefined

/** Those who apply are the same in every API version. */
export const isOf = (
  entry: ManagedFieldsEntry,
  { manager, operation, apiVersion, subresource = '' }: Writer,
): boolean =>
  entry.manager === manager &&
  entry.operation === operation &&
  (entry.subresource ?? '') === subresource &&
  (operation === 'Apply' || entry.apiVersion === apiVersion)

export const entryOf = (writer: Writer, fields: FieldSet, time: string): ManagedFieldsEntry => ({
  manager: writer.manager,
  operation: writer.operation,
  apiVersion: writer.apiVersion,
  time,
  fieldsType: 'FieldsV1',
  fieldsV1: fields as Record<string, unknown>,
  ...(writer.subresource !== undefined && { subresource: writer.subresource }),
})

const text = (value: string | undefined) => value ?? ''
const secondsOf = ({ time }: ManagedFieldsEntry) => (time === undefined ? 0 : Math.floor(Date.parse(time) / 1000))

const byText = (a: string | undefined, b: string | undefined) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0)

const byName = (a: ManagedFieldsEntry, b: ManagedFieldsEntry) =>
  byText(a.manager, b.manager) || byText(a.apiVersion, b.apiVersion) || byText(a.subresource, b.subresource)

const byAge = (a: ManagedFieldsEntry, b: ManagedFieldsEntry) => secondsOf(a) - secondsOf(b) || byName(a, b)

/** Puts the oldest updates together until there are few enough managers; those of different API versions stay apart. */
function capUpdaters(entries: ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  const updaters = entries.filter(({ operation }) => operation === 'Update')
  if (updaters.length <= UPDATERS_MAX) return entries
  let surplus = updaters.length - UPDATERS_MAX
  const buckets = new Map<string, ManagedFieldsEntry>()
  const merged = new Set<ManagedFieldsEntry>()
  for (const entry of updaters.sort(byAge)) {
    if (surplus === 0) break
    const version = text(entry.apiVersion)
    const bucket = buckets.get(version)
    merged.add(entry)
    if (bucket === undefined) {
      buckets.set(version, entry)
      continue
    }
    surplus--
    const fields = union(fieldsOfEntry(bucket), fieldsOfEntry(entry))!
    const writer: Writer = { manager: OLD_UPDATES, operation: 'Update', apiVersion: version }
    buckets.set(version, { ...entryOf(writer, fields, text(entry.time)) })
  }
  return [...entries.filter((entry) => !merged.has(entry)), ...buckets.values()]
}

/** Entries as they are stored: few enough, in upstream's order. */
const settle = (entries: ManagedFieldsEntry[]): ManagedFieldsEntry[] =>
  capUpdaters(entries).sort((a, b) => byText(a.operation, b.operation) || byAge(a, b))

/** An entry that has lost fields; undefined where it has none left. The same object where it has lost nothing. */
export function withoutFields(entry: ManagedFieldsEntry, lost: FieldSet | undefined): ManagedFieldsEntry | undefined {
  const before = fieldsOfEntry(entry)
  const left = difference(before, lost)
  if (left === before) return entry
  return left === undefined ? undefined : { ...entry, fieldsV1: left as Record<string, unknown> }
}

/** Gives a writer the fields that it has changed, and takes from all others what it changed or removed. */
export function afterUpdate(
  entries: Entries,
  { changed, removed }: Changes,
  { writer, time }: { writer: Writer; time: string },
): Entries {
  if (changed === undefined && removed === undefined) return entries
  const lost = union(changed, removed)
  const left: ManagedFieldsEntry[] = []
  let own: FieldSet | undefined = changed
  for (const entry of entries) {
    if (changed !== undefined && isOf(entry, writer)) own = union(own, difference(fieldsOfEntry(entry), removed))
    else {
      const kept = withoutFields(entry, lost)
      if (kept !== undefined) left.push(kept)
    }
  }
  if (own !== undefined) left.push(entryOf(writer, own, time))
  return settle(left)
}

/** Sets what one who applies owns; undefined: nothing. Its time changes only with `isTouched`, or with what it owns. */
export function withApplied(
  entries: Entries,
  fields: FieldSet | undefined,
  { writer, time, isTouched }: { writer: Writer; time: string; isTouched: boolean },
): Entries {
  const before = entries.find((entry) => isOf(entry, writer))
  const others = entries.filter((entry) => entry !== before)
  if (fields === undefined) return settle(others)
  const isSame = before !== undefined && !isTouched && sameFields(fieldsOfEntry(before), fields)
  return settle([...others, isSame ? before : entryOf(writer, fields, time)])
}

/** Whether entries say the same, whenever they were written. */
export const sameOwners = (a: Entries, b: Entries): boolean =>
  a === b ||
  (a.length === b.length &&
    a.every((entry, index) => {
      const other = b[index]!
      const { manager, operation, apiVersion, subresource } = entry
      return (
        manager === other.manager &&
        operation === other.operation &&
        apiVersion === other.apiVersion &&
        text(subresource) === text(other.subresource) &&
        sameFields(fieldsOfEntry(entry), fieldsOfEntry(other))
      )
    }))

const isReadable = ({ operation, fieldsType, fieldsV1 }: ManagedFieldsEntry) =>
  (operation === 'Apply' || operation === 'Update') &&
  fieldsType === 'FieldsV1' &&
  (fieldsV1 === undefined || isFieldSet(fieldsV1))

const hasFields = ({ fieldsV1 }: ManagedFieldsEntry) => fieldsV1 !== undefined && Object.keys(fieldsV1).length > 0

/**
 * The entries from which a write starts: those that the client sends, if they can be read, else those of the stored
 * object, since most clients do not know about them. One empty entry alone clears them all.
 */
export function startingEntries(given: Entries | undefined, stored: Entries): Entries {
  if (given === undefined || given.length === 0 || given === stored) return stored
  if (given.length === 1 && Object.keys(given[0]!).length === 0) return []
  if (!given.every(isReadable)) return stored
  return sameOwners(given, stored) ? stored : settle(given.filter(hasFields))
}
