/**
 * Bearer tokens of WebSocket clients that cannot set headers, such as browsers: they come as a subprotocol,
 * `base64url.bearer.authorization.k8s.io.TOKEN`, beside another one, which is the one that is then spoken.
 */
import type { IncomingHttpHeaders } from 'node:http'

const PREFIX = 'base64url.bearer.authorization.k8s.io.'

/** Whether a WebSocket subprotocol is a token. */
export const isBearerProtocol = (protocol: string): boolean => protocol.startsWith(PREFIX)

/** The token of a WebSocket request; undefined where there is none, more than one, or no protocol beside it. */
export function webSocketToken(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['sec-websocket-protocol']
  if (given === undefined || headers.upgrade?.toLowerCase() !== 'websocket') return undefined
  const protocols = given.split(',').map((protocol) => protocol.trim())
  const tokens = protocols.filter(isBearerProtocol)
  if (tokens.length !== 1 || protocols.length < 2) return undefined
  return Buffer.from(tokens[0]!.slice(PREFIX.length), 'base64url').toString()
}
