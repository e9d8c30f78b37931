/** How the server ends: what is under way is finished, nothing that clients do or leave undone keeps it. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { connect } from 'node:net'
import t from 'tap'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { openHeldStorage } from '../../support/held-storage.ts'
import { openRaw, parseAnswer } from '../../support/raw-http.ts'
import { until } from '../../support/until.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'

t.test('a write under way is answered, a watch ends as it should, and readiness says so', async (t) => {
  const held = openHeldStorage()
  const server = await startTestApiServer(testDirectory(t), { storage: held.storage })
  const ca = server.authority.certificate
  const probe = await openRaw(server.url, ca)
  const probed: Buffer[] = []
  probe.on('data', (chunk: Buffer) => probed.push(chunk))
  // Half a request: the connection is not idle, so it stays while the server drains.
  probe.write('GET /readyz?verbose HTTP/1.1\r\nhost: x\r\n')

  const sent = request(new URL(`${MAPS}?watch=1&resourceVersion=0`, server.url), {
    ca,
    headers: { authorization: `Bearer ${server.token}` },
  }).end()
  const [watch] = (await once(sent, 'response')) as [IncomingMessage]
  held.hold()
  const write = server.send('POST', MAPS, { body: { metadata: { name: 'a' } } })
  await until(() => held.waiting === 1)

  const closed = server.close()
  await watch.resume().toArray()
  t.equal(watch.complete, true, 'the watch ends with its last chunk')
  probe.write(`authorization: Bearer ${server.token}\r\n\r\n`)
  await once(probe, 'close')
  const { status, text, headers } = parseAnswer(Buffer.concat(probed))
  t.equal(status, 500)
  t.match(text, '[-]shutdown failed: reason withheld\nreadyz check failed\n')
  t.equal(headers.connection, 'close')
  held.release()
  t.equal((await write).status, 201)
  await closed
})

t.test('idle, silent and half-done connections do not hold it up', async (t) => {
  // Its clock stands still: nothing is closed because it has had its time.
  const server = await startTestApiServer(testDirectory(t), { clock: createFakeClock(Date.now()) })
  const ca = server.authority.certificate
  const { port } = new URL(server.url)
  const idle = await openRaw(server.url, ca)
  idle.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
  await once(idle, 'data')
  await server.close()
  t.pass('an idle connection is closed at once')

  const other = await startTestApiServer(testDirectory(t))
  const silent = connect(Number(new URL(other.url).port), '127.0.0.1')
  await once(silent, 'connect')
  const half = await openRaw(other.url, other.authority.certificate)
  half.write('GET /healthz HT')
  half.on('error', () => half.destroy())
  silent.on('error', () => silent.destroy())
  await other.close()
  t.pass(`ports ${port} are free again`)
})
