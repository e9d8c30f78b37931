/** Clients that take nothing any more: they are cut off, and cost the server no more than their buffers until then. */
import { once } from 'node:events'
import t from 'tap'
import { WebSocket } from 'ws'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { openRaw } from '../../support/raw-http.ts'
import { until } from '../../support/until.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'
/** More than the buffers of the sockets on both sides hold together. */
const OBJECTS = 30
const OBJECT_CHARACTERS = 900_000
const STALLED_MS = 30_000

t.test('a client that does not read', async (t) => {
  const clock = createFakeClock(Date.now())
  const server = await startTestApiServer(testDirectory(t), { clock })
  t.teardown(() => server.close())
  const socket = await openRaw(server.url, server.authority.certificate)
  socket.write(
    `GET ${MAPS}?watch=1&resourceVersion=0 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${server.token}\r\n\r\n`,
  )
  await once(socket, 'data')
  socket.pause()
  const webSocket = new WebSocket(`${server.url.replace('https', 'wss')}${MAPS}?watch=1&resourceVersion=0`, {
    ca: server.authority.certificate,
    headers: { authorization: `Bearer ${server.token}` },
  })
  await once(webSocket, 'open')
  webSocket.pause()
  const data = { text: 'x'.repeat(OBJECT_CHARACTERS) }
  for (let index = 0; index < OBJECTS; index++)
    await server.send('POST', MAPS, { body: { metadata: { name: `map-${index}` }, data } })
  const watches = async () => {
    const { text } = await server.send('GET', '/metrics')
    return Number(/^apiserver_longrunning_requests\{.*\} (\d+)$/m.exec(text)?.[1] ?? 0)
  }
  t.equal(await watches(), 2)
  await clock.advance(STALLED_MS + 1)
  await until(async () => (await watches()) === 0)
  t.pass('both watches are over')
  const closed = [once(socket, 'close'), once(webSocket, 'close')]
  socket.on('error', () => socket.destroy())
  webSocket.on('error', () => webSocket.terminate())
  socket.resume()
  webSocket.resume()
  await Promise.all(closed)
})
