/** Watches over WebSockets: who may open them, what comes over them, and how they end. */
import { once } from 'node:events'
import t from 'tap'
import { type ClientOptions, WebSocket } from 'ws'
import { startTestApiServer, type TestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { openRaw, sendRaw } from '../../support/raw-http.ts'
import { until } from '../../support/until.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'
const BEARER = 'base64url.bearer.authorization.k8s.io'
const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

const open = (
  server: TestApiServer,
  query: string,
  { protocols = [], ...options }: ClientOptions & { protocols?: string[] } = {},
) =>
  new WebSocket(`${server.url.replace('https', 'wss')}${MAPS}?watch=true&${query}`, protocols, {
    ca: server.authority.certificate,
    headers: { authorization: `Bearer ${server.token}` },
    ...options,
  })

/** The messages of a socket, one at a time. */
function reader(socket: WebSocket) {
  const messages: string[] = []
  socket.on('message', (data, isBinary) => {
    if (isBinary) throw new Error('a binary message')
    messages.push(data.toString())
  })
  return async () => JSON.parse(await until(() => messages.shift()))
}

/** The status with which the server refuses to open a socket. */
async function refusal(socket: WebSocket): Promise<number> {
  const [request, response] = await once(socket, 'unexpected-response')
  request.destroy()
  return response.statusCode
}

t.test('WebSockets', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const create = async (name: string) =>
    (await server.send('POST', MAPS, { body: { metadata: { name }, data: { text: 'a\nb' } } })).json()
  const a = await create('a')

  t.test('one text message per event', async (t) => {
    const socket = open(server, 'resourceVersion=0')
    const next = reader(socket)
    t.strictSame(await next(), { type: 'ADDED', object: a })
    const names = ['x', 'y', 'z']
    const created = await Promise.all(names.map(create))
    const seen = [await next(), await next(), await next()]
    t.strictSame(
      seen.map(({ object }) => object).sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1)),
      created,
      'also those that come together',
    )
    socket.send('nobody listens')
    await server.send('DELETE', `${MAPS}/x`)
    t.match(await next(), { type: 'DELETED', object: { metadata: { name: 'x' } } })
    socket.close()
    await once(socket, 'close')
  })

  t.test('the token may be a subprotocol', async (t) => {
    const token = Buffer.from(server.token).toString('base64url')
    const socket = open(server, 'resourceVersion=0', { headers: {}, protocols: [`${BEARER}.${token}`, 'v1.watch'] })
    t.match(await reader(socket)(), { type: 'ADDED' })
    t.equal(socket.protocol, 'v1.watch', 'the other one is spoken')
    socket.close()
    const wrong = Buffer.from('wrong').toString('base64url')
    t.equal(await refusal(open(server, '', { headers: {}, protocols: [`${BEARER}.${wrong}`, 'v1.watch'] })), 401)
    t.equal(await refusal(open(server, '', { headers: {}, protocols: [`${BEARER}.${token}`] })), 401, 'not alone')
    t.equal(await refusal(open(server, '', { headers: {} })), 401, 'and none at all is not enough')
  })

  t.test('no web page but the server’s own may open one', async (t) => {
    t.equal(await refusal(open(server, '', { origin: 'https://evil.example' })), 403)
    t.equal(await refusal(open(server, '', { origin: server.url.replace('https', 'http') })), 403)
    const own = open(server, 'resourceVersion=0', { origin: server.url })
    await once(own, 'open')
    own.close()
  })

  t.test('what cannot be opened is refused as always', async (t) => {
    t.equal(await refusal(open(server, 'labelSelector=%3D')), 400)
    t.equal(await refusal(open(server, 'sendInitialEvents=true')), 422)
    const handshake = (changed: string) =>
      `GET ${MAPS}?watch=1 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${server.token}\r\nconnection: upgrade\r\nupgrade: websocket\r\n${changed}\r\n`
    const send = (text: string) => sendRaw(server.url, server.authority.certificate, text)
    for (const [title, text] of [
      ['a bad key', handshake('sec-websocket-version: 13\r\nsec-websocket-key: x\r\n')],
      ['a bad version', handshake(`sec-websocket-version: 7\r\nsec-websocket-key: ${KEY}\r\n`)],
      [
        'bad protocols',
        handshake(`sec-websocket-version: 13\r\nsec-websocket-key: ${KEY}\r\nsec-websocket-protocol: a,,b\r\n`),
      ],
    ] as const)
      t.match(JSON.parse((await send(text)).text), { kind: 'Status', code: 400 }, title)
  })

  t.test('a list is answered as a list', async (t) => {
    const socket = new WebSocket(`${server.url.replace('https', 'wss')}${MAPS}`, {
      ca: server.authority.certificate,
      headers: { authorization: `Bearer ${server.token}` },
    })
    t.equal(await refusal(socket), 200)
  })

  t.test('its time runs out', async (t) => {
    const socket = open(server, 'resourceVersion=0&timeoutSeconds=1')
    const [code] = await once(socket, 'close')
    t.equal(code, 1000)
  })

  t.test('a client that leaves in the middle takes its watch along', async () => {
    const socket = await openRaw(server.url, server.authority.certificate)
    socket.write(
      `GET ${MAPS}?watch=1 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${server.token}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${KEY}\r\n\r\n`,
    )
    await once(socket, 'data')
    socket.destroy()
    await until(async () => !/longrunning_requests\{.*WATCH/.test((await server.send('GET', '/metrics')).text))
  })

  t.test('the server stops', async (t) => {
    const other = await startTestApiServer(testDirectory(t))
    const socket = open(other, 'resourceVersion=0')
    await once(socket, 'open')
    const closed = once(socket, 'close')
    await other.close()
    const [code] = await closed
    t.equal(code, 1000)
  })
})
