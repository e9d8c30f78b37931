/**
 * The store on SQLite. Writes that arrive while the disk is busy with the last commit share the next one. All SQL runs
 * on the event loop, where it takes microseconds; whatever waits for the disk runs on the thread pool
 * (docs/decisions/storage.md has the figures). One loop, `#work`, does everything that writes, one after the other.
 */
import { tooManyRequests } from '../../shared/errors.ts'
import type { Db } from './database.ts'
import type { Disk } from './disk.ts'
import { Feeds } from './feeds.ts'
import type { RevisionLog } from './revision-log.ts'
import { explained } from './sqlite-errors.ts'
import type { State } from './state.ts'
import {
  CompactedError,
  type RangeOptions,
  type RangeResult,
  type Storage,
  StorageError,
  type StorageEvent,
  type StoredRecord,
  type Write,
  type WriteResult,
} from './storage.ts'

/** Writes of one transaction, and the characters of their values: what the event loop can do in few milliseconds. */
const BATCH_WRITES_MAX = 128
const BATCH_CHARACTERS_MAX = 4 * 1024 * 1024
/** Writes that may wait; beyond, clients are told to come back. */
const QUEUE_WRITES_MAX = 10_000
const RETRY_AFTER_SECONDS = 1
/** Changes whose leftovers one step of a compaction deletes. */
const SWEEP_CHANGES = 256
/** Free pages kept for coming writes; a compaction returns what is beyond to the file system, this many at a time. */
const FREE_PAGES_KEPT = 256
const VACUUM_PAGES = 256

/** Lets the event loop take in what has arrived. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface QueuedWrite {
  write: Write
  resolve(result: WriteResult): void
  reject(error: unknown): void
}

/** A compaction under way. Only `#work` touches the database for it: a checkpoint bears no other write. */
interface Compaction extends PromiseWithResolvers<void> {
  /** The revision to compact to. */
  target: number
}

interface Committed {
  results: WriteResult[]
  changes: StorageEvent[]
  /** Whether a write that was made asked to be on disk. */
  needsSync: boolean
}

/** What a store is made of. The database belongs to the store, which closes it through the disk. */
export interface StoreParts {
  db: Db
  /** The database's file, for messages. */
  path: string
  log: RevisionLog
  state: State
  disk: Disk
  /** Called when the store is closed. */
  release(): void
}

export class RevisionStore implements Storage {
  readonly #db: Db
  readonly #disk: Disk
  readonly #path: string
  readonly #release: () => void
  readonly #log: RevisionLog
  readonly #state: State
  readonly #feeds: Feeds
  readonly #commit: (batch: readonly QueuedWrite[]) => Committed
  /** Deletes some of what only revisions before `floor` can see; returns up to which revision that is done. */
  readonly #sweep: (floor: number) => number
  #queue: QueuedWrite[] = []
  #working: Promise<void> | undefined
  /** The newest revision in the database; `#visible` follows once it is as durable as it asked to be. */
  #head: number
  #visible: number
  /** The oldest revision that can be asked for; `#swept` follows as compaction deletes rows. */
  #floor: number
  #swept: number
  /** Whether the mark that this store is open is on disk: the first commit is synced, whatever it asked for. */
  #marked = false
  #compaction: Compaction | undefined
  #closing: Promise<void> | undefined
  #failure: StorageError | undefined

  constructor({ db, path, log, state, disk, release }: StoreParts) {
    this.#db = db
    this.#path = path
    this.#log = log
    this.#state = state
    this.#disk = disk
    this.#release = release
    this.#floor = state.floor
    this.#swept = state.swept
    this.#head = Math.max(log.head(), state.floor)
    this.#visible = this.#head
    this.#feeds = new Feeds({
      visible: () => this.#visible,
      floor: () => this.#floor,
      changes: (after, upTo, limit) => this.#reading(() => this.#log.changes(after, upTo, limit)),
    })
    this.#commit = db.transaction((batch: readonly QueuedWrite[]) => this.#apply(batch)).immediate
    this.#sweep = db.transaction((floor: number) => {
      if (floor > this.#floor) state.write('floor', floor)
      const swept = log.sweep(this.#swept, floor, SWEEP_CHANGES)
      state.write('swept', swept)
      return swept
    }).immediate
  }

  async range(prefix: string, { after, limit, revision = this.#visible }: RangeOptions = {}): Promise<RangeResult> {
    if (revision < this.#floor) throw new CompactedError(this.#floor)
    if (revision > this.#visible) throw new RangeError(`revision ${revision} is not written yet`)
    return this.#reading(() => this.#log.range(prefix, revision, { after, limit }))
  }

  async get(key: string): Promise<StoredRecord | undefined> {
    return this.#reading(() => this.#log.get(key, this.#visible))
  }

  async currentRevision(): Promise<number> {
    return this.#visible
  }

  async compactedRevision(): Promise<number> {
    return this.#floor
  }

  watch(after: number, signal: AbortSignal): AsyncIterable<readonly StorageEvent[]> {
    return this.#feeds.watch(after, signal)
  }

  write(write: Write): Promise<WriteResult> {
    if (write.value === undefined && write.expected === 0) throw new TypeError('a delete must expect a revision')
    return new Promise((resolve, reject) => {
      const refusal = this.#refusal()
      if (refusal !== undefined) return reject(refusal)
      if (this.#queue.length >= QUEUE_WRITES_MAX)
        return reject(
          tooManyRequests('the store has too many writes waiting, please try again later', RETRY_AFTER_SECONDS),
        )
      this.#queue.push({ write, resolve, reject })
      this.#working ??= this.#work()
    })
  }

  compact(revision: number): Promise<void> {
    const refusal = this.#refusal()
    if (refusal !== undefined) return Promise.reject(refusal)
    if (revision > this.#visible) return Promise.reject(new RangeError(`revision ${revision} is not written yet`))
    this.#compaction ??= { ...Promise.withResolvers<void>(), target: 0 }
    this.#compaction.target = Math.max(this.#compaction.target, revision)
    this.#working ??= this.#work()
    return this.#compaction.promise
  }

  snapshot(signal: AbortSignal): AsyncIterable<Buffer> {
    const refusal = this.#refusal()
    if (refusal !== undefined) throw refusal
    return this.#disk.snapshot(signal)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#working
    this.#feeds.end()
    if (this.#failure === undefined) this.#state.markClean()
    this.#disk.close()
    this.#release()
  }

  #refusal(): Error | undefined {
    return this.#failure ?? (this.#closing === undefined ? undefined : new StorageError('the store is closed'))
  }

  #reading<Result>(read: () => Result): Result {
    const refusal = this.#refusal()
    if (refusal !== undefined) throw refusal
    try {
      return read()
    } catch (error) {
      throw explained(error, this.#path)
    }
  }

  async #work(): Promise<void> {
    try {
      await nextTurn() // so that the requests that this turn of the event loop brings share the first commit
      while (this.#queue.length > 0 || this.#compaction !== undefined) {
        if (this.#queue.length > 0) await this.#writeBatch()
        if (this.#compaction !== undefined) await this.#compactStep()
        await this.#disk.checkpointIfDue()
        await nextTurn()
      }
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#working = undefined
    }
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#takeBatch()
    let committed: Committed
    try {
      committed = this.#commit(batch)
    } catch (error) {
      // Rolled back: nothing of this batch is written, the store itself is as it was.
      for (const { reject } of batch) reject(explained(error, this.#path))
      return
    }
    this.#head = committed.changes.at(-1)?.revision ?? this.#head
    try {
      if (committed.needsSync || !this.#marked) await this.#disk.sync()
    } catch (error) {
      this.#queue.unshift(...batch) // whose writers learn of it with all others
      throw error
    }
    this.#marked = true
    this.#visible = this.#head
    this.#feeds.publish(committed.changes)
    for (const [index, { resolve }] of batch.entries()) resolve(committed.results[index]!)
  }

  #takeBatch(): QueuedWrite[] {
    let characters = 0
    const end = this.#queue.findIndex(({ write }, index) => {
      characters += write.value?.length ?? 0
      return index === BATCH_WRITES_MAX || (index > 0 && characters > BATCH_CHARACTERS_MAX)
    })
    return this.#queue.splice(0, end === -1 ? this.#queue.length : end)
  }

  #apply(batch: readonly QueuedWrite[]): Committed {
    const committed: Committed = { results: [], changes: [], needsSync: false }
    let revision = this.#head
    for (const { write } of batch) {
      const outcome = this.#log.append(write, revision + 1)
      if ('refused' in outcome) {
        committed.results.push(outcome.refused)
        continue
      }
      revision++
      committed.results.push({ written: true, revision })
      committed.changes.push(outcome.change)
      if (write.durability !== 'relaxed') committed.needsSync = true
    }
    return committed
  }

  async #compactStep(): Promise<void> {
    const compaction = this.#compaction!
    try {
      const floor = Math.max(this.#floor, compaction.target)
      if (this.#swept < floor) {
        this.#swept = this.#sweep(floor)
        this.#floor = floor
        return
      }
      const free = Number(this.#db.pragma('freelist_count', { simple: true }))
      if (free > FREE_PAGES_KEPT) {
        this.#db.pragma(`incremental_vacuum(${Math.min(VACUUM_PAGES, free - FREE_PAGES_KEPT)})`)
        return
      }
    } catch (error) {
      this.#compaction = undefined
      compaction.reject(explained(error, this.#path))
      return
    }
    this.#compaction = undefined
    await this.#disk.sync()
    compaction.resolve()
  }

  /** A sync has failed: what the disk holds is unknown, and a second try would succeed without meaning it. */
  #fail(error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error)
    this.#failure = new StorageError(`the disk of ${this.#path} has failed (${detail}): check it, then start again`, {
      cause: error,
    })
    for (const { reject } of this.#queue.splice(0)) reject(this.#failure)
    this.#compaction?.reject(this.#failure)
    this.#compaction = undefined
    this.#feeds.end(this.#failure)
  }
}
