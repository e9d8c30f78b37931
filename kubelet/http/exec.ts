/** `/exec`: programs beside a container's own, over WebSockets. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import type { Logger } from '../../shared/log.ts'
import { type ExecStream, type Runtime, StartError } from '../runtime/runtime.ts'
import { announce, CHANNEL_PROTOCOLS, conclude, receive, STDERR, STDOUT, sendAll } from './channels.ts'
import { findRunning, parseStreamQuery, type StreamQuery } from './exec-target.ts'
import type { PodSource } from './server.ts'
import { endStatus, startFailureStatus } from './stream-status.ts'
import { protocolsOf, type Upgrades } from './upgrades.ts'

export interface ExecDeps {
  pods: PodSource
  runtime: Pick<Runtime, 'execStream'>
  upgrades: Upgrades
  logger: Logger
  /** Aborts when the server closes. */
  closing: AbortSignal
}

interface ExecParams {
  namespace: string
  pod: string
  container: string
}

const TEXT = 'text/plain'
const SPDY = /^spdy\//i

const SPDY_REFUSAL =
  'SPDY is not spoken here, WebSockets are: use kubectl 1.31 or newer, or set KUBECTL_REMOTE_COMMAND_WEBSOCKETS=true for kubectl 1.29 and 1.30'

/** What is wrong with a request that does not ask for a WebSocket. */
const refusalOfUpgrade = (upgrade: string | undefined) =>
  upgrade !== undefined && SPDY.test(upgrade) ? SPDY_REFUSAL : 'Upgrade request required'

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

async function serve(socket: WebSocket, query: StreamQuery, start: () => Promise<ExecStream>): Promise<void> {
  // Nothing that the client sends is lost while the program starts.
  socket.pause()
  if (query.stdout) await announce(socket, STDOUT)
  if (query.stderr) await announce(socket, STDERR)
  let stream: ExecStream
  try {
    stream = await start()
  } catch (error) {
    const { message } = error as Error
    const isProgram = error instanceof StartError
    return conclude(socket, startFailureStatus(isProgram ? `unable to start container process: ${message}` : message))
  }
  await run(socket, stream, query)
}

export function execHandler({ pods, runtime, upgrades, logger, closing }: ExecDeps) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const { namespace, pod: name, container } = request.params as ExecParams
    const refuse = (status: number, message: string) => reply.code(status).type(TEXT).send(message)
    const query = parseStreamQuery(request.query as Record<string, string | string[]>)
    if (typeof query === 'string') return refuse(400, query)
    const pod = pods.find(namespace, name)
    if (pod === undefined) return refuse(404, 'pod does not exist')
    const id = findRunning(pod, container)
    if (id === undefined) return refuse(500, `container not found (${JSON.stringify(container)})`)
    if (!upgrades.isUpgrade(request.raw)) return refuse(400, refusalOfUpgrade(request.headers.upgrade))
    const offered = protocolsOf(request.raw)
    const protocol = CHANNEL_PROTOCOLS.find((known) => offered.includes(known))
    if (protocol === undefined)
      return refuse(
        400,
        `unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${CHANNEL_PROTOCOLS.join(' ')}]`,
      )

    reply.hijack()
    const socket = await upgrades.open(request.raw, reply.raw, protocol)
    if (socket === undefined) return
    // `close` follows, which ends the program.
    socket.on('error', () => undefined)
    const leave = () => socket.terminate()
    closing.addEventListener('abort', leave, { once: true })
    socket.once('close', () => closing.removeEventListener('abort', leave))
    try {
      await serve(socket, query, () => runtime.execStream(id, query.command, query))
    } catch (error) {
      // What is sent to a client that is gone fails; anything else is a fault of ours.
      if (socket.readyState === socket.OPEN)
        logger.error({ err: error, namespace, pod: name, container }, 'an exec failed')
      leave()
    }
  }
}
