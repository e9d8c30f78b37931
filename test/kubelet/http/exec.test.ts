/** `/exec` over WebSockets, with real programs. */
import { createHash } from 'node:crypto'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import type { KeyPair } from '../../../shared/certificates/authority.ts'
import { allGone, eventually, isAlive } from '../runtime/support.ts'
import { apiServer, authority, HOST, node, setUp } from './support.ts'

const V5 = 'v5.channel.k8s.io'
const V4 = 'v4.channel.k8s.io'

const pathOf = (command: readonly string[], streams: string, container = 'main') => {
  const query = new URLSearchParams(command.map((word) => ['command', word]))
  return `/exec/default/kubia/${container}?${query}${streams}`
}

async function setUpExec(t: Test) {
  const parts = await setUp(t)
  await parts.run(['sleep', '600'])
  const open = (path: string, protocols: string[] = [V5], client: KeyPair = apiServer) =>
    new WebSocket(`wss://${HOST}:${parts.server.port}${path}`, protocols, {
      ca: authority.certificate,
      cert: client.certificate,
      key: client.key,
    })
  /** Runs a program to its end; `talk` says what is sent. */
  const exec = async (
    command: readonly string[],
    streams: string,
    talk: (socket: WebSocket, seen: () => string) => Promise<void> | void = () => undefined,
    protocols: string[] = [V5],
  ) => {
    const socket = open(pathOf(command, streams), protocols)
    const channels: Buffer[][] = [[], [], [], []]
    socket.on('message', (data: Buffer) => channels[data[0]!]!.push(data.subarray(1)))
    const { promise: closed, resolve, reject } = Promise.withResolvers<number>()
    socket.on('close', resolve).on('error', reject)
    socket.on('open', () => void talk(socket, () => Buffer.concat(channels[1]!).toString()))
    const code = await closed
    const [, stdout, stderr, status] = channels.map((chunks) => Buffer.concat(chunks))
    return { code, stdout: stdout!, stderr: `${stderr}`, status: JSON.parse(`${status}`), protocol: socket.protocol }
  }
  return { ...parts, open, exec }
}

const bytes = (channel: number, content: string) => Buffer.concat([Buffer.of(channel), Buffer.from(content)])
const SUCCESS = { metadata: {}, status: 'Success' }

t.test('outputs, exit codes and the ends of inputs', async (t) => {
  const { exec } = await setUpExec(t)
  const script = 'echo out; echo trouble >&2; exit 3'
  const failed = await exec(['sh', '-c', script], '&output=1&error=1')
  t.match(failed, { code: 1000, stderr: 'trouble\n', protocol: V5 })
  t.equal(`${failed.stdout}`, 'out\n')
  t.same(failed.status, {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: error executing command [sh -c ${script}], exit code 3`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '3' }] },
  })
  const cat = await exec(['cat'], '&input=1&output=1', (socket) => {
    socket.send(bytes(0, 'hi '))
    socket.send(bytes(0, 'there'))
    socket.send(Buffer.of(255, 0))
  })
  t.match(cat, { stderr: '', status: SUCCESS })
  t.equal(`${cat.stdout}`, 'hi there')
  const v4 = await exec(['head', '-c', '2'], '&input=1&output=1', (socket) => socket.send(bytes(0, 'hi')), [V4])
  t.match(v4, { status: SUCCESS, protocol: V4 })
  const unread = await exec(['true'], '&input=1&output=1', (socket) => {
    for (let sent = 0; sent < 64; sent++) socket.send(bytes(0, 'x'.repeat(32 * 1024)))
  })
  t.match(unread, { code: 1000, status: SUCCESS }, 'an input that nobody reads holds nothing up')
})

t.test('a terminal takes the size of its client’s', async (t) => {
  const { exec } = await setUpExec(t)
  const { stdout, status } = await exec(
    ['sh', '-c', 'read go; stty size'],
    '&input=1&output=1&error=1&tty=1',
    (socket) => {
      socket.send(bytes(4, '{"Width":123,"Height":45}\n'))
      socket.send(bytes(4, '{"Width":0,"Height":0}\n'))
      socket.send(bytes(0, 'go\n'))
    },
  )
  t.equal(`${stdout}`, 'go\r\n45 123\r\n')
  t.same(status, SUCCESS)
})

t.test('10 MB arrive as they are, in both directions', async (t) => {
  const { exec } = await setUpExec(t)
  const block = Buffer.alloc(32 * 1024, 'kubeproc ')
  const blocks = 320
  const hash = createHash('sha256')
  const echoed = await exec(['cat'], '&input=1&output=1', (socket) => {
    for (let sent = 0; sent < blocks; sent++) {
      socket.send(Buffer.concat([Buffer.of(0), block]))
      hash.update(block)
    }
    socket.send(Buffer.of(255, 0))
  })
  t.equal(echoed.stdout.length, block.length * blocks)
  t.equal(createHash('sha256').update(echoed.stdout).digest('hex'), hash.digest('hex'))
})

t.test('a client that does not read holds up the program, and one that leaves ends it', async (t) => {
  const { open } = await setUpExec(t)
  const socket = open(pathOf(['sh', '-c', 'setsid sleep 600 & echo $$ $!; exec yes'], '&output=1'))
  const { promise, resolve } = Promise.withResolvers<string>()
  socket.on('message', (data: Buffer) => {
    if (data.length === 1) return
    resolve(data.subarray(1).toString())
    socket.pause()
  })
  const pids = (await promise).split('\n')[0]!.split(' ').map(Number)
  t.equal(pids.length, 2)
  t.ok(pids.every(isAlive))
  socket.terminate()
  await allGone(pids)
})

t.test('an idle client that leaves ends its program', async (t) => {
  const { open } = await setUpExec(t)
  for (const tty of ['', '&tty=1']) {
    const socket = open(pathOf(['sh', '-c', 'echo $$; exec sleep 600'], `&input=1&output=1${tty}`))
    const { promise, resolve } = Promise.withResolvers<number>()
    socket.on('message', (data: Buffer) => data.length > 1 && resolve(Number(data.subarray(1).toString())))
    const pid = await promise
    t.ok(isAlive(pid))
    socket.close()
    await allGone([pid])
  }
})

t.test('a program that does not exist', async (t) => {
  const { exec } = await setUpExec(t)
  const { status } = await exec(['nope'], '&output=1')
  const cause =
    'error executing command in container: failed to exec in container: unable to start container process: exec: "nope": executable file not found in $PATH'
  t.same(status, {
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: ${cause}`,
    reason: 'InternalError',
    details: { causes: [{ message: cause }] },
    code: 500,
  })
})

t.test('refusals come before the upgrade', async (t) => {
  const { open, begin } = await setUpExec(t)
  const refusal = (path: string, protocols?: string[], client?: KeyPair) => {
    const { promise, resolve } = Promise.withResolvers<string>()
    open(path, protocols, client)
      .on('unexpected-response', async (_request, response) =>
        resolve(`${response.statusCode} ${await text(response)}`),
      )
      .on('open', () => resolve('opened'))
    return promise
  }
  t.match(
    await refusal(pathOf(['true'], '&output=1'), [V5], node),
    /^403 Forbidden \(user=system:node:node-1, verb=get/,
  )
  t.equal(await refusal(pathOf(['true'], '&output=1', 'late')), '500 container not found ("late")')
  t.equal(await refusal('/exec/default/none/main?output=1'), '404 pod does not exist')
  t.equal(await refusal(pathOf(['true'], '')), '400 you must specify at least 1 of stdin, stdout, stderr')
  t.match(await refusal(pathOf(['true'], '&output=1'), ['v3.channel.k8s.io']), /^400 unable to negotiate protocol/)

  const plain = await begin(pathOf(['true'], '&output=1'))
  t.equal(`${plain.statusCode} ${await text(plain)}`, '400 Upgrade request required')
  const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1' }
  const spdy = await begin(pathOf(['true'], '&output=1'), apiServer, { method: 'POST', headers })
  t.equal(`${spdy.statusCode} ${await text(spdy)}`, '403 unable to upgrade: X-Stream-Protocol-Version is required')
})

t.test('unknown channels, and the end of the server', async (t) => {
  const { open, server } = await setUpExec(t)
  const closeCode = async (act: (socket: WebSocket) => unknown) => {
    const socket = open(pathOf(['sh', '-c', 'echo $$; exec sleep 600'], '&output=1'))
    const closed = new Promise<number>((resolve) => socket.on('close', resolve))
    const { promise, resolve } = Promise.withResolvers<number>()
    socket.on('message', (data: Buffer) => data.length > 1 && resolve(Number(data.subarray(1).toString())))
    const pid = await promise
    await act(socket)
    const code = await closed
    await eventually(async () => !isAlive(pid))
    return code
  }
  t.equal(await closeCode((socket) => socket.send(bytes(9, 'x'))), 1007)
  t.equal(await closeCode(() => server.close()), 1006)
})
