import type { Clock } from '../../shared/clock.ts'
import { type ApiError, isApiError } from '../../shared/errors.ts'
import { SlowWatcherError } from '../cache/cache.ts'
import type { ObjectWatch } from '../registry/watch.ts'
import { errorFrame, type Frames } from './watch-frames.ts'
import type { WatchOutput } from './watch-output.ts'

/** How often a watcher that wants bookmarks gets one. */
const BOOKMARK_INTERVAL_MS = 60_000
/** A client that takes nothing for this long is not there any more, or might as well not be. */
const STALLED_MS = 30_000

export interface WatchStreamOptions {
  clock: Clock
  frames: Frames
  /** Present where the client wants bookmarks: makes the line of one. */
  bookmark?(revision: number, isInitialEnd: boolean): Buffer
  /** After this long the server ends the watch; the client starts another from where it was. */
  timeoutMs: number
  /** Counts what was sent. */
  events: { count: number }
}

/** Calls `tick` again and again until it is cancelled. */
function every(clock: Clock, intervalMs: number, tick: () => void): () => void {
  let cancel: () => void = () => undefined
  const again = () => {
    cancel = clock.after(intervalMs, () => {
      tick()
      again()
    })
  }
  again()
  return () => cancel()
}

/**
 * Writes, and waits where the client does not read: meanwhile the cache's bounded buffer fills, and then cuts it off.
 * One that does not read at all is cut off after a while, whatever happens in the cluster.
 */
async function write(
  output: WatchOutput,
  lines: Buffer,
  { clock, stop }: { clock: Clock; stop: AbortController },
): Promise<void> {
  if (output.write(lines)) return
  const cancel = clock.after(STALLED_MS, () => {
    stop.abort()
    output.destroy()
  })
  await output.drained(stop.signal).finally(cancel)
}

async function writeInitial(
  output: WatchOutput,
  watch: ObjectWatch,
  { frames, bookmark, events, ...waiting }: WatchStreamOptions & { stop: AbortController },
): Promise<void> {
  for (const object of watch.initial) await write(output, frames.one('ADDED', object), waiting)
  events.count += watch.initial.length
  if (watch.initialRevision !== undefined && bookmark !== undefined)
    await write(output, bookmark(watch.initialRevision, true), waiting)
}

/**
 * Streams a watch to its client until its time is up, the client is gone, the server stops (`stop`), or the client is too
 * slow. The client loses nothing by any of these: it watches again from the last version that it has seen.
 */
export async function streamWatch(
  output: WatchOutput,
  watch: ObjectWatch,
  options: WatchStreamOptions & { stop: AbortController },
): Promise<void> {
  const { clock, frames, bookmark, timeoutMs, stop, events } = options
  const mark = () => bookmark !== undefined && output.write(bookmark(watch.deliveredRevision(), false))
  const cancelBookmarks = bookmark === undefined ? undefined : every(clock, BOOKMARK_INTERVAL_MS, mark)
  const cancelTimeout = clock.after(timeoutMs, () => {
    mark()
    stop.abort()
  })
  try {
    await writeInitial(output, watch, options)
    for await (const changes of watch.changes) {
      await write(output, frames.batch(changes), options)
      events.count += changes.length
    }
  } catch (error) {
    if (isApiError(error, 'Expired')) output.write(errorFrame(error))
    else if (!stop.signal.aborted && !(error instanceof SlowWatcherError)) throw error
  } finally {
    cancelBookmarks?.()
    cancelTimeout()
    output.end()
  }
}

/** A watch that is over before it began: its version is too old. Clients look for this in the stream. */
export function streamError(output: WatchOutput, error: ApiError): void {
  output.write(errorFrame(error))
  output.end()
}
