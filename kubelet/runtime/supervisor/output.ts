import { finished, type Readable } from 'node:stream'
import { type Clock, delay } from '../../../shared/clock.ts'

/**
 * How long after a program's end its last output is waited for. It is there at once, unless a process that could not be
 * killed holds the pipe open.
 */
const DRAIN_MS = 1_000

/** Resolves when all the streams have ended, and ends them by force when they do not after the program has. */
export async function drain(streams: readonly Readable[], programEnd: Promise<unknown>, clock: Clock): Promise<void> {
  const ends = streams.map(
    // How a pipe ends makes no difference: what came through it has been read.
    (stream) => new Promise<void>((resolve) => finished(stream, () => resolve())),
  )
  const ended = Promise.all(ends)
  await programEnd
  const waiting = new AbortController()
  const timeout = delay(clock, DRAIN_MS, waiting.signal).then(
    () => streams.forEach((stream) => void stream.destroy()),
    () => undefined, // The streams ended in time.
  )
  await Promise.race([ended, timeout])
  waiting.abort()
}
