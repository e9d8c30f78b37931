/** Pods that change the protocol where they should not: what the server that asks them makes of it. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

const NAMESPACE = '/api/v1/namespaces/default'
const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n'

t.test('a pod that answers as it should not', async (t) => {
  const asked: string[] = []
  let answer = (_socket: Socket): unknown => undefined
  const target = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (data) => {
      asked.push(String(data))
      answer(socket)
    })
  }).listen(0, '127.0.0.1')
  await once(target, 'listening')
  const { port } = target.address() as AddressInfo
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(async () => {
    await server.close()
    target.close()
  })
  const { send } = server
  const pod = { metadata: { name: 'web' }, spec: { containers: [{ name: 'c', image: 'x' }] } }
  const created = (await send('POST', `${NAMESPACE}/pods`, { body: pod })).json()
  const status = { ...created.status, podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }] }
  await send('PUT', `${NAMESPACE}/pods/web/status`, { body: { ...created, status } })
  const ask = async (more: Record<string, string>) => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const headers = { authorization: `Bearer ${server.token}`, ...more }
    const options = { ca: server.authority.certificate, headers, agent: false as const }
    request(`${server.url}${NAMESPACE}/pods/web:${port}/proxy/`, options)
      .on('response', resolve)
      .on('error', reject)
      .end()
    const response = await promise
    return { status: response.statusCode, body: await text(response) }
  }

  answer = (socket) => socket.write(SWITCH, () => socket.resetAndDestroy())
  t.match(
    await ask({ connection: 'Upgrade', upgrade: 'other' }),
    { status: 503, body: 'error trying to reach service' },
    'nobody is asked for a protocol that the client’s connection cannot speak',
  )
  t.notMatch(asked[0], /upgrade/i)

  answer = (socket) => socket.write(SWITCH)
  t.match(await ask({}), { status: 503, body: 'error trying to reach service: EOF' }, 'a change that nobody asked for')

  answer = (socket) => {
    const more = () => {
      while (socket.writable && socket.write(Buffer.alloc(64 * 1024, 'x')));
    }
    socket.on('drain', more)
    socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')
    more()
  }
  const webSocket = {
    ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
  }
  const { status: code, body } = await ask(webSocket)
  t.equal(code, 400)
  t.ok(body.length < 100_000, 'a refusal without an end is cut off')
})
