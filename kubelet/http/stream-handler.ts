/** Requests for the streams of a container: what they mean, what is refused, and how they begin and fail. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import type { Logger } from '../../shared/log.ts'
import { CHANNEL_PROTOCOLS } from './channels.ts'
import { findRunning, parseStreamQuery, type StreamQuery } from './exec-target.ts'
import type { PodSource } from './server.ts'
import { protocolsOf, type Upgrades } from './upgrades.ts'

/** Serves a client until one of both ends it. Rejects when the client leaves. */
export type ServeStream = (
  socket: WebSocket,
  /** `id` is the running container's. */
  request: { id: string; query: StreamQuery },
) => Promise<void>

export interface StreamDeps {
  pods: PodSource
  upgrades: Upgrades
  logger: Logger
  /** Aborts when the server closes. */
  closing: AbortSignal
}

interface StreamParams {
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

/** Finds what a request means, refuses what is wrong with it, and else opens its WebSocket for `serve`. */
export function streamHandler({ pods, upgrades, logger, closing }: StreamDeps, serve: ServeStream) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const { namespace, pod: name, container } = request.params as StreamParams
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
    // `close` follows.
    socket.on('error', () => undefined)
    const leave = () => socket.terminate()
    if (closing.aborted) leave()
    closing.addEventListener('abort', leave, { once: true })
    socket.once('close', () => closing.removeEventListener('abort', leave))
    try {
      await serve(socket, { id, query })
    } catch (error) {
      // What is sent to a client that is gone fails; anything else is a fault of ours.
      if (socket.readyState === socket.OPEN)
        logger.error({ err: error, namespace, pod: name, container }, 'a stream failed')
      leave()
    }
  }
}
