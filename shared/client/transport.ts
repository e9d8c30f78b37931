/**
 * HTTP under the client: bytes out, bytes in. undici's pools are used through `dispatch`, and only the pool is loaded:
 * the whole package would cost every component 40 ms and 10 MB at start for parts that nobody here uses.
 */
import { createRequire } from 'node:module'
import { createSecureContext } from 'node:tls'
import type { Dispatcher, Pool as UndiciPool } from 'undici'
import type { Connection } from './connection.ts'
import { connectionError } from './status-error.ts'

const Pool = createRequire(import.meta.url)('undici/lib/dispatcher/pool.js') as typeof UndiciPool

export interface TransportOptions {
  connection: Connection
  userAgent: string
  /** Requests under way at once; more wait their turn. */
  connectionsMax: number
  /** A request that has no complete answer after this time fails. Also the limit for connecting. */
  requestTimeoutMs: number
  /** A watch that brings nothing, not even a bookmark, for this long is taken for dead. */
  watchIdleTimeoutMs: number
}

export interface HttpRequest {
  method: string
  /** Path and query. */
  path: string
  body?: string
  contentType?: string
  accept?: string
}

export interface HttpResponse {
  status: number
  body: Buffer
}

/** What happens to a streamed response, in order; `onEnd` comes once and last, with an ApiError if it was cut off. */
export interface StreamHandler {
  onStart(status: number): void
  /** Returning false pauses the stream until `resume`. */
  onData(chunk: Buffer): boolean
  onEnd(error?: Error): void
}

export interface StreamControl {
  resume(): void
  abort(): void
}

const CONNECT_TIMEOUT_MS = 5_000
/** Probes on an idle connection find a peer whose machine is gone. */
const KEEP_ALIVE_PROBE_MS = 15_000

function tlsOptions({ ca, clientCertificate, clientKey, tlsServerName, insecureSkipTlsVerify }: Connection) {
  // One context for all connections: parsing certificates anew for each costs more than the handshake.
  const secureContext = createSecureContext({
    ...(ca !== undefined && { ca }),
    ...(clientCertificate !== undefined && { cert: clientCertificate }),
    ...(clientKey !== undefined && { key: clientKey }),
  })
  return {
    secureContext,
    ...(tlsServerName !== undefined && { servername: tlsServerName }),
    ...(insecureSkipTlsVerify === true && { rejectUnauthorized: false }),
  }
}

/** Speaks to one API server over two pools: one bounded for requests, one for watches, each on its own connection. */
export class Transport {
  readonly #requests: UndiciPool
  readonly #watches: UndiciPool
  readonly #server: string
  /** Path below which the API lies, for servers behind a proxy; mostly empty. */
  readonly #prefix: string
  readonly #headers: Readonly<Record<string, string>>

  constructor({ connection, userAgent, connectionsMax, requestTimeoutMs, watchIdleTimeoutMs }: TransportOptions) {
    const { origin, pathname } = new URL(connection.server)
    const connect = {
      timeout: Math.min(CONNECT_TIMEOUT_MS, requestTimeoutMs),
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS,
      ...(origin.startsWith('https:') && tlsOptions(connection)),
    }
    const common = { connect, pipelining: 1, allowH2: false }
    this.#server = origin
    this.#prefix = pathname.replace(/\/$/, '')
    this.#headers = {
      'user-agent': userAgent,
      ...(connection.token !== undefined && { authorization: `Bearer ${connection.token}` }),
    }
    this.#requests = new Pool(origin, {
      ...common,
      connections: connectionsMax,
      headersTimeout: requestTimeoutMs,
      bodyTimeout: requestTimeoutMs,
    })
    // Watches are as many as the component has informers: bounded by what it asks for, not here.
    this.#watches = new Pool(origin, {
      ...common,
      headersTimeout: requestTimeoutMs,
      bodyTimeout: watchIdleTimeoutMs,
    })
  }

  /** Sends one request and reads the whole answer, whatever its status. Throws ServiceUnavailable when there is none. */
  exchange(request: HttpRequest): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = []
      let status = 0
      this.#requests.dispatch(this.#optionsOf(request), {
        onRequestStart() {
          // Nothing to prepare; undici insists on the method.
        },
        onResponseStart(_controller, statusCode) {
          status = statusCode
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk)
        },
        onResponseEnd() {
          resolve({ status, body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) })
        },
        onResponseError: (_controller, error) => reject(connectionError(this.#server, error)),
      })
    })
  }

  /** Sends one request and hands on the answer as it comes. */
  stream(request: HttpRequest, handler: StreamHandler): StreamControl {
    let current: Dispatcher.DispatchController | undefined
    let abandoned = false
    const abort = (controller: Dispatcher.DispatchController) => controller.abort(new Error('the watch was given up'))
    this.#watches.dispatch(this.#optionsOf(request), {
      onRequestStart(controller) {
        current = controller
        if (abandoned) abort(controller)
      },
      onResponseStart: (_controller, statusCode) => handler.onStart(statusCode),
      onResponseData(controller, chunk) {
        if (!handler.onData(chunk)) controller.pause()
      },
      onResponseEnd: () => handler.onEnd(),
      onResponseError: (_controller, error) => handler.onEnd(connectionError(this.#server, error)),
    })
    return {
      resume: () => current?.resume(),
      abort: () => {
        abandoned = true
        if (current !== undefined) abort(current)
      },
    }
  }

  /** Drops all connections; what is under way fails with ServiceUnavailable. */
  async close(): Promise<void> {
    await Promise.all([this.#requests.destroy(), this.#watches.destroy()])
  }

  #optionsOf({ method, path, body, contentType, accept = 'application/json' }: HttpRequest) {
    return {
      method,
      path: `${this.#prefix}${path}`,
      body: body ?? null,
      // A DELETE may have a body here. undici would take that for odd, and a new connection for every next request.
      reset: false,
      headers: { ...this.#headers, accept, ...(contentType !== undefined && { 'content-type': contentType }) },
    }
  }
}
