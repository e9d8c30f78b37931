/** Connections to machines that take them and say nothing. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import t from 'tap'
import { dialFailure } from '../../../apiserver/http/dial.ts'
import { requestUpgrade } from '../../../apiserver/http/kubelet-upgrade.ts'
import { createFakeClock } from '../../support/fake-clock.ts'

const HOST = '127.0.0.1'

t.test('a handshake that is not answered', async (t) => {
  const sockets: Socket[] = []
  const silent = createServer((socket) => void sockets.push(socket)).listen(0, HOST)
  await once(silent, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  const { port } = silent.address() as AddressInfo
  const clock = createFakeClock()
  const ask = () => requestUpgrade({ host: HOST, port }, { method: 'GET', path: '/', headers: {} }, { clock })
  const failure = async (asked: Promise<unknown>) =>
    dialFailure(
      { host: HOST, port },
      await asked.then(
        () => t.fail('it answers'),
        (error) => error,
      ),
    )

  const early = failure(ask())
  await clock.advance(10_000)
  t.equal(await early, `dial tcp ${HOST}:${port}: i/o timeout`, 'it is not even connected')

  const late = failure(ask())
  const [socket] = await once(silent, 'connection')
  await once(socket, 'data')
  await clock.advance(10_000)
  t.equal(await late, 'net/http: TLS handshake timeout')
})

t.test('failures have upstream’s words where it has some', (t) => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  t.equal(dialFailure({ host: '::1', port: 1 }, refused), 'dial tcp [::1]:1: connect: connection refused')
  t.equal(dialFailure({ host: HOST, port: 1 }, new Error('EOF')), 'EOF')
  t.end()
})
