/**
 * Requests that ask for a WebSocket, or for the SPDY of older clients, which only kubelets speak. They go the way of all
 * requests, with a response that writes to their socket, so authentication, authorization and refusals are the same; only
 * an answer that can go over a WebSocket then opens one.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../../shared/clock.ts'
import { badRequest } from '../../shared/errors.ts'
import { upgradeResponse } from '../../shared/upgrade-response.ts'
import { isBearerProtocol } from '../auth/websocket-token.ts'
import type { ClientConnection } from './exchange.ts'

/** What a client may send in one message: watches do not listen, and pings are shorter. */
const MESSAGE_BYTES_MAX = 64 * 1024
/** How often a client is asked whether it is still there; it has until the next time to answer. */
const PING_INTERVAL_MS = 30_000

/** Whether a request asks for a WebSocket, and not for what kubelets speak beside it. */
export const isWebSocketRequest = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'

export interface WebSockets {
  /** Gives a request that asks for another protocol to the handler of all requests. */
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Whether a request has asked for a WebSocket. Throws ApiErrors for one that may have none. */
  isUpgrade(request: IncomingMessage): boolean
  /** Whether a request has asked for another protocol, so that its connection can be taken. */
  hasAsked(request: IncomingMessage): boolean
  /** Takes the connection of a request that has asked for another protocol out of HTTP. */
  take(request: IncomingMessage, response: ServerResponse): ClientConnection
  /** Opens the WebSocket of a request; undefined where its client is gone by now. */
  open(request: IncomingMessage, response: ServerResponse): Promise<WebSocket | undefined>
}

/** The first protocol of the client's that is no token: watches speak whatever they are asked to, as upstream's do. */
const chooseProtocol = (protocols: ReadonlySet<string>) =>
  [...protocols].find((protocol) => !isBearerProtocol(protocol)) ?? false

const KEY = /^[+/0-9a-z]{22}==$/i
const VERSIONS = ['8', '13']
const PROTOCOLS = /^[\w!#$%&'*+.^`|~-]+( *, *[\w!#$%&'*+.^`|~-]+)*$/

/** Refuses what the library would refuse in words that are no Status. */
function checkHandshake({ headers }: IncomingMessage): void {
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) throw badRequest('the Sec-WebSocket-Key header is not valid')
  if (!VERSIONS.includes(headers['sec-websocket-version'] ?? ''))
    throw badRequest('the Sec-WebSocket-Version header is not valid')
  const protocols = headers['sec-websocket-protocol']
  if (protocols !== undefined && !PROTOCOLS.test(protocols))
    throw badRequest('the Sec-WebSocket-Protocol header is not valid')
}

/** Ends the connection of a client that no longer answers. */
function keepAlive(socket: WebSocket, clock: Clock): void {
  let isAlive = true
  let cancel: () => void
  const tick = () => {
    if (!isAlive) return socket.terminate()
    isAlive = false
    socket.ping()
    cancel = clock.after(PING_INTERVAL_MS, tick)
  }
  cancel = clock.after(PING_INTERVAL_MS, tick)
  socket.on('pong', () => {
    isAlive = true
  })
  socket.once('close', () => cancel())
}

export function createWebSockets(
  clock: Clock,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): WebSockets {
  const upgrades = new WeakMap<IncomingMessage, ClientConnection>()
  let opened: Promise<WebSocketServer> | undefined

  /** Loaded for the first client that asks for one. */
  const server = () => {
    opened ??= import('ws').then(
      ({ WebSocketServer }) =>
        new WebSocketServer({
          noServer: true,
          perMessageDeflate: false,
          maxPayload: MESSAGE_BYTES_MAX,
          handleProtocols: chooseProtocol,
        }),
    )
    return opened
  }

  return {
    onUpgrade(request, socket, head) {
      upgrades.set(request, { socket, head })
      handle(request, upgradeResponse(request, socket))
    },
    isUpgrade(request) {
      if (!upgrades.has(request) || !isWebSocketRequest(request)) return false
      checkHandshake(request)
      return true
    },
    hasAsked: (request) => upgrades.has(request),
    take(request, response) {
      const connection = upgrades.get(request)!
      response.detachSocket(connection.socket as Socket)
      return connection
    },
    async open(request, response) {
      const { socket, head } = upgrades.get(request)!
      const webSockets = await server()
      return new Promise((resolve) => {
        socket.once('close', () => resolve(undefined))
        if (socket.destroyed) return resolve(undefined)
        response.detachSocket(socket as Socket)
        webSockets.handleUpgrade(request, socket, head, (opened) => {
          keepAlive(opened, clock)
          resolve(opened)
        })
      })
    },
  }
}
