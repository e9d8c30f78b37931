/** `exec`: a program beside a container's own, over a WebSocket. */
import type { WebSocket } from 'ws'
import { type ExecStream, type Runtime, StartError } from '../runtime/runtime.ts'
import { announce, conclude, receive, STDERR, STDOUT, sendAll } from './channels.ts'
import type { StreamQuery } from './exec-target.ts'
import type { ServeStream } from './stream-handler.ts'
import { endStatus, failureStatus } from './stream-status.ts'

/** Connects a program with its client. The one that ends first ends the other. */
async function run(socket: WebSocket, stream: ExecStream, { stdout, stderr, command }: StreamQuery): Promise<void> {
  const kill = () => void stream.kill()
  socket.once('close', kill)
  if (socket.readyState === socket.CLOSED) kill()
  receive(socket, stream)
  socket.resume()
  const outputs = [
    stdout ? sendAll(socket, STDOUT, stream.stdout) : stream.stdout.resume(),
    stderr && stream.stderr !== undefined ? sendAll(socket, STDERR, stream.stderr) : stream.stderr?.resume(),
  ]
  await Promise.all(outputs)
  const exitCode = await stream.exited
  // Processes that the program has left in the background go on as part of the container.
  socket.removeListener('close', kill)
  await conclude(socket, endStatus(command, exitCode))
}

export const createExec =
  (runtime: Pick<Runtime, 'execStream'>): ServeStream =>
  async (socket, { id, query }) => {
    // Nothing that the client sends is lost while the program starts.
    socket.pause()
    await announce(socket, query)
    let stream: ExecStream
    try {
      stream = await runtime.execStream(id, query.command, query)
    } catch (error) {
      const { message } = error as Error
      const isProgram = error instanceof StartError
      const cause = isProgram ? `unable to start container process: ${message}` : message
      const tried = 'error executing command in container: failed to exec in container'
      return conclude(socket, failureStatus(`${tried}: ${cause}`))
    }
    await run(socket, stream, query)
  }
