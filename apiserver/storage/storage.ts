/**
 * What the API server asks of a store: etcd's model. One global revision counts every write; it is the
 * `resourceVersion` of the object written. Keys are paths such as `/core/pods/default/kubia-x7k2p`; values are opaque.
 * Every implementation passes the contract suite in `test/apiserver/storage`. Nothing here assumes that this process
 * is the only writer.
 */
export interface StoredRecord {
  key: string
  value: string
  /** Revision of the write that made this value. */
  revision: number
}

/** One change of one key. */
export interface StorageEvent {
  key: string
  /** The new value; undefined: the key was deleted. */
  value: string | undefined
  /** Revision of this change. */
  revision: number
  /** Revision of the record that this change replaced or deleted; 0 for a create. */
  previous: number
}

export interface Write {
  key: string
  /** The new value; undefined deletes the key. */
  value: string | undefined
  /** Compare-and-set: the revision that the key must now have; 0 = it must not exist (so a delete never has 0). */
  expected: number
  /** `relaxed` does not wait for the disk: a power cut may take it back, a process crash may not. Default: `full`. */
  durability?: 'full' | 'relaxed'
}

export type WriteResult =
  | { written: true; revision: number }
  /** The comparison failed; nothing was written. `current` is what the key holds, if anything. */
  | { written: false; current: StoredRecord | undefined }

export interface RangeOptions {
  /** Begin after this key (exclusive). */
  after?: string | undefined
  /** At most this many records. Default: all. */
  limit?: number
  /** The state as of this revision. Default: now. Throws CompactedError when it is no longer kept. */
  revision?: number
}

export interface RangeResult {
  records: StoredRecord[]
  /** The revision that the answer shows. */
  revision: number
  /** Whether `limit` cut the answer. */
  more: boolean
}

/** A revision before the last compaction was asked for. */
export class CompactedError extends Error {
  override readonly name = 'CompactedError'
  readonly compactedRevision: number
  constructor(compactedRevision: number) {
    super(`revisions before ${compactedRevision} have been compacted`)
    this.compactedRevision = compactedRevision
  }
}

/** The store cannot be used or no longer works; the message tells its user what is wrong and what to do. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
}

export interface Storage {
  /** Records whose keys begin with `prefix`, in the order of their keys' bytes. */
  range(prefix: string, options?: RangeOptions): Promise<RangeResult>
  get(key: string): Promise<StoredRecord | undefined>
  /** Resolves once the write is as durable as it asked to be. Concurrent writes share one commit. */
  write(write: Write): Promise<WriteResult>
  /**
   * Every change after revision `after`, in order, each once, in batches; ends when the signal aborts or the store is
   * closed. Throws CompactedError when `after` is no longer kept. A change is delivered no earlier than it is durable.
   */
  watch(after: number, signal: AbortSignal): AsyncIterable<readonly StorageEvent[]>
  /** The revision of the last write. */
  currentRevision(): Promise<number>
  /** The oldest revision that can still be watched from and ranged at; what only earlier ones saw is gone. 0: all are kept. */
  compactedRevision(): Promise<number>
  /**
   * Forgets what only revisions before `revision` can see, in steps between which writes go on. Resolves when the room is
   * free; a later revision than the current one is an error, an earlier one than the last compaction does nothing.
   */
  compact(revision: number): Promise<void>
  /** The bytes of a copy of everything, as it is at one moment, which includes all that was acknowledged before the call. */
  snapshot(signal: AbortSignal): AsyncIterable<Buffer>
  /** Finishes the writes that have begun, then closes. Whatever comes later is refused. */
  close(): Promise<void>
}
