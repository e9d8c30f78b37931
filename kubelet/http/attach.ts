/** `attach`: what a container's own program says from now on, over a WebSocket. */
import type { Writable } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Runtime } from '../runtime/runtime.ts'
import { announce, conclude, receive, STDERR, STDOUT, sendAll } from './channels.ts'
import { findLogSource } from './log-source.ts'
import { openLogAt, readLogFrom } from './log-stream.ts'
import type { ServeStream } from './stream-handler.ts'
import { failureStatus, SUCCESS } from './stream-status.ts'

/** For a client's terminal, which expects of a program's terminal that lines begin at the left. */
async function* withReturns(output: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of output) yield Buffer.from(chunk.toString('latin1').replaceAll('\n', '\r\n'), 'latin1')
}

/** The container's input, which ends with its client. */
function inputOf(runtime: Pick<Runtime, 'openInput'>, socket: WebSocket, id: string): Writable {
  const stdin = runtime.openInput(id)
  // The container is gone, which its outputs tell.
  stdin.on('error', () => undefined)
  socket.once('close', () => stdin.end())
  return stdin
}

/**
 * The outputs are read from the container's log, so they come line by line. A client that leaves changes nothing for
 * the container but the end of an input that is to be written to once.
 */
export const createAttach =
  (runtime: Pick<Runtime, 'list' | 'openInput' | 'subscribe'>): ServeStream =>
  async (socket, { id, query }) => {
    // Nothing that the client sends is lost meanwhile.
    socket.pause()
    const source = await findLogSource(runtime, id)
    if (source === undefined)
      return conclude(socket, failureStatus(`error attaching to container: container ${id} is not running`))
    const gone = new AbortController()
    socket.once('close', () => gone.abort())
    if (socket.readyState === socket.CLOSED) gone.abort()
    const stdin = query.stdin ? inputOf(runtime, socket, id) : undefined
    receive(socket, { ...(stdin !== undefined && { stdin }), resize: () => undefined })
    socket.resume()
    // A client that has been told that it is attached misses nothing from then on.
    const start = await openLogAt(source.path, { tailLines: 0 })
    try {
      await announce(socket, query)
      const read = (stream?: 'stdout' | 'stderr') =>
        readLogFrom(
          start,
          { follow: true, timestamps: false, ...(stream && { stream }) },
          { source, signal: gone.signal },
        )
      const outputs = query.tty
        ? [sendAll(socket, STDOUT, withReturns(read()))]
        : [['stdout', STDOUT] as const, ['stderr', STDERR] as const]
            .filter(([stream]) => query[stream])
            .map(([stream, channel]) => sendAll(socket, channel, read(stream)))
      await Promise.all(outputs)
    } finally {
      await start.close()
    }
    if (!gone.signal.aborted) await conclude(socket, SUCCESS)
  }
