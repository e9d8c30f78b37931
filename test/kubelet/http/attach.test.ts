/** `/attach` over WebSockets, to real containers. */
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { eventually, isAlive } from '../runtime/support.ts'
import { apiServer, authority, HOST, setUp } from './support.ts'

const PROGRAM = `
process.on('SIGTERM', () => {
  console.log('asked')
  console.error('trouble')
  process.exit()
})
console.log('before')
setInterval(() => undefined, 1000)`

async function attach(t: Test, streams: string) {
  const parts = await setUp(t)
  const { id, pid } = await parts.run(['node', '-e', PROGRAM])
  await eventually(async () => (await parts.get('/containerLogs/default/kubia/main')).body === 'before\n')
  const socket = new WebSocket(
    `wss://${HOST}:${parts.server.port}/attach/default/kubia/main?${streams}`,
    ['v5.channel.k8s.io'],
    { ca: authority.certificate, cert: apiServer.certificate, key: apiServer.key },
  )
  const channels = ['', '', '', '']
  socket.on('message', (data: Buffer) => {
    channels[data[0]!] = `${channels[data[0]!]}${data.subarray(1)}`
  })
  await once(socket, 'message')
  return { ...parts, id, pid, socket, channels }
}

const SUCCESS = '{"metadata":{},"status":"Success"}'

t.test('both outputs, from now on to the end of the container', async (t) => {
  const { runtime, id, socket, channels } = await attach(t, 'output=1&error=1')
  const closed = once(socket, 'close')
  await runtime.stopContainer(id, { graceMs: 60_000 })
  t.equal((await closed)[0], 1000)
  t.same(channels, ['', 'asked\n', 'trouble\n', SUCCESS])
})

t.test('one output alone, and both in a terminal', async (t) => {
  for (const [streams, stdout, stderr] of [
    ['error=1', '', 'trouble\n'],
    ['output=1&tty=1', /^(asked\r\n|trouble\r\n){2}$/, ''],
  ] as const) {
    const { runtime, id, socket, channels } = await attach(t, streams)
    const closed = once(socket, 'close')
    await runtime.stopContainer(id, { graceMs: 60_000 })
    await closed
    t.match(channels[1], stdout)
    t.equal(channels[2], stderr)
  }
})

t.test('a client that leaves changes nothing', async (t) => {
  const { socket, pid } = await attach(t, 'output=1')
  socket.close()
  await once(socket, 'close')
  t.ok(isAlive(pid))
})
