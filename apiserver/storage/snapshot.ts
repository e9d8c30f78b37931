/** A copy of the whole database as it is at one moment, while it is in use. */
import { randomUUID } from 'node:crypto'
import { closeSync, createReadStream, openSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Db } from './database.ts'

/** Pages that are copied in one go: about a millisecond; writes go on in between, and are in the copy. */
const STEP_PAGES = 256
const INFIX = '.snapshot-'

/** Removes the copies that a process has left behind that was killed while it made them. */
export function removeSnapshots(path: string): void {
  const directory = dirname(path)
  for (const name of readdirSync(directory))
    if (name.startsWith(`${basename(path)}${INFIX}`)) rmSync(join(directory, name))
}

/** The bytes of a copy of the database at `path`, which takes as much room beside it until they have been read. */
export async function* snapshotOf(db: Db, path: string, signal: AbortSignal): AsyncGenerator<Buffer, void> {
  const copy = `${path}${INFIX}${randomUUID()}`
  closeSync(openSync(copy, 'wx', 0o600))
  try {
    await db.backup(copy, {
      progress() {
        signal.throwIfAborted()
        return STEP_PAGES
      },
    })
    yield* createReadStream(copy, { signal })
  } finally {
    rmSync(copy, { force: true })
  }
}
