/**
 * Requests that ask for a WebSocket. They go the way of all requests, with a response that writes to their socket, so
 * that who may ask, and what is wrong with a request, is found out and told in one place.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { upgradeResponse } from '../../shared/upgrade-response.ts'

/** The longest message that a client may send; kubectl's have 32 KiB. */
const MESSAGE_BYTES_MAX = 1024 * 1024

export interface Upgrades {
  /** Gives a request that asks for a WebSocket to the handler of all requests. */
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Whether a request has asked for a WebSocket. */
  isUpgrade(request: IncomingMessage): boolean
  /** Opens the WebSocket of a request, which speaks `protocol`; undefined where its client is gone or makes no sense. */
  open(request: IncomingMessage, response: ServerResponse, protocol: string): Promise<WebSocket | undefined>
}

/** Which requests are upgrades. Anything else that a client would rather speak is answered in HTTP. */
export const isWebSocketRequest = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'

/** The subprotocols that a client offers, its favourite first. */
export const protocolsOf = ({ headers }: IncomingMessage): string[] =>
  (headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim())

export function createUpgrades(handle: (request: IncomingMessage, response: ServerResponse) => void): Upgrades {
  const pending = new WeakMap<IncomingMessage, { socket: Duplex; head: Buffer }>()
  return {
    onUpgrade(request, socket, head) {
      pending.set(request, { socket, head })
      handle(request, upgradeResponse(request, socket))
    },
    isUpgrade: (request) => pending.has(request),
    async open(request, response, protocol) {
      const { socket, head } = pending.get(request)!
      // Loaded for the first client that asks for one.
      const { WebSocketServer } = await import('ws')
      const server = new WebSocketServer({
        noServer: true,
        clientTracking: false,
        perMessageDeflate: false,
        maxPayload: MESSAGE_BYTES_MAX,
        handleProtocols: () => protocol,
      })
      return new Promise((resolve) => {
        socket.once('close', () => resolve(undefined))
        if (socket.destroyed) return resolve(undefined)
        response.detachSocket(socket as Socket)
        server.handleUpgrade(request, socket, head, resolve)
      })
    },
  }
}
