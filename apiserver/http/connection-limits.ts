/** What a client may take of the server before any of its requests is looked at. */
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../shared/clock.ts'
import { ApiError, badRequest } from '../../shared/errors.ts'
import { statusOf } from './status.ts'
import { isWebSocketRequest } from './web-socket.ts'

/** The largest body: upstream's limit for objects in etcd's requests. */
export const BODY_BYTES_MAX = 3 * 1024 * 1024
/** The request line and the headers together: a selector of a thousand names has room. */
const HEADER_BYTES_MAX = 64 * 1024
/** The longest part of a path: names have up to 253 characters, some of them written with three. */
export const PARAMETER_CHARACTERS_MAX = 1024
/** Connections at once; further ones are closed at once. Each costs some 50 KB. */
export const CONNECTIONS_MAX = 4000
const HANDSHAKE_TIMEOUT_MS = 10_000
/** From the first byte of a request to the end of its headers. */
const HEADERS_TIMEOUT_MS = 10_000
/** How long a connection may be silent between two requests. Longer than clients keep theirs, so that they close first. */
export const KEEP_ALIVE_TIMEOUT_MS = 120_000
/** How long a connection stays open after its last answer for what its client still sends. */
const LINGER_MS = 500
/** How often connections are looked at for these time limits. */
const CHECK_INTERVAL_MS = 2000

/** Whether nothing follows a request's head but the other protocol. */
const isBodiless = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0

/** Options of Node's server; the framework sets two of its time limits itself. */
export const connectionOptions = (requestTimeoutMs: number) => ({
  maxHeaderSize: HEADER_BYTES_MAX,
  handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs),
  connectionsCheckingInterval: CHECK_INTERVAL_MS,
  /** The server looks at it itself, and says so in a Status. */
  requireHostHeader: false,
  /** Anything else that a client would rather speak is not spoken here; its request is answered as if it had not asked. */
  shouldUpgradeCallback: (request: IncomingMessage) =>
    isWebSocketRequest(request) || (request.headers.upgrade?.toLowerCase() === 'spdy/3.1' && isBodiless(request)),
})

function errorOf({ code, message }: NodeJS.ErrnoException): ApiError {
  if (code === 'HPE_HEADER_OVERFLOW') return new ApiError(431, '', 'Request header fields too large', {})
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new ApiError(408, 'Timeout', 'Timeout: the request did not arrive', {})
  return badRequest(message)
}

function answerOf(error: ApiError): string {
  const body = `${JSON.stringify(statusOf(error))}\n`
  const head = [
    `HTTP/1.1 ${error.code} ${STATUS_CODES[error.code]}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

/**
 * Answers what is no HTTP request, and closes its connection: a little later, since a client that is still sending would
 * lose the answer otherwise.
 */
export const createClientErrorHandler =
  (clock: Clock) =>
  (error: NodeJS.ErrnoException, socket: Duplex): void => {
    // What comes after it on the same connection is no request either.
    if (socket.writableEnded) return
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    socket.end(answerOf(errorOf(error)))
    const cancel = clock.after(LINGER_MS, () => socket.destroy())
    socket.once('close', cancel)
  }
