/** Where a watch's lines go: an HTTP response that goes on, or a WebSocket. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { WebSocket } from 'ws'

export interface WatchOutput {
  /** Writes whole lines, each closed by its newline; false: the client does not keep up, wait for `drained`. */
  write(lines: Buffer): boolean
  /** Resolves when the client has taken what was written; rejects with the signal. */
  drained(signal: AbortSignal): Promise<unknown>
  /** Ends it after what was written. */
  end(): void
  /** Ends it at once. */
  destroy(): void
}

export const responseOutput = (response: ServerResponse): WatchOutput => ({
  write: (lines) => response.write(lines),
  drained: (signal) => once(response, 'drain', { signal }),
  end: () => response.end(),
  destroy: () => response.destroy(),
})

/** Bytes that may wait for a WebSocket's client; an HTTP response counts by itself. */
const BUFFERED_BYTES_MAX = 64 * 1024
const NEWLINE = 0x0a
/** The code of a normal closure. */
const NORMAL_CLOSURE = 1000

/** A text frame per line, as upstream sends one per event. */
export function socketOutput(socket: WebSocket): WatchOutput {
  let flushed: Promise<void> = Promise.resolve()
  return {
    write(lines) {
      const { promise, resolve } = Promise.withResolvers<void>()
      flushed = promise
      for (let start = 0, end = 0; start < lines.length; start = end) {
        end = lines.indexOf(NEWLINE, start) + 1
        // A failed write is followed by the socket's `close`, which ends the watch.
        socket.send(lines.subarray(start, end), { binary: false }, end < lines.length ? undefined : () => resolve())
      }
      return socket.bufferedAmount <= BUFFERED_BYTES_MAX
    },
    drained: (signal) => Promise.race([flushed, once(signal, 'abort').then(() => Promise.reject(signal.reason))]),
    end: () => socket.close(NORMAL_CLOSURE),
    destroy: () => socket.terminate(),
  }
}
