/** `/attach` over WebSockets, to real containers. */
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { type Clock, systemClock } from '../../../shared/clock.ts'
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

interface Options {
  program?: string[]
  stdin?: 'open' | 'once'
  tty?: boolean
  clock?: Clock
}

/** As long after the container's start as is needed for it to be no new one, or to stay one. */
const LATER: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + 60_000 }
const AT_ONCE: Clock = { ...systemClock, nowMs: () => 0 }

async function attach(t: Test, streams: string, options: Options = {}) {
  const { program = ['node', '-e', PROGRAM], stdin, tty, clock = LATER } = options
  const parts = await setUp(t, { clock })
  const { id, pid } = await parts.run(program, stdin, tty)
  await eventually(async () => (await parts.get('/containerLogs/default/kubia/main')).body.trimEnd() === 'before')
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

t.test('a new container from its beginning', async (t) => {
  for (const [streams, tty, end] of [
    ['output=1', false, '\n'],
    ['output=1&tty=1', true, '\r\n'],
  ] as const) {
    const program = ['sh', '-c', 'echo before; exec sleep 600']
    const { socket, channels, runtime, id } = await attach(t, streams, { program, tty, clock: AT_ONCE })
    await eventually(async () => channels[1] === `before${end}`)
    const closed = once(socket, 'close')
    await runtime.stopContainer(id, { graceMs: 0 })
    await closed
    t.equal(channels[1], `before${end}`)
  }
})

t.test('a container that has ended before its status says so', async (t) => {
  const { run, runtime, get } = await setUp(t)
  await run(['echo', 'before'])
  await eventually(async () => (await runtime.list()).some(({ state }) => state === 'exited'))
  t.match(await get('/attach/default/kubia/main?output=1'), {
    status: 500,
    body: 'container is in CONTAINER_EXITED state',
  })
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
  // The server may cut the connection of one who leaves before it has heard the farewell.
  socket.on('error', () => undefined)
  socket.close()
  await once(socket, 'close')
  t.ok(isAlive(pid))
})

const READS = ['sh', '-c', 'echo before; exec cat']
const CONTENT = Buffer.alloc(1024 * 1024, 'a line of some length\n')

/** Sends more than a pipe holds, and the end of it. */
function talk(socket: WebSocket) {
  for (let from = 0; from < CONTENT.length; from += 32 * 1024)
    socket.send(Buffer.concat([Buffer.of(0), CONTENT.subarray(from, from + 32 * 1024)]))
  socket.send(Buffer.of(255, 0))
}

t.test('an input that is written to once ends with its client’s', async (t) => {
  const { socket, channels } = await attach(t, 'input=1&output=1', { program: READS, stdin: 'once' })
  talk(socket)
  t.equal((await once(socket, 'close'))[0], 1000)
  // What the log ends is a line.
  t.equal(channels[1]!.trimEnd(), CONTENT.toString().trimEnd())
  t.equal(channels[3], SUCCESS)
})

t.test('an input that stays open outlives its client', async (t) => {
  const { socket, channels, pid } = await attach(t, 'input=1&output=1', { program: READS, stdin: 'open' })
  talk(socket)
  await eventually(async () => channels[1]!.length >= CONTENT.lastIndexOf('\n'))
  socket.close()
  await once(socket, 'close')
  t.ok(isAlive(pid))
})

t.test('a container without an input', async (t) => {
  const { socket, pid, runtime, id } = await attach(t, 'input=1&output=1')
  talk(socket)
  const closed = once(socket, 'close')
  t.ok(isAlive(pid))
  await runtime.stopContainer(id, { graceMs: 60_000 })
  t.equal((await closed)[0], 1000)
})

t.test('a program in a terminal of its own', async (t) => {
  const { run, server, runtime } = await setUp(t)
  const { id } = await run(
    ['sh', '-c', 'printf "who? "; read name; stty size; echo "hello $name"; exit 3'],
    'open',
    true,
  )
  const open = async () => {
    const socket = new WebSocket(
      `wss://${HOST}:${server.port}/attach/default/kubia/main?input=1&output=1&tty=1`,
      ['v5.channel.k8s.io'],
      { ca: authority.certificate, cert: apiServer.certificate, key: apiServer.key },
    )
    let output = ''
    socket.on('message', (data: Buffer) => {
      if (data[0] === 1) output += data.subarray(1)
    })
    await once(socket, 'message')
    return { socket, output: () => output }
  }
  const leaves = await open()
  const stays = await open()
  leaves.socket.terminate()
  stays.socket.send(Buffer.concat([Buffer.of(4), Buffer.from('{"Width":123,"Height":45}')]))
  stays.socket.send(Buffer.concat([Buffer.of(0), Buffer.from('kubia\n')]))
  t.equal((await once(stays.socket, 'close'))[0], 1000)
  t.match(stays.output(), /45 123\r\nhello kubia\r\n$/, 'all that it writes, though it ends at once')
  const state = await eventually(async () => (await runtime.list()).find((one) => one.id === id && one.exitCode))
  t.equal(state.exitCode, 3)
})
