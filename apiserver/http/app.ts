/** The HTTPS server: authentication and authorization in front of the endpoints, and errors as Status objects. */
import type { OutgoingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import type { Clock } from '../../shared/clock.ts'
import { ApiError, forbidden, methodNotAllowed, noSuchResource, tooLarge, unauthorized } from '../../shared/errors.ts'
import type { Logger } from '../../shared/log.ts'
import type { Authenticate } from '../auth/authenticate.ts'
import { type Authorize, isPublicPath } from '../auth/authorize.ts'
import { ANONYMOUS, type Identity } from '../auth/identity.ts'
import type { Answer, ApiRequest, Endpoint, Method, PlainAnswer, Query } from './exchange.ts'
import { createAcceptParser } from './negotiate.ts'
import { verbOf } from './request-verb.ts'
import { asApiError, errorAnswer } from './status.ts'

/** The largest body: upstream's limit for objects in etcd's requests. */
export const BODY_BYTES_MAX = 3 * 1024 * 1024
/** Answers larger than this are compressed for clients that take gzip. */
const GZIP_BYTES_MIN = 128 * 1024
/** The longest part of a path: names have up to 253 characters, some of them written with three. */
const PARAMETER_CHARACTERS_MAX = 1024
/** How long a stopping server waits for its last answers. */
const DRAIN_MS = 150
const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

const compress = promisify(gzip)

export interface AppOptions {
  endpoints: readonly Endpoint[]
  authenticate: Authenticate
  authorize: Authorize
  clock: Clock
  log: Logger
  /** PEM. */
  tls: { certificate: string; key: string; clientAuthority?: string }
}

export interface App {
  listen(options: { host: string; port: number }): Promise<number>
  /** Ends the watches and closes: requests under way are answered, new ones are not taken. */
  close(): Promise<void>
}

const EMPTY_BODY = Buffer.alloc(0)

function identify({ authenticate }: AppOptions, { raw }: FastifyRequest, path: string): Identity {
  const identity = authenticate(raw)
  if (identity !== undefined) return identity
  // Credentials that are wrong are refused everywhere; none at all are enough for what is public.
  if (raw.headers.authorization === undefined && isPublicPath(path)) return ANONYMOUS
  throw unauthorized()
}

function checkAllowed({ authorize }: AppOptions, endpoint: Endpoint, request: ApiRequest): void {
  const { identity, path, namespace, name } = request
  const { resource } = endpoint
  const attributes = {
    identity,
    path,
    verb: verbOf(request, endpoint),
    ...(resource !== undefined && { resource: { ...resource, namespace, name } }),
  }
  const refusal = authorize(attributes)
  if (refusal === undefined) return
  const subject = { group: resource?.group ?? '', resource: resource?.plural ?? path, name: name ?? '' }
  throw forbidden(subject, `User ${JSON.stringify(identity.user)} cannot ${attributes.verb} this: ${refusal}`)
}

function requestOf(
  { raw, query, params, body, method }: FastifyRequest,
  { identity, path, accept }: Pick<ApiRequest, 'identity' | 'path' | 'accept'>,
): ApiRequest {
  const { namespace, name } = params as { namespace?: string; name?: string }
  return {
    method,
    path,
    query: query as Query,
    headers: raw.headers,
    body: Buffer.isBuffer(body) ? body : EMPTY_BODY,
    identity,
    accept,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
  }
}

const pathOf = (url: string) => {
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}

/** The text of a Warning header, in quotes. */
const warningOf = (text: string) => `299 - "${text.replaceAll(/[\\"]/g, '\\$&').replaceAll(/[^\x20-\x7e]/g, '?')}"`

/** Whether a status comes without a body, and so without a length. */
const isBodiless = (status: number) => status === 204 || status === 304

/** Writes an answer past the framework, which would put its own words into the media type. */
async function sendPlain(request: FastifyRequest, reply: FastifyReply, answer: PlainAnswer): Promise<void> {
  const { status, contentType, body, warnings = [], headers: extra } = answer
  reply.hijack()
  const { raw } = reply
  const headers: OutgoingHttpHeaders = { 'cache-control': 'no-cache, private', 'content-type': contentType, ...extra }
  if (warnings.length > 0) raw.setHeader('warning', warnings.map(warningOf))
  if (isBodiless(status)) {
    raw.writeHead(status, headers).end()
    return
  }
  let bytes = body
  if (body.length > GZIP_BYTES_MIN && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) {
    bytes = await compress(body, { level: constants.Z_BEST_SPEED })
    headers['content-encoding'] = 'gzip'
    headers.vary = 'accept-encoding'
  }
  headers['content-length'] = Buffer.byteLength(bytes)
  raw.writeHead(status, headers).end(bytes)
}

/** Answers that go on, and how to end them all. */
function createStreams(log: Logger) {
  const stop = new AbortController()
  return {
    run(reply: FastifyReply, { stream }: Extract<Answer, { stream: unknown }>): void {
      reply.hijack()
      const { raw } = reply
      const ended = new AbortController()
      const end = () => ended.abort()
      raw.once('close', end)
      stop.signal.addEventListener('abort', end, { once: true })
      // A client that leaves while something is being written to it: `close` follows.
      raw.on('error', end)
      stream(raw, ended.signal)
        .catch((error) => {
          log.error({ err: error }, 'a stream failed')
          raw.destroy()
        })
        .finally(() => stop.signal.removeEventListener('abort', end))
    },
    end: () => stop.abort(),
  }
}

/** What is wrong with a request before any handler sees it, as the framework tells it. */
function asRequestError(error: unknown): ApiError {
  const { code } = error as { code?: string }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge(BODY_BYTES_MAX)
  const { statusCode } = error as { statusCode?: number }
  if (statusCode !== undefined && statusCode < 500)
    return new ApiError(statusCode, 'BadRequest', error instanceof Error ? error.message : String(error))
  return asApiError(error)
}

/** The server for `endpoints`. It does not listen yet. Throws where certificate and key do not make a pair. */
export function createApp(options: AppOptions): App {
  const { endpoints, clock, log, tls } = options
  const parseAccept = createAcceptParser()
  const streams = createStreams(log)
  const app = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: PARAMETER_CHARACTERS_MAX },
    https: {
      cert: tls.certificate,
      key: tls.key,
      minVersion: 'TLSv1.2',
      ...(tls.clientAuthority !== undefined && { ca: tls.clientAuthority, requestCert: true }),
      // Who shows no certificate may still have a token.
      rejectUnauthorized: false,
    },
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  const serve = async (endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply) => {
    const path = pathOf(request.url)
    const identity = identify(options, request, path)
    const apiRequest = requestOf(request, { identity, path, accept: parseAccept(request.headers.accept) })
    checkAllowed(options, endpoint, apiRequest)
    const handler = endpoint.handlers[request.method as Method]
    if (handler === undefined) throw methodNotAllowed()
    const answer = await handler(apiRequest)
    if ('stream' in answer) return streams.run(reply, answer)
    return sendPlain(request, reply, answer)
  }
  for (const endpoint of endpoints)
    app.route({
      method: [...METHODS],
      url: endpoint.path,
      handler: (request, reply) => serve(endpoint, request, reply),
    })

  const roots = endpoints.filter(({ path }) => /^\/apis?\/[^:]+$/.test(path)).map(({ path }) => path)
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request.url)
    identify(options, request, path)
    // Below a group that is served a resource is missing; anywhere else it is just a path.
    if (roots.some((root) => path.startsWith(`${root}/`))) throw noSuchResource()
    return sendPlain(request, reply, {
      status: 404,
      contentType: 'text/plain; charset=utf-8',
      body: '404 page not found\n',
    })
  })
  app.setErrorHandler((error, request, reply) => {
    const apiError = asRequestError(error)
    // An ApiError is an answer like others; what is none is a fault of ours.
    if (apiError.code >= 500 && !(error instanceof ApiError))
      log.error({ err: error, url: request.url }, 'a request failed')
    return sendPlain(request, reply, errorAnswer(apiError))
  })
  return {
    async listen({ host, port }) {
      await app.listen({ host, port })
      return (app.server.address() as AddressInfo).port
    },
    async close() {
      streams.end()
      const cancelDeadline = clock.after(DRAIN_MS, () => app.server.closeAllConnections())
      await app.close()
      cancelDeadline()
    },
  }
}
