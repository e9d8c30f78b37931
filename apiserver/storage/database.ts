/**
 * Opening the database file: made whole or not at all, checked before anything is written to it, and never touched
 * when it is damaged or of a newer format. The caller holds the directory's lock.
 */
import { closeSync, existsSync, fsyncSync, openSync, readSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { damaged } from './sqlite-errors.ts'
import { StorageError } from './storage.ts'

export type Db = InstanceType<typeof Database>

/** Version of the tables below, kept in SQLite's `user_version`. A change that older code cannot read raises it. */
export const FORMAT_VERSION = 1
/** Marks the file as ours (SQLite's `application_id`): "kprc". */
const APPLICATION_ID = 0x6b707263

/**
 * `log` has one row per write; a row without a value is a deletion. `previous` is the revision that the write
 * replaced, 0 for a create. `state` holds what the rows alone cannot tell (see revisions.ts).
 */
const SCHEMA = `
  CREATE TABLE log (
    revision INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    previous INTEGER NOT NULL,
    value TEXT
  ) STRICT;
  CREATE UNIQUE INDEX log_by_key ON log (key, revision);
  CREATE TABLE state (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
`

/** Memory for pages of the database; reads of current objects come from the watch cache, so little is needed. */
const PAGE_CACHE_KIB = 4096
/** The write-ahead log is cut back to this after a checkpoint, should a burst have made it larger. */
const WAL_LIMIT_BYTES = 16 * 1024 * 1024

const HEADER = { bytes: 100, magic: 'SQLite format 3\0', userVersionAt: 60, applicationIdAt: 68 } as const

function createSchema(db: Db): void {
  db.pragma('auto_vacuum = INCREMENTAL')
  db.pragma(`application_id = ${APPLICATION_ID}`)
  db.pragma(`user_version = ${FORMAT_VERSION}`)
  db.exec(SCHEMA)
}

/** Syncs a file, or the names in a directory. */
export const syncPath = (path: string): void => {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Makes the database under another name and renames it when it is complete and on disk. */
function createFile(path: string): void {
  const draft = `${path}.new`
  rmSync(draft, { force: true })
  closeSync(openSync(draft, 'wx', 0o600))
  const db = new Database(draft)
  db.pragma('journal_mode = MEMORY')
  db.pragma('synchronous = OFF')
  createSchema(db)
  db.pragma('journal_mode = WAL')
  db.close()
  syncPath(draft)
  renameSync(draft, path)
  syncPath(dirname(path))
}

/** Reads the file's header without SQLite, which would make files beside it. */
function checkHeader(path: string): void {
  const header = Buffer.alloc(HEADER.bytes)
  const fd = openSync(path, 'r')
  try {
    if (readSync(fd, header, 0, HEADER.bytes, 0) < HEADER.bytes) throw damaged(path, 'its beginning is missing')
  } finally {
    closeSync(fd)
  }
  if (header.toString('latin1', 0, HEADER.magic.length) !== HEADER.magic) throw damaged(path, 'not an SQLite database')
  if (header.readUInt32BE(HEADER.applicationIdAt) !== APPLICATION_ID)
    throw new StorageError(`${path} is not a database of kubeproc: choose another directory with --data-dir`)
  const version = header.readUInt32BE(HEADER.userVersionAt)
  if (version > FORMAT_VERSION)
    throw new StorageError(
      `the database ${path} was written by a newer kubeproc (format ${version}, this one knows ${FORMAT_VERSION}): use that version, or another directory with --data-dir`,
    )
}

/** Looks for damage through a connection that cannot write, and takes away the files that SQLite needs for it. */
function checkPages(path: string): void {
  const companions = [`${path}-wal`, `${path}-shm`].filter((file) => !existsSync(file))
  const db = new Database(path, { readonly: true, timeout: 0 })
  try {
    const report = String(db.pragma('quick_check(1)', { simple: true }))
    if (report !== 'ok') throw damaged(path, report.split('\n').at(-1)!)
  } finally {
    db.close()
    for (const file of companions) rmSync(file, { force: true })
  }
}

/** Throws a StorageError where a file is not a whole database of ours that this version can read. Changes nothing. */
export function checkDatabaseFile(path: string): void {
  checkHeader(path)
  checkPages(path)
}

/** Opens, and where there is none makes, the database at `path`. */
export function openDatabaseFile(path: string): Db {
  if (existsSync(path)) {
    checkDatabaseFile(path)
  } else {
    createFile(path)
  }
  const db = new Database(path, { fileMustExist: true, timeout: 0 })
  // The directory's lock already keeps others out; this spares SQLite its shared-memory file and locks.
  db.pragma('locking_mode = EXCLUSIVE')
  db.pragma('journal_mode = WAL')
  // The sync that synchronous=FULL adds to each commit is made by disk.ts, off the event loop; see docs/decisions/storage.md.
  db.pragma('synchronous = NORMAL')
  db.pragma('wal_autocheckpoint = 0')
  db.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`)
  db.pragma(`cache_size = -${PAGE_CACHE_KIB}`)
  return db
}

/** The same tables without a file. */
export function openMemoryDatabase(): Db {
  const db = new Database(':memory:')
  createSchema(db)
  return db
}
