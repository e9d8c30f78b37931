import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { createNewConnections } from '../../../apiserver/http/new-connections.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { openRaw } from '../../support/raw-http.ts'
import { until } from '../../support/until.ts'

/** Pairs of sockets: what a server is given, and its client's end. */
async function startPairs(t: Test) {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const ends: Socket[] = []
  t.teardown(() => {
    for (const end of ends) end.destroy()
    server.close()
  })
  return async (): Promise<Socket> => {
    const client = connect(port, '127.0.0.1')
    const [accepted] = (await once(server, 'connection')) as [Socket]
    ends.push(client, accepted)
    return accepted
  }
}

t.test('the oldest that has brought nothing makes room', async (t) => {
  const accept = await startPairs(t)
  const connections = createNewConnections(2)
  const [settled, oldest, second, third] = [await accept(), await accept(), await accept(), await accept()]
  connections.add(settled)
  connections.settle(settled)
  for (const socket of [oldest, second, third]) connections.add(socket)
  t.ok(oldest.destroyed)
  t.notOk([settled, second, third].some(({ destroyed }) => destroyed))
  second.destroy()
  await until(() => second.closed)
  connections.add(await accept())
  t.notOk(third.destroyed, 'one that has left takes no room')
})

t.test('whoever holds many connections keeps nobody out', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  const sockets: Socket[] = []
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    await server.close()
  })
  const working = await openRaw(server.url, server.authority.certificate)
  sockets.push(working)
  const ask = async () => {
    working.write(`GET /version HTTP/1.1\r\nhost: x\r\n\r\n`)
    const [answer] = (await once(working, 'data')) as [Buffer]
    return answer.toString('latin1', 0, 12)
  }
  t.equal(await ask(), 'HTTP/1.1 200')
  const { hostname, port } = new URL(server.url)
  let closed = 0
  const open = async () => {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => socket.destroy()).once('close', () => closed++)
    sockets.push(socket)
    await once(socket, 'connect')
  }
  for (let opened = 0; opened < 1100; opened += 100) await Promise.all(Array.from({ length: 100 }, open))
  await until(() => closed >= 100)
  t.equal(await ask(), 'HTTP/1.1 200', 'a connection that has brought a request stays')
  t.equal((await server.send('GET', '/version')).status, 200, 'and a new one is served')
})
