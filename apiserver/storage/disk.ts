/**
 * Everything that waits for the disk, on the thread pool instead of the event loop.
 *
 * A commit with synchronous=NORMAL puts its pages into the write-ahead log and leaves them in the operating system's
 * cache: they survive this process, not the machine. `sync` is the step that synchronous=FULL would add. A checkpoint
 * copies the log's pages into the database file without syncs of SQLite's own and then syncs that file; the log stays
 * intact until the next write begins it anew, which must therefore wait for the checkpoint's end.
 */
import { closeSync, fdatasync, openSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Db } from './database.ts'
import { snapshotOf } from './snapshot.ts'
import { takesNothing } from './sqlite-errors.ts'

/** Pages in the write-ahead log that make a checkpoint due: copying them takes about a millisecond. */
const CHECKPOINT_PAGES = 1000

const syncFile = promisify(fdatasync)

export interface Disk {
  /** Resolves when all that has been committed is on disk. */
  sync(): Promise<void>
  /** Moves the write-ahead log into the database file when it has grown enough. No write may run meanwhile. */
  checkpointIfDue(): Promise<void>
  /** The bytes of a copy of the database. */
  snapshot(signal: AbortSignal): AsyncIterable<Buffer>
  close(): void
}

/**
 * Copies the write-ahead log into the database file; false where the disk takes no more. Then the log holds everything as
 * before, and the next batch of writes tries again.
 */
function copyLog(db: Db): boolean {
  db.pragma('synchronous = OFF')
  try {
    db.pragma('wal_checkpoint(PASSIVE)')
    return true
  } catch (error) {
    if (takesNothing(error)) return false
    throw error
  } finally {
    db.pragma('synchronous = NORMAL')
  }
}

/** A disk for the database at `path`, whose write-ahead log exists: something has been written through `db`. */
export function openDisk(db: Db, path: string): Disk {
  const files = { database: openSync(path, 'r+'), wal: openSync(`${path}-wal`, 'r+') }
  const walPages = db.prepare<[], { log: number }>('PRAGMA wal_checkpoint(NOOP)')
  return {
    sync: () => syncFile(files.wal),
    async checkpointIfDue() {
      if (walPages.get()!.log < CHECKPOINT_PAGES) return
      await syncFile(files.wal)
      if (copyLog(db)) await syncFile(files.database)
    },
    snapshot: (signal) => snapshotOf(db, path, signal),
    // Only after the database: closing any descriptor of its file drops SQLite's lock on it.
    close() {
      db.close()
      closeSync(files.wal)
      closeSync(files.database)
    },
  }
}

/** For a database in memory. */
export const openNoDisk = (db: Db): Disk => ({
  sync: async () => undefined,
  checkpointIfDue: async () => undefined,
  async *snapshot() {
    yield db.serialize()
  },
  close: () => db.close(),
})
