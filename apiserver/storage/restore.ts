/**
 * Puts a snapshot in place of the database of a server that does not run. Versions go on far above all that anybody can
 * have seen: clients that knew later versions than the snapshot's are told to list again, as after a compaction, and never
 * see the count go backwards.
 */
import { chmodSync, copyFileSync, existsSync, linkSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import Database from 'better-sqlite3'
import type { Node } from '../../shared/api/node/node.ts'
import { systemClock } from '../../shared/clock.ts'
import { checkDatabaseFile, type Db, openDatabaseFile, syncPath } from './database.ts'
import { lockDirectory } from './directory-lock.ts'
import { storagePrefixOf } from './keys.ts'
import { unheard } from './restored-nodes.ts'
import { openRevisionLog } from './revision-log.ts'
import { explained } from './sqlite-errors.ts'
import { DATABASE_FILE, makeDirectory } from './sqlite-storage.ts'
import { floorOf, forgetPast } from './state.ts'
import { StorageError } from './storage.ts'

/** More versions than can have been given out since any snapshot was made: upstream's advice for etcd. */
const SKIPPED_REVISIONS = 1_000_000_000

const NODES = { group: '', plural: 'nodes' }

export interface Restored {
  /** The version at which the count goes on. */
  revision: number
  /** Where the database is that was there before. */
  replaced?: string
}

const newestOf = (db: Db): number => Math.max(openRevisionLog(db).head(), floorOf(db))

/** The newest version of the database that is to be replaced, which is closed in good order; 0 where it cannot be read. */
function closeOld(path: string): number {
  try {
    const db = openDatabaseFile(path)
    try {
      return newestOf(db)
    } finally {
      db.close()
    }
  } catch (error) {
    if (explained(error, path) instanceof StorageError) return 0
    throw error
  }
}

/** Copies the snapshot and looks for damage in the copy: where the snapshot itself is, SQLite may not make files. */
function copyChecked(snapshot: string, draft: string): void {
  rmSync(draft, { force: true })
  copyFileSync(snapshot, draft)
  chmodSync(draft, 0o600)
  try {
    checkDatabaseFile(draft)
  } catch (error) {
    rmSync(draft, { force: true })
    const cause = explained(error, draft)
    throw cause instanceof StorageError
      ? new StorageError(`${snapshot} is no backup that can be restored: ${cause.message}`, { cause })
      : error
  }
}

/** Lets nobody take the nodes of the snapshot for alive; returns the version at which the count goes on after that. */
function unhearNodes(db: Db, revision: number): number {
  const log = openRevisionLog(db)
  const { records } = log.range(storagePrefixOf(NODES), revision, {})
  const nowMs = systemClock.nowMs()
  for (const [index, { key, value, revision: expected }] of records.entries()) {
    const node = unheard(JSON.parse(value) as Node, nowMs)
    log.append({ key, value: JSON.stringify(node), expected }, revision + index + 1)
  }
  return revision + records.length
}

/** Makes a database of its own from the snapshot, ready to be used; returns the version at which its count goes on. */
function prepare(snapshot: string, draft: string, newest: number): number {
  copyChecked(snapshot, draft)
  const db = new Database(draft)
  try {
    db.pragma('journal_mode = MEMORY')
    const revision = Math.max(newestOf(db), newest) + SKIPPED_REVISIONS
    forgetPast(db, revision)
    const goesOn = db.transaction(() => unhearNodes(db, revision))()
    db.pragma('journal_mode = WAL')
    return goesOn
  } finally {
    db.close()
    syncPath(draft)
  }
}

/**
 * Replaces the database in `directory` by the snapshot in a file. Throws a StorageError, having changed nothing, where a
 * server runs there, the file is no whole snapshot, or there is a database already and `force` is not given.
 */
export function restoreSnapshot(directory: string, snapshot: string, { force }: { force: boolean }): Restored {
  const path = resolve(directory, DATABASE_FILE)
  if (!existsSync(snapshot)) throw new StorageError(`there is no file ${snapshot}`)
  makeDirectory(directory)
  const lock = lockDirectory(directory)
  try {
    const isReplacing = existsSync(path)
    if (isReplacing && !force)
      throw new StorageError(`${dirname(path)} has a database already: give --force to put the backup in its place`)
    const draft = `${path}.restored`
    const newest = isReplacing ? closeOld(path) : 0
    const revision = prepare(snapshot, draft, newest)
    if (!isReplacing) {
      putInPlace(draft, path)
      return { revision }
    }
    const replaced = `${path}.replaced`
    rmSync(replaced, { force: true })
    linkSync(path, replaced)
    // Left only where the old database could not be closed: it must not be taken for the new one's.
    rmSync(`${path}-wal`, { force: true })
    putInPlace(draft, path)
    return { revision, replaced }
  } catch (error) {
    throw explained(error, path)
  } finally {
    lock.release()
  }
}

function putInPlace(draft: string, path: string): void {
  syncPath(dirname(path))
  renameSync(draft, path)
  syncPath(dirname(path))
}
