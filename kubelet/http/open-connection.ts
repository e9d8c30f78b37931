/** From a request for another protocol to the connection that speaks it, whichever the client knows. */
import type { Duplex } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import type { Logger } from '../../shared/log.ts'
import { protocolsOf, type UpgradeKind, type Upgrades } from './upgrades.ts'

export interface ConnectionOptions {
  upgrades: Upgrades
  logger: Logger
  /** Aborts when the server closes. */
  closing: AbortSignal
  /** What is spoken on top of each, the favourite first. */
  protocols: Readonly<Record<UpgradeKind, readonly string[]>>
  /** Resolves when all is said. Rejects when the client leaves. */
  serveWebSocket(socket: WebSocket): Promise<void>
  serveSpdy(transport: Duplex): Promise<void>
}

/** Upstream's refusals. */
function refusalOf(kind: UpgradeKind, offered: readonly string[], accepted: readonly string[]) {
  const supported = `client supports [${offered.join(' ')}], server accepts [${accepted.join(' ')}]`
  const message = `unable to negotiate protocol: ${supported}`
  if (kind === 'websocket') return { status: 400, message }
  if (offered.length === 0) return { status: 403, message: 'unable to upgrade: X-Stream-Protocol-Version is required' }
  return { status: 403, message: `unable to upgrade: ${message}` }
}

interface Leaving {
  destroy(): void
  once(event: 'close', listener: () => void): unknown
}

/** Serves a connection to its end, or to the server's. */
async function serveToEnd(
  serve: () => Promise<void>,
  connection: Leaving,
  { path, logger, closing }: { path: string } & Pick<ConnectionOptions, 'closing' | 'logger'>,
): Promise<void> {
  let isOpen = true
  const leave = () => connection.destroy()
  connection.once('close', () => {
    isOpen = false
    closing.removeEventListener('abort', leave)
  })
  if (closing.aborted) leave()
  closing.addEventListener('abort', leave, { once: true })
  try {
    await serve()
  } catch (error) {
    // What is sent to a client that is gone fails; anything else is a fault of ours.
    if (isOpen && !closing.aborted) logger.error({ err: error, path }, 'a stream failed')
    leave()
  }
}

/** Answers a request by the protocol that it asks for, and serves that to its end; refuses what is not spoken here. */
export async function openConnection(
  request: FastifyRequest,
  reply: FastifyReply,
  options: ConnectionOptions,
): Promise<unknown> {
  const { upgrades, protocols, serveWebSocket, serveSpdy } = options
  const { raw } = request
  const refuse = (status: number, message: string) => reply.code(status).type('text/plain').send(message)
  const kind = upgrades.kindOf(raw)
  if (kind === undefined) return refuse(400, 'Upgrade request required')
  const offered = protocolsOf(raw, kind)
  const protocol = protocols[kind].find((known) => offered.includes(known))
  if (protocol === undefined) {
    const { status, message } = refusalOf(kind, offered, protocols[kind])
    return refuse(status, message)
  }

  reply.hijack()
  const context = { ...options, path: raw.url ?? '' }
  if (kind === 'spdy') {
    const transport = upgrades.openSpdy(raw, reply.raw, protocol)
    // `close` follows.
    transport.on('error', () => undefined)
    return serveToEnd(() => serveSpdy(transport), transport, context)
  }
  const socket = await upgrades.openWebSocket(raw, reply.raw, protocol)
  if (socket === undefined) return
  // `close` follows.
  socket.on('error', () => undefined)
  const connection: Leaving = {
    destroy: () => socket.terminate(),
    once: (event, listener) => socket.once(event, listener),
  }
  return serveToEnd(() => serveWebSocket(socket), connection, context)
}
