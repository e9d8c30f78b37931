/**
 * What the store knows beside the log's rows. `floor` is the compacted revision; `swept` how far compaction has
 * deleted rows; `boot` names the machine's boot during which the store was last open, and is absent after a clean end.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Db } from './database.ts'

/** More revisions than relaxed writes could lose in one power cut. */
const LOST_REVISIONS_MAX = 1_000_000

export interface State {
  /** The oldest revision that could be asked for when the store was opened. */
  floor: number
  /** Rows that only revisions before this one could see were deleted by then. */
  swept: number
  write(name: 'floor' | 'swept', revision: number): void
  /** Notes that nothing is left that a power cut could take back. */
  markClean(): void
}

/** Changes with every start of the machine. Where it cannot be known, no two runs share one. */
function currentBoot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return randomUUID() // not Linux: assume the worse, that the machine was restarted
  }
}

/** The compacted revision of a database, which may be higher than that of its newest row. */
export const floorOf = (db: Db): number =>
  Number(db.prepare("SELECT value FROM state WHERE name = 'floor'").pluck().get() ?? 0)

/** Lets the count of a copied database go on at `floor`, as if all before were compacted. */
export function forgetPast(db: Db, floor: number): void {
  db.prepare("INSERT OR REPLACE INTO state (name, value) VALUES ('floor', ?)").run(floor)
  db.prepare("DELETE FROM state WHERE name = 'boot'").run()
}

/**
 * Reads the state and marks the store as open. If the machine went down while it was open, relaxed writes may be lost
 * whose revisions clients have seen. Giving these numbers to other writes would make a client that resumes there miss
 * changes, so the count goes on far above them and everyone who asks for an older revision has to list again.
 */
export function openState(db: Db, head: number, boot: string = currentBoot()): State {
  const read = db.prepare<[string], number | string>('SELECT value FROM state WHERE name = ?').pluck()
  const write = db.prepare<[string, number | string]>('INSERT OR REPLACE INTO state (name, value) VALUES (?, ?)')
  const forget = db.prepare<[string]>('DELETE FROM state WHERE name = ?')
  const swept = Number(read.get('swept') ?? 0)
  let floor = floorOf(db)

  const openedDuring = read.get('boot')
  if (openedDuring !== undefined && openedDuring !== boot) {
    floor = Math.max(head, floor) + LOST_REVISIONS_MAX
    write.run('floor', floor)
  }
  write.run('boot', boot)

  return {
    floor,
    swept,
    write: (name, revision) => void write.run(name, revision),
    markClean: () => void forget.run('boot'),
  }
}
