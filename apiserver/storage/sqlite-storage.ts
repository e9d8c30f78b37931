import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Db, openDatabaseFile, openMemoryDatabase } from './database.ts'
import { lockDirectory } from './directory-lock.ts'
import { type Disk, openDisk, openNoDisk } from './disk.ts'
import { openRevisionLog } from './revision-log.ts'
import { RevisionStore } from './revision-store.ts'
import { removeSnapshots } from './snapshot.ts'
import { explained } from './sqlite-errors.ts'
import { openState } from './state.ts'
import { type Storage, StorageError } from './storage.ts'

/** Name of the database in its directory. */
export const DATABASE_FILE = 'state.db'

export interface OpenOptions {
  /** Names the machine's boot, to tell a power cut from a process that died. Default: the machine's own. */
  boot?: string
}

interface StoreOptions extends OpenOptions {
  openDisk(db: Db): Disk
  release(): void
}

function openStore(db: Db, path: string, { openDisk, release, boot }: StoreOptions): Storage {
  const log = openRevisionLog(db)
  const state = openState(db, log.head(), boot)
  return new RevisionStore({ db, path, log, state, disk: openDisk(db), release })
}

/** Makes a data directory where there is none. Throws a StorageError. */
export function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new StorageError(`the data directory ${directory} cannot be used (${code}): choose another with --data-dir`, {
      cause: error,
    })
  }
}

/**
 * Opens the store in `directory`, which is made if need be. Throws a StorageError, having changed nothing, when another
 * process has it open or its database is damaged or of a newer format.
 */
export function openSqliteStorage(directory: string, options: OpenOptions = {}): Storage {
  const path = resolve(directory, DATABASE_FILE)
  makeDirectory(directory)
  const lock = lockDirectory(directory)
  let db: Db | undefined
  try {
    db = openDatabaseFile(path)
    removeSnapshots(path)
    lock.announce()
    return openStore(db, path, { ...options, openDisk: (db) => openDisk(db, path), release: lock.release })
  } catch (error) {
    db?.close()
    lock.release()
    throw explained(error, path)
  }
}

/** The same store in memory, for tests; on a disk of theirs where they want to be the disk. */
export const openMemoryStorage = (openTestDisk: (db: Db) => Disk = openNoDisk): Storage =>
  openStore(openMemoryDatabase(), ':memory:', { openDisk: openTestDisk, release: () => undefined })
