/**
 * When the store forgets its past. History serves watches that resume and lists that go on page by page, for as long as
 * upstream keeps it; a burst of writes may shorten that, so that the database stays within twice its live data.
 */
import { type Clock, delay } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import { type Storage, StorageError } from './storage.ts'

/** Defaults of the API server's flags. */
export const COMPACTION_DEFAULTS = {
  /** How long a revision can be asked for after the next one was written, at least. */
  keepMs: 5 * 60_000,
  /** More revisions than this are not kept, however young they are. */
  revisionsMax: 100_000,
  /** So many are, however few objects there are. */
  revisionsMin: 20_000,
} as const

/**
 * How often the policy looks at the store, at least; where history is short, several times in its length. What is written
 * in between comes on top of the revisions that are kept.
 */
const CHECK_INTERVAL_MS = 1_000
const CHECKS_PER_HISTORY = 4
/** As many revisions of the past as there are objects would double the database: this share leaves room for the rest. */
const PAST_PER_OBJECT = 0.75
/** Fewer revisions than this are not worth a compaction. */
const REVISIONS_MIN = 100

export interface CompactionOptions {
  storage: Storage
  clock: Clock
  logger: Logger
  /** 0: nothing is ever forgotten. */
  keepMs: number
  revisionsMax: number
  revisionsMin: number
  /** How many objects there are. */
  objects(): number
}

interface Mark {
  atMs: number
  revision: number
}

/** The revision to compact to, by what was the current revision at which time (oldest first, the last is now). */
export function planCompaction(
  marks: readonly Mark[],
  { keepMs, revisionsMax }: Pick<CompactionOptions, 'keepMs' | 'revisionsMax'>,
): number {
  const now = marks.at(-1)!
  const aged = marks.findLast(({ atMs }) => atMs <= now.atMs - keepMs)?.revision ?? 0
  return Math.max(aged, now.revision - revisionsMax, 0)
}

/** Compacts from time to time; returns the function that stops it, which resolves when no compaction runs any more. */
export function startCompaction(options: CompactionOptions): () => Promise<void> {
  const { storage, clock, logger, keepMs } = options
  if (keepMs === 0) return async () => undefined
  const stop = new AbortController()
  const intervalMs = Math.min(CHECK_INTERVAL_MS, keepMs / CHECKS_PER_HISTORY)
  let marks: Mark[] = []

  async function check(): Promise<void> {
    const now = { atMs: clock.nowMs(), revision: await storage.currentRevision() }
    marks = [...marks.filter(({ atMs }) => atMs > now.atMs - keepMs - intervalMs), now]
    const revisionsMax = Math.min(
      options.revisionsMax,
      Math.max(options.revisionsMin, Math.floor(options.objects() * PAST_PER_OBJECT)),
    )
    const target = planCompaction(marks, { keepMs, revisionsMax })
    if (target < (await storage.compactedRevision()) + REVISIONS_MIN) return
    await storage.compact(target)
    logger.debug({ revision: target }, 'history was compacted')
  }

  async function run(): Promise<void> {
    for (;;) {
      try {
        await delay(clock, intervalMs, stop.signal)
        await check()
      } catch (error) {
        if (stop.signal.aborted) return
        if (!(error instanceof StorageError)) throw error
        logger.error({ err: error }, 'history could not be compacted')
      }
    }
  }

  const running = run()
  return async () => {
    stop.abort()
    await running
  }
}
