/**
 * A watch's response, one JSON document per line, as an async iterable of events. The bytes are cut at line ends and
 * each line is decoded once, when it is asked for; a consumer that falls behind pauses the connection.
 */
import type { KubeObject } from '../api/kind.ts'
import { type ApiError, unavailable } from '../errors.ts'
import type { WatchEvent } from './client.ts'
import { errorFromResponse, errorFromStatus } from './status-error.ts'
import type { StreamControl, StreamHandler } from './transport.ts'

/** Lines that wait for the consumer before the connection is paused. What is already on its way still arrives. */
const WAITING_LINES_MAX = 1_000
/** No event is longer than the largest object; a line beyond this is not a watch. */
const LINE_BYTES_MAX = 16 * 1024 * 1024

const NEWLINE = 0x0a
const OK = 200

/** Cuts chunks into lines. A line within one chunk is not copied. */
export function createLineSplitter(onLine: (line: Buffer) => void): (chunk: Buffer) => void {
  let pieces: Buffer[] = []
  let pendingBytes = 0
  return (chunk) => {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const rest = chunk.subarray(start, end)
      const line = pieces.length === 0 ? rest : Buffer.concat([...pieces, rest])
      pieces = []
      pendingBytes = 0
      start = end + 1
      if (line.length > 0) onLine(line)
    }
    if (start === chunk.length) return
    pieces.push(chunk.subarray(start))
    pendingBytes += chunk.length - start
    if (pendingBytes > LINE_BYTES_MAX) throw unavailable(`a watch event is longer than ${LINE_BYTES_MAX} bytes`)
  }
}

function decode<Object extends KubeObject>(line: Buffer): WatchEvent<Object> {
  let event: WatchEvent<Object> | { type: 'ERROR'; object: Parameters<typeof errorFromStatus>[0] }
  try {
    event = JSON.parse(line.toString('utf8'))
  } catch (cause) {
    const error = unavailable('the watch was cut off in the middle of an event')
    error.cause = cause
    throw error
  }
  if (event.type === 'ERROR') throw errorFromStatus(event.object)
  return event
}

/**
 * Opens a watch when it is iterated. Ends when the server ends the response or the signal aborts; throws the ApiError
 * of a refusal, of an ERROR event or of a lost connection. Leaving the loop drops the connection.
 */
export async function* watchEvents<Object extends KubeObject>(
  open: (handler: StreamHandler) => StreamControl,
  { signal, onOpen }: { signal: AbortSignal; onOpen?: () => void },
): AsyncGenerator<WatchEvent<Object>, void, undefined> {
  if (signal.aborted) return
  let lines: Buffer[] = []
  let refused: { status: number; chunks: Buffer[] } | undefined
  let ended: { error?: Error } | undefined
  let wake: () => void = () => undefined
  const split = createLineSplitter((line) => lines.push(line))
  const control = open({
    onStart(status) {
      if (status !== OK) refused = { status, chunks: [] }
      else onOpen?.()
    },
    onData(chunk) {
      if (refused !== undefined) {
        refused.chunks.push(chunk)
        return true
      }
      split(chunk)
      wake()
      return lines.length < WAITING_LINES_MAX
    },
    onEnd(error) {
      ended = error === undefined ? {} : { error }
      wake()
    },
  })
  const onAbort = () => wake()
  signal.addEventListener('abort', onAbort)
  try {
    while (!signal.aborted) {
      const batch = lines
      lines = []
      for (const line of batch) {
        yield decode<Object>(line)
        if (signal.aborted) return
      }
      if (lines.length > 0) continue
      if (ended !== undefined) {
        const failure = failureOf(ended, refused)
        if (failure !== undefined) throw failure
        return
      }
      control.resume()
      await new Promise<void>((resolve) => {
        wake = resolve
        if (lines.length > 0 || ended !== undefined || signal.aborted) resolve()
      })
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    control.abort()
  }
}

const failureOf = (
  ended: { error?: Error },
  refused: { status: number; chunks: Buffer[] } | undefined,
): ApiError | Error | undefined =>
  refused === undefined ? ended.error : errorFromResponse(refused.status, Buffer.concat(refused.chunks))
