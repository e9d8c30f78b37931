import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { isBearerProtocol } from '../auth/websocket-token.ts'

const partsOf = (header: string | undefined) =>
  (header ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** Headers of a client that concern what it would rather speak. Its credentials stay here. */
export function upgradeHeadersOf(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const isUpgrade = partsOf(headers.connection).some((word) => word.toLowerCase() === 'upgrade')
  if (headers.upgrade === undefined || !isUpgrade) return {}
  const passed = [
    ...(['sec-websocket-key', 'sec-websocket-version', 'sec-websocket-extensions'] as const),
    'x-stream-protocol-version',
  ]
  const protocols = partsOf(headers['sec-websocket-protocol']).filter((protocol) => !isBearerProtocol(protocol))
  return {
    connection: 'Upgrade',
    upgrade: headers.upgrade,
    ...Object.fromEntries(passed.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]))),
    ...(protocols.length > 0 && { 'sec-websocket-protocol': protocols.join(', ') }),
  }
}
