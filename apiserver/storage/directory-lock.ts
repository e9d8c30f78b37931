/**
 * One living API server per data directory. The lock is SQLite's own lock on an empty file, which the kernel drops with
 * the process that held it: a killed server leaves nothing to clean up, and a process ID that was given to another
 * process misleads nobody. The process ID is written beside it for the message alone.
 *
 * Nothing else in this process may open the lock file: closing it again would drop the lock (POSIX).
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { isSqliteError } from './sqlite-errors.ts'
import { StorageError } from './storage.ts'

const LOCK_FILE = 'lock'
const PID_FILE = 'lock.pid'

export interface DirectoryLock {
  /** Lets those who come too late know who has the lock. */
  announce(): void
  release(): void
}

const inUse = (directory: string): StorageError => {
  const pidFile = join(directory, PID_FILE)
  const owner = existsSync(pidFile) ? ` (process ${readFileSync(pidFile, 'utf8').trim()})` : ''
  return new StorageError(
    `the data directory ${directory} is in use by a running API server${owner}: stop it, or choose another directory with --data-dir`,
  )
}

/** Takes the lock of an existing directory; throws a StorageError that names the owner where a living process has it. */
export function lockDirectory(directory: string): DirectoryLock {
  const path = join(directory, LOCK_FILE)
  if (!existsSync(path)) writeFileSync(path, '', { mode: 0o600, flag: 'a' })
  const lock = new Database(path, { timeout: 0 })
  try {
    lock.pragma('journal_mode = MEMORY') // else SQLite would make a file for it
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (isSqliteError(error, 'SQLITE_BUSY')) throw inUse(directory)
    throw error
  }
  const pidFile = join(directory, PID_FILE)
  let isAnnounced = false
  return {
    announce() {
      writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 })
      isAnnounced = true
    },
    release() {
      if (isAnnounced) rmSync(pidFile, { force: true })
      lock.close()
    },
  }
}
