/** What every write but an apply makes of `metadata.managedFields`. */
import { apiVersionOf, type Kind, type KubeObject } from '../../shared/api/kind.ts'
import { type Changes, compareObjectsOf } from './changed-fields.ts'
import { afterUpdate, type Entries, startingEntries, type Writer } from './ownership.ts'
import { type TrackedPart, trackedShape } from './tracked-part.ts'

export interface TrackOptions {
  kind: Pick<Kind, 'schema' | 'group' | 'version'>
  part: TrackedPart
  manager: string
  subresource?: string
  /** RFC 3339. */
  time: string
}

const NO_ENTRIES: Entries = []
const EMPTY_OBJECT = Object.freeze({})

const writerOf = ({ kind, manager, subresource }: TrackOptions): Writer => ({
  manager,
  operation: 'Update',
  apiVersion: apiVersionOf(kind),
  ...(subresource !== undefined && { subresource }),
})

/** The entries of a new object, as its client sent it and defaults have completed it. */
export function trackCreate(object: KubeObject, options: TrackOptions): Entries {
  const { kind, part, time } = options
  const given = startingEntries(object.metadata.managedFields, NO_ENTRIES)
  const { changed } = compareObjectsOf(trackedShape(kind, part), EMPTY_OBJECT, object)
  return afterUpdate(given, { changed, removed: undefined }, { writer: writerOf(options), time })
}

const entriesOf = ({ metadata }: Readonly<KubeObject>): Entries => metadata.managedFields ?? NO_ENTRIES

/**
 * The entries of an object that an update changes. An object without any is not tracked: it is older than the
 * tracking, or its client has cleared them. The stored entries themselves where nothing changes.
 */
export function trackUpdate(object: KubeObject, old: Readonly<KubeObject>, options: TrackOptions): Entries {
  const { kind, part, subresource, time } = options
  const changes: Changes = compareObjectsOf(trackedShape(kind, part), old, object)
  const given = subresource === undefined ? object.metadata.managedFields : undefined
  if (given === undefined && changes.changed === undefined && changes.removed === undefined) return entriesOf(old)
  const entries = startingEntries(given, entriesOf(old))
  return entries.length === 0 ? entries : afterUpdate(entries, changes, { writer: writerOf(options), time })
}
