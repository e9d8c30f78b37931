import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { KubeObject } from '../../../shared/api/kind.ts'
import { createClient } from '../../../shared/client/http-client.ts'
import type { Resource } from '../../../shared/client/resource.ts'
import { ApiError, isApiError } from '../../../shared/errors.ts'

const configMaps: Resource = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true }
const leases: Resource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
}
const object = (name: string, resourceVersion = '1'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', uid: name, resourceVersion, creationTimestamp: '2026-01-01T00:00:00Z' },
})

/** A server that answers by `answer`, and a client of it; both are gone when the test ends. */
async function serve(
  test: { teardown(handler: () => Promise<void>): void },
  answer: (request: IncomingMessage & { body: string }, response: ServerResponse) => void,
  options: { requestTimeoutMs?: number; watchIdleTimeoutMs?: number } = {},
) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => answer(Object.assign(request, { body: Buffer.concat(chunks).toString() }), response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = createClient({ connection: { server: url, token: 'secret' }, userAgent: 'test/1', ...options })
  test.teardown(async () => {
    await client.close()
    server.closeAllConnections()
    server.close()
  })
  return { client, server, url }
}

const json = (response: ServerResponse, value: unknown, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))

t.test('verbs', async (t) => {
  const seen: unknown[] = []
  const { client } = await serve(t, (request, response) => {
    const { method, url, headers, body } = request
    seen.push([method, url, headers['content-type'], body === '' ? '' : JSON.parse(body)])
    if (headers.authorization !== 'Bearer secret' || headers['user-agent'] !== 'test/1') {
      json(response, {}, 401)
      return
    }
    json(
      response,
      url?.includes('limit=') ? { metadata: { resourceVersion: '7' }, items: [{ metadata: {} }] } : object('a'),
    )
  })
  const key = { name: 'a', namespace: 'default' }
  t.same(await client.get(configMaps, key), object('a'))
  await client.create(configMaps, object('a'))
  await client.update(configMaps, object('a'), { subresource: 'status' })
  await client.patch(configMaps, key, { type: 'strategic', body: { data: {} }, fieldManager: 'me' })
  await client.delete(configMaps, key, { gracePeriodSeconds: 0 })
  await client.delete(configMaps, key)
  const list = await client.list(leases, { limit: 5, labelSelector: 'a in (b,c)' })
  t.same(list.items, [{ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: {} }], 'types are filled in')
  await client.request('POST', '/x', { a: 1 })
  const path = '/api/v1/namespaces/default/configmaps'
  const type = 'application/json'
  t.same(seen, [
    ['GET', `${path}/a`, undefined, ''],
    ['POST', path, type, object('a')],
    ['PUT', `${path}/a/status`, type, object('a')],
    ['PATCH', `${path}/a?fieldManager=me`, 'application/strategic-merge-patch+json', { data: {} }],
    ['DELETE', `${path}/a`, type, { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 }],
    ['DELETE', `${path}/a`, undefined, ''],
    ['GET', '/apis/coordination.k8s.io/v1/leases?labelSelector=a+in+%28b%2Cc%29&limit=5', undefined, ''],
    ['POST', '/x', type, { a: 1 }],
  ])
})

t.test('failures are ApiErrors', async (t) => {
  const status = {
    kind: 'Status',
    status: 'Failure',
    message: 'pods "x" not found',
    reason: 'NotFound',
    details: { name: 'x', kind: 'pods' },
    code: 404,
  }
  const { client, server } = await serve(t, (request, response) => {
    if (request.url === '/status') json(response, status, 404)
    else if (request.url === '/plain') response.writeHead(503).end('upstream is down')
    else if (request.url === '/cut')
      response.writeHead(200, { 'content-length': 100 }).write('{', () => response.destroy())
    else if (request.url === '/broken') response.end('{"a":')
    else response.destroy()
  })
  await t.rejects(client.request('GET', '/status'), new ApiError(404, 'NotFound', status.message, status.details))
  for (const path of ['/plain', '/cut', '/broken', '/reset']) {
    const error = await client.request('GET', path).then(
      () => new Error('answered'),
      (error: Error) => error,
    )
    t.ok(isApiError(error, 'ServiceUnavailable'), `${path}: ${error.message}`)
  }
  server.close()
  server.closeAllConnections()
  const error = await client.request('GET', '/refused').then(
    () => new Error('answered'),
    (error: Error) => error,
  )
  t.ok(isApiError(error, 'ServiceUnavailable'), error.message)
})

t.test('connections are kept', async (t) => {
  const { client, server } = await serve(t, (_request, response) => json(response, object('a')))
  let connections = 0
  server.on('connection', () => connections++)
  const key = { name: 'a', namespace: 'default' }
  const REQUESTS = 10
  for (let count = 0; count < REQUESTS; count++) await client.get(configMaps, key)
  const opened = connections
  for (let count = 0; count < REQUESTS; count++) await client.delete(configMaps, key, { gracePeriodSeconds: 0 })
  t.equal(connections, opened, 'also after a DELETE with a body')
})

t.test('a server that never answers', async (t) => {
  const { client } = await serve(t, () => undefined, { requestTimeoutMs: 200 })
  const error = await client.request('GET', '/').then(
    () => new Error('answered'),
    (error: Error) => error,
  )
  t.ok(isApiError(error, 'ServiceUnavailable'), error.message)
})

t.test('watch', async (t) => {
  const event = (type: string, name: string) => `${JSON.stringify({ type, object: object(name) })}\n`
  const expired = { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410, message: 'too old' }
  const script: Record<string, (response: ServerResponse) => void> = {
    '1': (response) => {
      // Cut in the middle of a character: bytes are joined before they are decoded.
      const bytes = Buffer.from(event('ADDED', 'ä') + event('MODIFIED', 'b') + event('DELETED', 'c'))
      const cut = bytes.indexOf('ä') + 1
      response.write(bytes.subarray(0, cut), () => setImmediate(() => response.end(bytes.subarray(cut))))
    },
    '2': (response) => response.end(`${event('ADDED', 'a')}{"type":"ERROR","object":${JSON.stringify(expired)}}\n`),
    '3': (response) => response.write(event('ADDED', 'a'), () => response.destroy()),
    '4': (response) => json(response, { ...expired, reason: 'Forbidden', code: 403 }, 403),
    '5': (response) => response.write(event('ADDED', 'a')),
    '6': (response) => response.end(event('ADDED', 'a').repeat(5_000)),
  }
  const { client } = await serve(
    t,
    (request, response) => script[new URL(request.url!, 'http://x').searchParams.get('resourceVersion')!]!(response),
    { watchIdleTimeoutMs: 100 },
  )
  const watch = async (resourceVersion: string, stop = new AbortController(), stopsAtFirst = false) => {
    const names: string[] = []
    try {
      for await (const { type, object } of client.watch(configMaps, { resourceVersion }, stop.signal)) {
        if (type !== 'BOOKMARK') names.push(`${type} ${object.metadata.name}`)
        if (stopsAtFirst) setImmediate(() => stop.abort())
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      names.push(error.reason)
    }
    return names
  }
  t.same(await watch('1'), ['ADDED ä', 'MODIFIED b', 'DELETED c'], 'ends with the response')
  t.same(await watch('2'), ['ADDED a', 'Expired'], 'an ERROR event is thrown')
  t.same(await watch('3'), ['ADDED a', 'ServiceUnavailable'], 'a lost connection is thrown')
  t.same(await watch('4'), ['Forbidden'], 'a refusal is thrown')
  t.same(await watch('5'), ['ADDED a', 'ServiceUnavailable'], 'a silent connection is taken for dead')
  t.equal((await watch('6')).length, 5_000, 'more than the buffer holds')
  t.same(await watch('5', new AbortController(), true), ['ADDED a'], 'an abort ends the iteration')
  const aborted = new AbortController()
  aborted.abort()
  t.same(await watch('5', aborted), [])
})
