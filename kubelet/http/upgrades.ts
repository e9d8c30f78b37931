/**
 * Requests that ask for another protocol than HTTP: a WebSocket, or SPDY, as kubectl spoke it before 1.31. They go the
 * way of all requests, with a response that writes to their socket, so that who may ask, and what is wrong with a
 * request, is found out and told in one place.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { upgradeResponse } from '../../shared/upgrade-response.ts'

/** The longest message that a client may send; kubectl's have 32 KiB. */
const MESSAGE_BYTES_MAX = 1024 * 1024

export type UpgradeKind = 'spdy' | 'websocket'

export interface Upgrades {
  /** Gives a request that asks for another protocol to the handler of all requests. */
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** What a request has asked for, if it has asked for anything. */
  kindOf(request: IncomingMessage): UpgradeKind | undefined
  /** Opens the WebSocket of a request, which speaks `protocol`; undefined where its client is gone or makes no sense. */
  openWebSocket(request: IncomingMessage, response: ServerResponse, protocol: string): Promise<WebSocket | undefined>
  /** Takes the connection of a request that speaks SPDY from here on, with `protocol` on top of it. */
  openSpdy(request: IncomingMessage, response: ServerResponse, protocol: string): Duplex
}

const upgradeOf = ({ method, headers }: IncomingMessage): UpgradeKind | undefined => {
  const wanted = headers.upgrade?.toLowerCase()
  if (wanted === 'spdy/3.1') return 'spdy'
  return wanted === 'websocket' && method === 'GET' ? 'websocket' : undefined
}

/** Which requests are upgrades. Anything else that a client would rather speak is answered in HTTP. */
export const isUpgradeRequest = (request: IncomingMessage): boolean => upgradeOf(request) !== undefined

/** The protocols that a client offers to speak on top, its favourite first. */
export const protocolsOf = ({ headers }: IncomingMessage, kind: UpgradeKind): string[] => {
  const header = headers[kind === 'spdy' ? 'x-stream-protocol-version' : 'sec-websocket-protocol']
  return [header ?? []]
    .flat()
    .flatMap((line) => line.split(','))
    .map((protocol) => protocol.trim())
}

export function createUpgrades(handle: (request: IncomingMessage, response: ServerResponse) => void): Upgrades {
  const pending = new WeakMap<IncomingMessage, { socket: Duplex; head: Buffer }>()
  return {
    onUpgrade(request, socket, head) {
      pending.set(request, { socket, head })
      handle(request, upgradeResponse(request, socket))
    },
    kindOf: (request) => (pending.has(request) ? upgradeOf(request) : undefined),
    async openWebSocket(request, response, protocol) {
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
    openSpdy(request, response, protocol) {
      const { socket, head } = pending.get(request)!
      response.detachSocket(socket as Socket)
      const lines = ['Connection: Upgrade', 'Upgrade: SPDY/3.1', `X-Stream-Protocol-Version: ${protocol}`]
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
      if (head.length > 0) socket.unshift(head)
      return socket
    },
  }
}
