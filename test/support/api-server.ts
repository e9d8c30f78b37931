/** The real API server in this process, on a store in memory, over TLS, with certificates made for the occasion. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../apiserver/server.ts'
import { openMemoryStorage } from '../../apiserver/storage/sqlite-storage.ts'
import { type Authority, createAuthority, type KeyPair } from '../../shared/certificates/authority.ts'
import type { Client } from '../../shared/client/client.ts'
import { createClient } from '../../shared/client/http-client.ts'
import { systemClock } from '../../shared/clock.ts'
import { createLogger } from '../../shared/log.ts'

/** An answer as it came. */
export interface TestAnswer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** The body as JSON; throws where it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads from an answer it then checks.
  json(): any
}

export interface TestRequest {
  /** Anything but a string or bytes is sent as JSON. */
  body?: unknown
  headers?: Readonly<Record<string, string>>
  /** Default: the administrator's token. */
  authorization?: string | null
}

export interface TestApiServer extends Pick<ApiServer, 'insecureUrl' | 'registerKind' | 'unregisterKind'> {
  url: string
  /** Bearer token of `admin`, in the group `system:masters`. */
  token: string
  /** PEM of the authority that signed the server's certificate and signs client certificates. */
  authority: Authority
  /** Certificate and key of the user `kubernetes-admin`, PEM. */
  admin: KeyPair
  /** Path of a kubeconfig for `admin`. */
  kubeconfig: string
  /** A client that is `admin`; closed with the server. */
  client: Client
  /** Sends one request as a client without a library would. */
  send(method: string, path: string, request?: TestRequest): Promise<TestAnswer>
  close(): Promise<void>
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

function kubeconfigText(server: string, authority: string, { certificate, key }: KeyPair): string {
  const user = { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) }
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [{ name: 'admin', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  })
}

function send(
  url: URL,
  {
    method,
    ca,
    token,
    body,
    headers = {},
    authorization = `Bearer ${token}`,
  }: TestRequest & Record<'method' | 'ca' | 'token', string>,
): Promise<TestAnswer> {
  const payload = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  const { promise, resolve, reject } = Promise.withResolvers<TestAnswer>()
  const sent = request(url, {
    method,
    ca,
    headers: {
      ...(authorization !== null && { authorization }),
      ...(payload !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(payload),
      }),
      ...headers,
    },
  })
  sent.on('error', reject)
  sent.on('response', (answer) => {
    const chunks: Buffer[] = []
    answer.on('error', reject)
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      resolve({ status: answer.statusCode!, headers: answer.headers, text, json: () => JSON.parse(text) })
    })
  })
  sent.end(payload)
  return promise
}

/**
 * Starts an API server. `directory` takes the kubeconfig: a test's own (`testDirectory`). Options override its defaults;
 * given a store, the server runs on it and closes it.
 */
export async function startTestApiServer(
  directory: string,
  options: Partial<ApiServerOptions> = {},
): Promise<TestApiServer> {
  const authority = await createAuthority('test-authority')
  const [serving, admin] = await Promise.all([
    authority.issue({ commonName: 'kube-apiserver', usages: ['server'], hosts: ['127.0.0.1', 'localhost'] }),
    authority.issue({ commonName: 'kubernetes-admin', organizations: ['system:masters'], usages: ['client'] }),
  ])
  const token = randomBytes(16).toString('hex')
  const server = await startApiServer({
    storage: options.storage ?? openMemoryStorage(),
    host: '127.0.0.1',
    port: 0,
    tls: { ...serving, clientAuthority: authority.certificate },
    tokens: `${token},admin,admin,"system:masters"\n`,
    // No controller publishes here what the volume of a token takes.
    admission: { notReadyTolerationSeconds: 300, unreachableTolerationSeconds: 300, mountsAccountTokens: false },
    eventTtlSeconds: 3600,
    clock: systemClock,
    log: createLogger('kube-apiserver', 'error'),
    onFailure(error) {
      throw error
    },
    ...options,
  })
  const kubeconfig = join(directory, 'kubeconfig')
  writeFileSync(kubeconfig, kubeconfigText(server.url, authority.certificate, admin), { mode: 0o600 })
  const client = createClient({ kubeconfig, userAgent: 'test' })
  return {
    url: server.url,
    ...(server.insecureUrl !== undefined && { insecureUrl: server.insecureUrl }),
    token,
    authority,
    admin,
    kubeconfig,
    client,
    registerKind: server.registerKind,
    unregisterKind: server.unregisterKind,
    send: (method, path, request) =>
      send(new URL(path, server.url), { method, ca: authority.certificate, token, ...request }),
    async close() {
      await client.close()
      await server.close()
    },
  }
}
