/** The HTTPS server: every request's way from its arrival to its answer, and the server's own way to its end. */
import type { ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import type { Clock } from '../../shared/clock.ts'
import { ApiError, methodNotAllowed, noSuchResource, tooLarge } from '../../shared/errors.ts'
import type { Logger } from '../../shared/log.ts'
import type { Identity } from '../auth/identity.ts'
import { type Access, authorizeRequest, authorizeUnknown, identify, impersonate, requestOf } from './access.ts'
import { type Call, type CallObserver, createCall, isLongRunning, type Outcome } from './call.ts'
import {
  BODY_BYTES_MAX,
  CONNECTIONS_MAX,
  connectionOptions,
  createClientErrorHandler,
  KEEP_ALIVE_TIMEOUT_MS,
  PARAMETER_CHARACTERS_MAX,
} from './connection-limits.ts'
import { createDeadlines, parseTimeout } from './deadlines.ts'
import type { EndpointTable } from './endpoint-table.ts'
import {
  type Answer,
  type Endpoint,
  type Method,
  one,
  type PlainAnswer,
  type Query,
  type StreamAnswer,
  type TunnelAnswer,
} from './exchange.ts'
import type { InFlight } from './in-flight.ts'
import { createInsecureServer, type InsecureServer } from './insecure-server.ts'
import { createAcceptParser } from './negotiate.ts'
import { createNewConnections } from './new-connections.ts'
import { createPageCheck } from './page-check.ts'
import { PAGE_NOT_FOUND } from './page-not-found.ts'
import { respond } from './respond.ts'
import { asApiError, errorAnswer } from './status.ts'
import type { Streams } from './streams.ts'
import { createWebSockets } from './web-socket.ts'

/** How long a stopping server waits for its last answers to be taken. */
const DRAIN_MS = 1000
/** All methods of HTTP that the framework knows: a wrong one is told so. */
const BODILESS_METHODS: readonly string[] = ['GET', 'HEAD', 'TRACE']
const METHODS: readonly string[] = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

declare module 'fastify' {
  interface FastifyRequest {
    /** Absent where the framework refuses a request before it looks for its route. */
    call: Call | null
  }
}

export interface AppOptions extends Omit<Access, 'checkPage'> {
  /** What is served at fixed paths. */
  endpoints: readonly Endpoint[]
  /** What is served below `/api` and `/apis` beside them. */
  table: Pick<EndpointTable, 'find' | 'isInServedVersion'>
  streams: Streams
  inFlight: InFlight
  /** How long a request may take that is not meant to go on. */
  requestTimeoutMs: number
  /** Told of every request when it has been answered. */
  observers: readonly CallObserver[]
  clock: Clock
  log: Logger
  /** PEM. */
  tls: { certificate: string; key: string; clientAuthority?: string }
}

export interface App {
  listen(options: { host: string; port: number }): Promise<number>
  /** Serves plain HTTP as well, on loopback, to administrators all: see `insecure-server.ts`. Returns the port. */
  listenInsecurely(port: number): Promise<number>
  /** Ends the watches and closes: requests under way are answered, new connections are not taken. */
  close(): Promise<void>
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

const tlsOptions = ({ certificate, key, clientAuthority }: AppOptions['tls']) => ({
  cert: certificate,
  key,
  minVersion: 'TLSv1.2' as const,
  ...(clientAuthority !== undefined && { ca: clientAuthority, requestCert: true }),
  // Who shows no certificate may still have a token.
  rejectUnauthorized: false,
})

/** The server for `endpoints`. It does not listen yet. Throws where certificate and key do not make a pair. */
export function createApp(options: AppOptions): App {
  const { endpoints, table, streams, inFlight, requestTimeoutMs, observers, clock, log } = options
  const checkPage = createPageCheck({ scheme: 'https', certificate: options.tls.certificate })
  const access = { authenticate: options.authenticate, authorizer: options.authorizer, checkPage }
  const parseAccept = createAcceptParser()
  const deadlines = createDeadlines(clock, requestTimeoutMs)
  const connections = new Set<Socket>()
  const newConnections = createNewConnections()
  let isClosing = false

  const callOf = (request: FastifyRequest): Call =>
    request.call ?? createCall(request.raw, { receivedMs: clock.nowMs() })

  const conclude = (call: Call, outcome: Outcome) => {
    for (const observe of observers) observe(call, outcome)
  }

  /** A stopping server closes connections as they become idle; those that were when it began are closed already. */
  const closeAfter = (response: ServerResponse) => {
    const closeIdle = () =>
      setImmediate(() => {
        app.server.closeIdleConnections()
        insecure?.server.closeIdleConnections()
      })
    if (!isClosing) return
    if (response.writableFinished) closeIdle()
    else response.once('finish', closeIdle)
  }

  const send = async (call: Call, reply: FastifyReply, answer: PlainAnswer, reason?: string) => {
    reply.hijack()
    await respond(reply.raw, call, answer)
    closeAfter(reply.raw)
    conclude(call, { code: answer.status, ...(reason !== undefined && { reason }) })
  }

  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const call = callOf(request)
    const apiError = asRequestError(error)
    // An ApiError is an answer like others; what is none is a fault of ours.
    if (apiError.code >= 500 && !(error instanceof ApiError))
      log.error({ err: error, url: request.url, auditId: call.auditId }, 'a request failed')
    // What is left of the body is read and dropped, or the client would not come to read the answer.
    if (!request.raw.complete) request.raw.resume()
    return send(
      call,
      reply,
      errorAnswer(apiError, { query: (request.query ?? {}) as Query, headers: request.headers }),
      apiError.reason,
    )
  }

  const app = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    routerOptions: { maxParamLength: PARAMETER_CHARACTERS_MAX, ignoreTrailingSlash: true },
    clientErrorHandler: createClientErrorHandler(clock),
    frameworkErrors: fail,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    https: { ...tlsOptions(options.tls), ...connectionOptions(requestTimeoutMs) },
  })
  const webSockets = createWebSockets(clock, app.routing)
  app.decorateRequest('call', null)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  /** Lets a request in or throws why not; later where it takes time to find out who sent it. */
  const admit = (endpoint: Endpoint, request: FastifyRequest): Promise<void> | undefined => {
    const call = createCall(request.raw, { endpoint, receivedMs: clock.nowMs() })
    request.call = call
    const sender = identify(access, call)
    const letIn = (found: Identity) => letPass(call, endpoint, request, found)
    if (sender instanceof Promise) return sender.then(letIn)
    letIn(sender)
    return undefined
  }

  const letPass = (call: Call, endpoint: Endpoint, request: FastifyRequest, sender: Identity): void => {
    call.identity = sender
    newConnections.settle(call.raw.socket)
    const identity = impersonate(access, call, sender)
    call.identity = identity
    call.request = requestOf(request, {
      identity,
      path: call.path,
      accept: parseAccept(request.headers.accept),
      isUpgrade: webSockets.hasAsked(call.raw),
    })
    authorizeRequest(access, endpoint, call)
    if (endpoint.handlers[request.method as Method] === undefined) throw methodNotAllowed()
  }

  const stream = async (call: Call, reply: FastifyReply, answer: StreamAnswer) => {
    reply.hijack()
    const { streamSocket } = answer
    const socket =
      streamSocket !== undefined && webSockets.isUpgrade(call.raw)
        ? await webSockets.open(call.raw, reply.raw)
        : undefined
    const running =
      socket === undefined ? streams.run(call, reply.raw, answer) : streams.runSocket(call, socket, streamSocket!)
    // The request goes on, its handling does not.
    running.finally(() => {
      closeAfter(reply.raw)
      conclude(call, { code: socket === undefined ? 200 : 101 })
    })
  }

  const tunnel = (call: Call, reply: FastifyReply, answer: TunnelAnswer) => {
    const client = webSockets.take(call.raw, reply.raw)
    reply.hijack()
    streams.runTunnel(call, client, answer).finally(() => conclude(call, { code: 101 }))
  }

  const serve = async (request: FastifyRequest, reply: FastifyReply) => {
    const call = request.call!
    const apiRequest = call.request!
    if (Buffer.isBuffer(request.body)) apiRequest.body = request.body
    if (apiRequest.headers.upgrade !== undefined) webSockets.isUpgrade(call.raw)
    const leave = inFlight.enter(call)
    const deadline = isLongRunning(call)
      ? undefined
      : deadlines.start(parseTimeout(one(apiRequest.query, 'timeout')), (error) => fail(error, request, reply))
    let answer: Answer
    try {
      answer = await call.endpoint!.handlers[request.method as Method]!(apiRequest)
    } catch (error) {
      if (deadline?.isOver !== true) throw error
      return
    } finally {
      leave()
      if (deadline !== undefined) deadlines.end(deadline)
    }
    // Who has been told that it took too long is not told anything else.
    if (deadline?.isOver) return
    if ('tunnel' in answer) return tunnel(call, reply, answer)
    await ('stream' in answer ? stream(call, reply, answer) : send(call, reply, answer))
  }

  const missing = async (request: FastifyRequest, reply: FastifyReply) => {
    const call = callOf(request)
    request.call = call
    const sender = await identify(access, call)
    call.identity = sender
    const identity = impersonate(access, call, sender)
    call.identity = identity
    authorizeUnknown(access, call, identity)
    // Below a version that is served a resource is missing; anywhere else it is just a path.
    if (table.isInServedVersion(call.path)) throw noSuchResource()
    return send(call, reply, PAGE_NOT_FOUND)
  }
  app.setNotFoundHandler(missing)

  /** Serves what `find` finds for the requests below a path. */
  const route = (url: string, find: (request: FastifyRequest) => Endpoint | undefined) => {
    const enter = (request: FastifyRequest) => {
      const endpoint = find(request)
      return endpoint === undefined ? undefined : admit(endpoint, request)
    }
    const answer = (request: FastifyRequest, reply: FastifyReply) =>
      request.call === null ? missing(request, reply) : serve(request, reply)
    app.route({
      method: [...BODILESS_METHODS],
      url,
      handler(request, reply) {
        const entering = enter(request)
        return entering === undefined ? answer(request, reply) : entering.then(() => answer(request, reply))
      },
    })
    app.route({
      method: [...METHODS],
      url,
      // Before the body is read: nobody sends one who may not.
      onRequest(request, reply, done) {
        try {
          const entering = enter(request)
          const proceed = () => {
            if (request.call?.endpoint?.readsBody !== true) return done()
            serve(request, reply).catch((error) => fail(error, request, reply))
          }
          if (entering === undefined) proceed()
          else entering.then(proceed, done)
        } catch (error) {
          done(error as Error)
        }
      },
      handler: answer,
    })
  }
  for (const endpoint of endpoints) route(endpoint.path, () => endpoint)
  for (const url of ['/api/*', '/apis/*'])
    route(url, (request) => {
      const found = table.find(request.raw.url!)
      if (found !== undefined) request.params = found
      return found?.endpoint
    })
  app.setErrorHandler(fail)

  app.server.maxConnections = CONNECTIONS_MAX
  app.server.on('upgrade', webSockets.onUpgrade)
  const onConnection = (socket: Socket) => {
    connections.add(socket)
    newConnections.add(socket)
    socket.once('close', () => connections.delete(socket))
  }
  app.server.on('connection', onConnection)
  let insecure: InsecureServer | undefined
  return {
    async listen({ host, port }) {
      await app.listen({ host, port })
      return (app.server.address() as AddressInfo).port
    },
    async listenInsecurely(port) {
      const { onUpgrade } = webSockets
      insecure = createInsecureServer({ handle: app.routing, onUpgrade, onConnection, requestTimeoutMs })
      return insecure.listen(port)
    },
    async close() {
      isClosing = true
      deadlines.close()
      streams.endAll()
      const cancelDeadline = clock.after(DRAIN_MS, () => {
        for (const socket of connections) socket.destroy()
      })
      await Promise.all([app.close(), insecure?.close()])
      cancelDeadline()
    },
  }
}
