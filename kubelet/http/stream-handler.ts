/** Requests for the streams of a container: what they mean, what is refused, and how they begin and fail. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import { CHANNEL_PROTOCOLS, channelPeer, V4 } from './channels.ts'
import { findRunning, parseStreamQuery, type StreamQuery } from './exec-target.ts'
import { openConnection } from './open-connection.ts'
import type { Peer } from './peer.ts'
import type { PodSource } from './server.ts'
import type { Upgrades } from './upgrades.ts'

/** Serves a client until one of both ends it. Rejects when the client leaves. */
export type ServeStream = (
  peer: Peer,
  /** `id` is the running container's. */
  request: { id: string; query: StreamQuery },
) => Promise<void>

export interface StreamDeps {
  pods: PodSource
  upgrades: Upgrades
  clock: Clock
  logger: Logger
  /** Aborts when the server closes. */
  closing: AbortSignal
}

interface StreamParams {
  namespace: string
  pod: string
  container: string
}

const PROTOCOLS = { websocket: CHANNEL_PROTOCOLS, spdy: [V4] }

/** What a stream is refused for before its connection is opened, which all clients understand best; undefined for nothing. */
export type FindRefusal = (id: string) => Promise<string | undefined>

/** Finds what a request means, refuses what is wrong with it, and else opens its connection for `serve`. */
export function streamHandler(deps: StreamDeps, serve: ServeStream, findRefusal?: FindRefusal) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const { namespace, pod: name, container } = request.params as StreamParams
    const refuse = (status: number, message: string) => reply.code(status).type('text/plain').send(message)
    const query = parseStreamQuery(request.query as Record<string, string | string[]>)
    if (typeof query === 'string') return refuse(400, query)
    const pod = deps.pods.find(namespace, name)
    if (pod === undefined) return refuse(404, 'pod does not exist')
    const id = findRunning(pod, container)
    if (id === undefined) return refuse(500, `container not found (${JSON.stringify(container)})`)
    const refusal = await findRefusal?.(id)
    if (refusal !== undefined) return refuse(500, refusal)
    await openConnection(request, reply, {
      ...deps,
      protocols: PROTOCOLS,
      async serveWebSocket(socket) {
        await serve(channelPeer(socket), { id, query })
      },
      async serveSpdy(transport) {
        const { spdyPeer } = await import('./spdy/peer.ts')
        const peer = await spdyPeer(transport, query, deps.clock)
        if (peer !== undefined) await serve(peer, { id, query })
      },
    })
  }
}
