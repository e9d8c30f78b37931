/** `exec`: a program beside a container's own. */
import { type ExecStream, type Runtime, StartError } from '../runtime/runtime.ts'
import type { StreamQuery } from './exec-target.ts'
import type { Peer } from './peer.ts'
import type { ServeStream } from './stream-handler.ts'
import { endStatus, failureStatus } from './stream-status.ts'

/** Connects a program with its client. The one that ends first ends the other. */
async function run(peer: Peer, stream: ExecStream, { stdout, stderr, command }: StreamQuery): Promise<void> {
  const kill = () => void stream.kill()
  peer.gone.addEventListener('abort', kill)
  if (peer.gone.aborted) kill()
  peer.receive(stream)
  const outputs = [
    stdout ? peer.send('stdout', stream.stdout) : stream.stdout.resume(),
    stderr && stream.stderr !== undefined ? peer.send('stderr', stream.stderr) : stream.stderr?.resume(),
  ]
  await Promise.all(outputs)
  const exitCode = await stream.exited
  // Processes that the program has left in the background go on as part of the container.
  peer.gone.removeEventListener('abort', kill)
  await peer.conclude(endStatus(command, exitCode))
}

export const createExec =
  (runtime: Pick<Runtime, 'execStream'>): ServeStream =>
  async (peer, { id, query }) => {
    await peer.announce(query)
    let stream: ExecStream
    try {
      stream = await runtime.execStream(id, query.command, query)
    } catch (error) {
      const { message } = error as Error
      const isProgram = error instanceof StartError
      const cause = isProgram ? `unable to start container process: ${message}` : message
      const tried = 'error executing command in container: failed to exec in container'
      return peer.conclude(failureStatus(`${tried}: ${cause}`))
    }
    await run(peer, stream, query)
  }
