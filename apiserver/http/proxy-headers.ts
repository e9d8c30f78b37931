/** Which headers a proxied request and its answer keep: pure. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

/** They concern one connection alone. */
const HOP_BY_HOP = [
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade'],
]

function withoutHops(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = String(headers.connection ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
  const dropped = new Set([...HOP_BY_HOP, ...named])
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)))
}

export interface Forwarding {
  /** `HOST:PORT` of the target. */
  host: string
  /** The path that the client asked for. */
  uri: string
}

/** The client's credentials, and as whom it wants to act with them, are for this server alone. */
export function requestHeaders(headers: IncomingHttpHeaders, { host, uri }: Forwarding): OutgoingHttpHeaders {
  const { authorization: _secret, ...passed } = withoutHops(headers)
  return {
    ...Object.fromEntries(Object.entries(passed).filter(([name]) => !name.startsWith('impersonate-'))),
    host,
    'x-forwarded-uri': uri,
    'x-forwarded-host': headers.host ?? '',
    'x-forwarded-proto': 'https',
  }
}

/** A redirection to a path of the target leads to the same path of this server. */
export function responseHeaders(
  headers: IncomingHttpHeaders,
  { prefix, origins }: { prefix: string; origins: readonly string[] },
): OutgoingHttpHeaders {
  const { location, ...passed } = withoutHops(headers)
  if (location === undefined) return passed
  const origin = origins.find((each) => location === each || location.startsWith(`${each}/`)) ?? ''
  const path = location.slice(origin.length)
  const isOurs = origin !== '' || (path.startsWith('/') && !path.startsWith('//'))
  return { ...passed, location: isOurs ? `${prefix}${path}` : location }
}
