import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Clock } from '../../shared/clock.ts'
import { type ApiError, isApiError } from '../../shared/errors.ts'
import { SlowWatcherError } from '../cache/cache.ts'
import type { ObjectWatch } from '../registry/watch.ts'
import { errorFrame, type Frames } from './watch-frames.ts'

/** How often a watcher that wants bookmarks gets one. */
const BOOKMARK_INTERVAL_MS = 60_000

export interface WatchStreamOptions {
  clock: Clock
  frames: Frames
  /** Present where the client wants bookmarks: makes the line of one. */
  bookmark?(revision: number, isInitialEnd: boolean): Buffer
  /** After this long the server ends the watch; the client starts another from where it was. */
  timeoutMs: number
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

/** Writes, and waits where the client does not read: meanwhile the cache's bounded buffer fills, and then cuts it off. */
async function write(response: ServerResponse, bytes: Buffer, signal: AbortSignal): Promise<void> {
  if (!response.write(bytes)) await once(response, 'drain', { signal })
}

async function writeInitial(
  response: ServerResponse,
  watch: ObjectWatch,
  { frames, bookmark, signal }: Pick<WatchStreamOptions, 'frames' | 'bookmark'> & { signal: AbortSignal },
): Promise<void> {
  for (const object of watch.initial) await write(response, frames.one('ADDED', object), signal)
  if (watch.initialRevision !== undefined && bookmark !== undefined)
    await write(response, bookmark(watch.initialRevision, true), signal)
}

/**
 * Streams a watch into a response until its time is up, the client is gone, the server stops (`signal`), or the client
 * is too slow. The client loses nothing by any of these: it watches again from the last version that it has seen.
 */
export async function streamWatch(
  response: ServerResponse,
  watch: ObjectWatch,
  { clock, frames, bookmark, timeoutMs, stop }: WatchStreamOptions & { stop: AbortController },
): Promise<void> {
  const { signal } = stop
  const mark = () => bookmark !== undefined && response.write(bookmark(watch.deliveredRevision(), false))
  const cancelBookmarks = bookmark === undefined ? undefined : every(clock, BOOKMARK_INTERVAL_MS, mark)
  const cancelTimeout = clock.after(timeoutMs, () => {
    mark()
    stop.abort()
  })
  try {
    await writeInitial(response, watch, { frames, bookmark, signal })
    for await (const changes of watch.changes) await write(response, frames.batch(changes), signal)
  } catch (error) {
    if (isApiError(error, 'Expired')) response.write(errorFrame(error))
    else if (!signal.aborted && !(error instanceof SlowWatcherError)) throw error
  } finally {
    cancelBookmarks?.()
    cancelTimeout()
    response.end()
  }
}

/** A watch that is over before it began: its version is too old. Clients look for this in the stream. */
export function streamError(response: ServerResponse, error: ApiError): void {
  response.end(errorFrame(error))
}
