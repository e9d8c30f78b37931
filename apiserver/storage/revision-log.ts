/**
 * The log of revisions in SQL: one append-only table gives the current state, the state at a revision, the history and
 * the watch. `upTo` in every read is the newest revision that may be shown: a change is not seen before it is durable.
 */
import type { Db } from './database.ts'
import type { RangeOptions, RangeResult, StorageEvent, StoredRecord, Write, WriteResult } from './storage.ts'

/** Sorts after every text that a key may continue with: the last code point, which no key contains. */
const LAST = '\u{10FFFF}'
const NO_LIMIT = -1

type RecordRow = [key: string, value: string, revision: number]
type ChangeRow = [revision: number, key: string, previous: number, value: string | null]

const toRecord = ([key, value, revision]: RecordRow): StoredRecord => ({ key, value, revision })

const toEvent = ([revision, key, previous, value]: ChangeRow): StorageEvent => ({
  key,
  value: value ?? undefined,
  revision,
  previous,
})

/** The least key that a range may hold: one bound, so that the search begins there. */
function firstKey(prefix: string, after: string | undefined): string {
  if (after === undefined || Buffer.compare(Buffer.from(after), Buffer.from(prefix)) < 0) return prefix
  return `${after}\0` // nothing comes between the two
}

export interface RevisionLog {
  /** The newest revision. */
  head(): number
  get(key: string, upTo: number): StoredRecord | undefined
  range(prefix: string, upTo: number, options: Pick<RangeOptions, 'after' | 'limit'>): RangeResult
  /** At most `limit` changes after revision `after`, oldest first. */
  changes(after: number, upTo: number, limit: number): StorageEvent[]
  /**
   * Writes `value` as revision `revision` if the comparison holds. Returns the change, or what stands in its way. Runs in
   * a transaction and sees what that has written.
   */
  append(write: Write, revision: number): { change: StorageEvent } | { refused: WriteResult }
  /**
   * Takes up to `limit` changes after revision `after`, none after `upTo`, and deletes what they made superfluous: the
   * rows that they replaced, and themselves where they are deletions. Returns the revision up to which that is done.
   */
  sweep(after: number, upTo: number, limit: number): number
}

export function openRevisionLog(db: Db): RevisionLog {
  const newest = db.prepare<[], number | null>('SELECT max(revision) FROM log').pluck()
  const current = db
    .prepare<[string], [number, 0 | 1]>(
      'SELECT revision, value IS NULL FROM log WHERE key = ? ORDER BY revision DESC LIMIT 1',
    )
    .raw()
  const record = db
    .prepare<[string, number], [string, string | null, number]>(
      'SELECT key, value, revision FROM log WHERE key = ? AND revision <= ? ORDER BY revision DESC LIMIT 1',
    )
    .raw()
  // CROSS JOIN keeps the order of the inner query, so that a limit ends the search early.
  const records = db
    .prepare<[string, string, number, number], RecordRow>(
      `SELECT log.key, log.value, log.revision
       FROM (SELECT key, max(revision) AS latest FROM log
             WHERE key >= ? AND key < ? AND revision <= ? GROUP BY key ORDER BY key) AS newest
       CROSS JOIN log ON log.revision = newest.latest
       WHERE log.value IS NOT NULL ORDER BY newest.key LIMIT ?`,
    )
    .raw()
  const changed = db
    .prepare<[number, number, number], ChangeRow>(
      'SELECT revision, key, previous, value FROM log WHERE revision > ? AND revision <= ? ORDER BY revision LIMIT ?',
    )
    .raw()
  const insert = db.prepare<[number, string, number, string | null]>(
    'INSERT INTO log (revision, key, previous, value) VALUES (?, ?, ?, ?)',
  )
  const sweepEnd = db
    .prepare<[number, number, number], number>(
      'SELECT revision FROM log WHERE revision > ? AND revision <= ? ORDER BY revision LIMIT 1 OFFSET ?',
    )
    .pluck()
  const deleteReplaced = db.prepare<[number, number]>(
    'DELETE FROM log WHERE revision IN (SELECT previous FROM log WHERE revision > ? AND revision <= ? AND previous > 0)',
  )
  const deleteDeletions = db.prepare<[number, number]>(
    'DELETE FROM log WHERE revision > ? AND revision <= ? AND value IS NULL',
  )

  const get = (key: string, upTo: number): StoredRecord | undefined => {
    const row = record.get(key, upTo)
    return row === undefined || row[1] === null ? undefined : toRecord(row as RecordRow)
  }

  return {
    head: () => newest.get() ?? 0,
    get,
    range(prefix, upTo, { after, limit }) {
      const rows = records.all(firstKey(prefix, after), prefix + LAST, upTo, limit === undefined ? NO_LIMIT : limit + 1)
      const more = limit !== undefined && rows.length > limit
      if (more) rows.pop()
      return { records: rows.map(toRecord), revision: upTo, more }
    },
    changes: (after, upTo, limit) => changed.all(after, upTo, limit).map(toEvent),
    append({ key, value, expected }, revision) {
      const [held, deleted] = current.get(key) ?? [0, 1]
      const previous = deleted === 1 ? 0 : held
      if (previous !== expected) return { refused: { written: false, current: get(key, held) } }
      insert.run(revision, key, previous, value ?? null)
      return { change: { key, value, revision, previous } }
    },
    sweep(after, upTo, limit) {
      const end = sweepEnd.get(after, upTo, limit - 1) ?? upTo
      deleteReplaced.run(after, end)
      deleteDeletions.run(after, end)
      return end
    },
  }
}
