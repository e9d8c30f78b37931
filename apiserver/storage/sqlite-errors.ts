import Database from 'better-sqlite3'
import { StorageError } from './storage.ts'

/** Whether `error` is SQLite's error `code` or one of its extended codes (`SQLITE_CORRUPT_INDEX`). */
export const isSqliteError = (error: unknown, code: string): error is InstanceType<typeof Database.SqliteError> =>
  error instanceof Database.SqliteError && (error.code === code || error.code.startsWith(`${code}_`))

export const damaged = (path: string, detail: string) =>
  new StorageError(
    `the database ${path} is damaged (${detail}): put a backup in its place with "kubeproc restore FILE --force", or start with an empty directory (--data-dir)`,
  )

/** Whether a write failed because the disk is full or may not be written: nothing is damaged, and it may pass. */
export const takesNothing = (error: unknown): boolean =>
  ['SQLITE_FULL', 'SQLITE_IOERR', 'SQLITE_READONLY'].some((code) => isSqliteError(error, code))

/** What a failure of SQLite means to the one who runs the server; other errors are returned as they are. */
export function explained(error: unknown, path: string): unknown {
  if (isSqliteError(error, 'SQLITE_CORRUPT') || isSqliteError(error, 'SQLITE_NOTADB'))
    return damaged(path, error.message)
  if (isSqliteError(error, 'SQLITE_FULL') || isSqliteError(error, 'SQLITE_IOERR'))
    return new StorageError(`the disk of ${path} took nothing (${error.message}): make room or check it`, {
      cause: error,
    })
  if (isSqliteError(error, 'SQLITE_BUSY'))
    return new StorageError(`another program has the database ${path} open: end it, then start again`, { cause: error })
  if (isSqliteError(error, 'SQLITE_CANTOPEN') || isSqliteError(error, 'SQLITE_READONLY'))
    return new StorageError(`the database ${path} cannot be opened for writing: check the rights of its directory`, {
      cause: error,
    })
  return error
}
