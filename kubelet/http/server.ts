/** The kubelet's HTTPS server, which the API server asks for logs and streams. Paths and answers are upstream's. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { FastifyRequest } from 'fastify'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Clock } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { attachRefusal, createAttach } from './attach.ts'
import { refusalOf, type Subject } from './authorize.ts'
import { createExec } from './exec.ts'
import { logHandler } from './log-handler.ts'
import { portForwardHandler } from './port-forward.ts'
import { addStatsRoutes } from './stats-routes.ts'
import { streamHandler } from './stream-handler.ts'
import { createUpgrades, isUpgradeRequest } from './upgrades.ts'

/** The pods of this node, with their status as the kubelet last computed it. */
export interface PodSource {
  list(): readonly Pod[]
  find(namespace: string, name: string): Pod | undefined
}

export interface KubeletServerOptions {
  /** Address to listen on. */
  host: string
  /** 0: any free one. */
  port: number
  /** PEM, of the server. */
  certificate: string
  key: string
  /** PEM of the authority that signs the certificates of those who may ask. */
  clientAuthority: string
  pods: PodSource
  runtime: Pick<Runtime, 'dial' | 'execStream' | 'list' | 'openInput' | 'openTerminal' | 'subscribe'>
  nodeName: string
  /** The file system that is the node's disk. */
  rootDirectory: string
  clock: Clock
  logger: Logger
}

export interface KubeletServer {
  readonly port: number
  /** Serves new connections with another certificate. */
  renew(pair: { certificate: string; key: string }): void
  /** Ends all answers under way. */
  close(): Promise<void>
}

const TEXT = 'text/plain'

/** Subject of the client's certificate, if the authority has signed it. */
function subjectOf({ socket }: FastifyRequest): Subject | undefined {
  const tls = socket as TLSSocket
  // The types speak of single values only; a name that is there several times is a list.
  return tls.authorized ? (tls.getPeerCertificate().subject as Subject) : undefined
}

/** Starts the server. Resolves when it listens. */
export async function createKubeletServer(options: KubeletServerOptions): Promise<KubeletServer> {
  const { host, port, certificate, key, clientAuthority, pods, runtime, logger } = options
  const { fastify } = await import('fastify')
  const closing = new AbortController()
  const contextOf = (pair: { certificate: string; key: string }) => ({
    cert: pair.certificate,
    key: pair.key,
    ca: clientAuthority,
  })
  const app = fastify({
    // Everybody may connect, so that who may not ask is told so.
    https: {
      ...contextOf({ certificate, key }),
      requestCert: true,
      rejectUnauthorized: false,
      shouldUpgradeCallback: isUpgradeRequest,
    },
    forceCloseConnections: true,
    exposeHeadRoutes: false,
  })
  app.addHook('onRequest', async (request, reply) => {
    const subresource = request.url.startsWith('/containerLogs/') ? 'log' : 'proxy'
    const verb = request.method.toLowerCase() === 'post' ? 'create' : request.method.toLowerCase()
    const refusal = refusalOf(subjectOf(request), `verb=${verb}, resource=nodes, subresource(s)=[${subresource}]`)
    if (refusal !== undefined) return reply.code(refusal.status).type(TEXT).send(refusal.message)
  })
  app.setNotFoundHandler((_request, reply) => reply.code(404).type(TEXT).send('404 page not found\n'))
  app.get('/healthz', (_request, reply) => reply.type(TEXT).send('ok'))
  app.get('/pods', () => ({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: pods.list() }))
  app.get(
    '/containerLogs/:namespace/:pod/:container',
    logHandler({ pods, runtime, clock: options.clock, logger, closing: closing.signal }),
  )
  addStatsRoutes(app, { ...options, list: () => pods.list() })
  const upgrades = createUpgrades(app.routing)
  const streams = { pods, upgrades, clock: options.clock, logger, closing: closing.signal }
  const handlers = {
    exec: streamHandler(streams, createExec(runtime)),
    attach: streamHandler(streams, createAttach(runtime, options.clock), attachRefusal(runtime)),
  }
  for (const [name, handler] of Object.entries(handlers))
    app.route({
      method: ['GET', 'POST'],
      url: `/${name}/:namespace/:pod/:container`,
      handler,
    })
  app.route({
    method: ['GET', 'POST'],
    url: '/portForward/:namespace/:pod',
    handler: portForwardHandler({ ...streams, dial: (podUid, port) => runtime.dial(podUid, port) }),
  })
  await app.ready()
  app.server.on('upgrade', upgrades.onUpgrade)
  app.server.listen(port, host)
  await once(app.server, 'listening')
  return {
    port: (app.server.address() as AddressInfo).port,
    renew: (pair) => app.server.setSecureContext(contextOf(pair)),
    async close() {
      closing.abort()
      await app.close()
    },
  }
}
