/** `portForward`: connections to ports of a pod, over one connection with the client. */
import type { Duplex } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { CHANNEL_FORWARD_PROTOCOL, forwardOverChannels, parsePorts } from './forward-channels.ts'
import { openConnection } from './open-connection.ts'
import type { StreamDeps } from './stream-handler.ts'
import { protocolsOf } from './upgrades.ts'

export interface PortForwardDeps extends StreamDeps {
  /** Connects to a port of a pod. Rejects where nobody listens. */
  dial(podUid: string, port: number): Promise<Duplex>
}

/** One pod's ports, as those see them who forward to them. */
export interface ForwardTarget {
  /** Connects to a port. Rejects, in upstream's words, where that fails. */
  dial(port: number): Promise<Duplex>
}

/** SPDY's frames in the messages of a WebSocket, as kubectl speaks it since 1.31. */
const TUNNEL_PROTOCOL = 'SPDY/3.1+portforward.k8s.io'
const PROTOCOLS = { websocket: [TUNNEL_PROTOCOL, CHANNEL_FORWARD_PROTOCOL], spdy: ['portforward.k8s.io'] }

/** What the system says of a connection that fails, as programs written in Go say it. */
const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ETIMEDOUT: 'connection timed out',
}

export function forwardError(podUid: string, port: number, { code, message }: NodeJS.ErrnoException): Error {
  const cause = CAUSES[code ?? '']
  const dial =
    cause === undefined
      ? message
      : `failed to connect to localhost:${port} inside namespace "${podUid}", IPv4: dial tcp4 127.0.0.1:${port}: connect: ${cause}`
  return new Error(`error forwarding port ${port} to pod ${podUid}, uid : ${dial}`)
}

/** Finds what a request means, refuses what is wrong with it, and else forwards until one of both ends it. */
export function portForwardHandler(deps: PortForwardDeps) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const { namespace, pod: name } = request.params as { namespace: string; pod: string }
    const refuse = (status: number, message: string) => reply.code(status).type('text/plain').send(message)
    const pod = deps.pods.find(namespace, name)
    if (pod === undefined) return refuse(404, 'pod does not exist')
    const { uid } = pod.metadata
    const target: ForwardTarget = {
      dial: (port) =>
        deps.dial(uid, port).catch((error) => {
          throw forwardError(uid, port, error)
        }),
    }
    const isTunnel = protocolsOf(request.raw, 'websocket').includes(TUNNEL_PROTOCOL)
    const ports = parsePorts((request.query as { port?: string | string[] }).port)
    if (deps.upgrades.kindOf(request.raw) === 'websocket' && !isTunnel && typeof ports === 'string')
      return refuse(400, ports)
    const serveSpdy = async (transport: Duplex) => {
      const { forwardOverSpdy } = await import('./spdy/forward.ts')
      await forwardOverSpdy(transport, target, deps.clock)
    }
    return openConnection(request, reply, {
      ...deps,
      protocols: PROTOCOLS,
      serveSpdy,
      async serveWebSocket(socket) {
        if (socket.protocol !== TUNNEL_PROTOCOL) return forwardOverChannels(socket, target, ports as number[])
        const { createWebSocketStream } = await import('ws')
        const transport = createWebSocketStream(socket)
        // `close` follows.
        transport.on('error', () => undefined)
        return serveSpdy(transport)
      },
    })
  }
}
