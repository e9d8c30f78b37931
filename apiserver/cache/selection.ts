/** What a selection takes in, and where its watches are found without asking all of them. */
import type { Kind, KubeObject } from '../../shared/api/kind.ts'
import { jsonBytes } from '../codec/encode.ts'
import type { CachedObject, CacheEvent, CacheSelection } from './cache.ts'

/** Index of the objects that an owner has, by the owner's UID. */
export const OWNER_UID = 'metadata.ownerReferences.uid'
/** Fields by which objects are looked up instead of scanned for, where their kind has them. */
export const INDEXED_FIELDS: readonly string[] = ['spec.nodeName', OWNER_UID]

/** Reads an object's values of an indexed field. */
export type IndexReader = (object: KubeObject) => readonly string[]

/** The indexes that a kind's cache keeps. */
export function indexesOf({ selectableFields = {} }: Pick<Kind, 'selectableFields'>): ReadonlyMap<string, IndexReader> {
  const readers = new Map<string, IndexReader>([
    [OWNER_UID, ({ metadata }) => metadata.ownerReferences?.map(({ uid }) => uid) ?? []],
  ])
  for (const field of INDEXED_FIELDS) {
    const read = Object.hasOwn(selectableFields, field) ? selectableFields[field] : undefined
    if (read !== undefined) readers.set(field, (object) => [read(object)])
  }
  return readers
}

/** Whether a selection takes an object in. */
export function isIn({ namespace, name, matches }: CacheSelection, object: KubeObject): boolean {
  if (namespace !== undefined && object.metadata.namespace !== namespace) return false
  if (name !== undefined && object.metadata.name !== name) return false
  return matches === undefined || matches(object)
}

/** The last state of an object, at the version of the change by which it was deleted or left a selection. */
export function lastState({ key, object }: CachedObject, revision: number): CachedObject {
  const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
  return { key, object: last, json: jsonBytes(JSON.stringify(last)), revision }
}

/** A change as a selection sees it; undefined where the selection does not see it. */
export function viewOf(selection: CacheSelection, event: CacheEvent): CacheEvent | undefined {
  const { revision, current, previous } = event
  const is = current !== undefined && isIn(selection, current.object)
  const was = previous !== undefined && isIn(selection, previous.object)
  if (is) return was || previous === undefined ? event : { revision, current }
  if (!was) return undefined
  return current === undefined ? event : { revision, previous: lastState(previous, revision) }
}

/** The one place where watches of a selection are registered: the narrowest that changes can be looked up by. */
export function placeOf(
  { namespace, name, index }: CacheSelection,
  kind: Pick<Kind, 'namespaced'>,
  indexes: ReadonlyMap<string, IndexReader>,
): string {
  if (name !== undefined && !kind.namespaced) return `key ${name}`
  if (name !== undefined && namespace !== undefined) return `key ${namespace}/${name}`
  if (index !== undefined && indexes.has(index.field)) return `index ${index.field} ${index.value}`
  return namespace === undefined ? 'all' : `namespace ${namespace}`
}

/** All places whose watches a change may concern. */
export function placesOf(
  { current, previous }: CacheEvent,
  indexes: ReadonlyMap<string, IndexReader>,
): ReadonlySet<string> {
  const { key } = (current ?? previous)!
  const places = new Set(['all', `key ${key}`])
  for (const cached of [current, previous]) {
    if (cached === undefined) continue
    const { namespace } = cached.object.metadata
    if (namespace !== undefined) places.add(`namespace ${namespace}`)
    for (const [field, read] of indexes) for (const value of read(cached.object)) places.add(`index ${field} ${value}`)
  }
  return places
}
