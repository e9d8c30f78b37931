import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * A response on the socket of a request that asks for another protocol: Node.js gives such requests no response of their
 * own, but they are refused in HTTP. The connection ends with it.
 */
export function upgradeResponse(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request)
  response.assignSocket(socket as Socket)
  response.shouldKeepAlive = false
  response.once('finish', () => socket.end())
  socket.once('error', () => socket.destroy())
  return response
}
