/** Programs beside a container's own: their streams, terminals, exit codes and ends. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startProcessRuntime } from '../../../kubelet/runtime/process-runtime.ts'
import { StartError } from '../../../kubelet/runtime/runtime.ts'
import { createLogger } from '../../../shared/log.ts'
import { testDirectory } from '../../support/directory.ts'
import { allGone, eventually, isAlive } from './support.ts'

async function setUp(t: Test) {
  const rootDirectory = join(testDirectory(t), 'node')
  const logger = createLogger('runtime', 'error')
  const start = () => startProcessRuntime({ rootDirectory, nodeIp: '127.86.1.1', podCidr: '127.86.1.0/24', logger })
  const runtime = await start()
  const supervisor = Number.parseInt(readFileSync(join(rootDirectory, 'supervisor.pid'), 'utf8'), 10)
  t.teardown(async () => {
    await runtime.shutdown().catch(() => undefined)
    await allGone([supervisor])
  })
  await runtime.ensureSandbox({
    podUid: 'pod',
    namespace: 'default',
    name: 'kubia',
    directory: join(rootDirectory, 'pod'),
  })
  const { id } = await runtime.startContainer({
    podUid: 'pod',
    name: 'main',
    attempt: 0,
    argv: ['sleep', '600'],
    env: { GREETING: 'hello' },
    annotations: {},
    workingDirectory: '/usr',
    logPath: join(rootDirectory, 'pod', 'main.log'),
  })
  return { runtime, id, start }
}

const PIPED = { tty: false, stdin: true }

t.test('a program has the container’s environment and directory', async (t) => {
  const { runtime, id } = await setUp(t)
  const argv = ['sh', '-c', 'echo $GREETING from $HOSTNAME; pwd; echo trouble >&2; exit 3']
  const { stdout, stderr, stdin, exited } = await runtime.execStream(id, argv, { tty: false, stdin: false })
  t.equal(await text(stdout), 'hello from kubia\n/usr\n')
  t.equal(await text(stderr!), 'trouble\n')
  t.equal(stdin, undefined)
  t.equal(await exited, 3)
})

t.test('input is passed on to its end', async (t) => {
  const { runtime, id } = await setUp(t)
  const { stdin, stdout, exited } = await runtime.execStream(id, ['cat'], PIPED)
  stdin!.end('hi\n')
  t.equal(await text(stdout), 'hi\n')
  t.equal(await exited, 0)
})

t.test('input that nobody reads does no harm', async (t) => {
  const { runtime, id } = await setUp(t)
  const { stdin, exited } = await runtime.execStream(id, ['true'], PIPED)
  t.equal(await exited, 0)
  stdin!.write('too late')
  await eventually(async () => stdin!.closed)
})

t.test('a process in the background does not hold up the end', async (t) => {
  const { runtime, id } = await setUp(t)
  const { stdout, exited, kill } = await runtime.execStream(id, ['sh', '-c', 'sleep 600 & echo $!'], PIPED)
  const pid = Number(await text(stdout))
  t.equal(await exited, 0)
  t.ok(isAlive(pid))
  await kill()
  t.notOk(isAlive(pid))
})

t.test('a terminal has a size and echoes', async (t) => {
  const { runtime, id } = await setUp(t)
  const script = 'test -t 0 && test -t 1 && echo terminal $TERM; read line; stty size; exit 4'
  const stream = await runtime.execStream(id, ['sh', '-c', script], { tty: true, stdin: true })
  t.equal(stream.stderr, undefined)
  stream.resize({ columns: 123, rows: 45 })
  stream.stdin!.write('go\n')
  t.equal((await text(stream.stdout)).replaceAll('\r\n', '\n').replace('go\n', ''), 'terminal xterm\n45 123\n')
  t.equal(await stream.exited, 4)
  stream.resize({ columns: 1, rows: 1 })
})

t.test('the end of a terminal’s input', async (t) => {
  const { runtime, id } = await setUp(t)
  const { stdin, stdout, exited } = await runtime.execStream(id, ['cat'], { tty: true, stdin: true })
  stdin!.end()
  await text(stdout)
  t.equal(await exited, 0)
})

t.test('a terminal’s output waits for its reader', async (t) => {
  const { runtime, id } = await setUp(t)
  const argv = ['sh', '-c', 'seq 1 100000; read line']
  const { stdin, stdout, exited } = await runtime.execStream(id, argv, { tty: true, stdin: true })
  await eventually(async () => stdout.readableLength > 0)
  await wait(50)
  t.ok(stdout.readableLength < 256 * 1024, 'little is read ahead')
  let output = ''
  for await (const chunk of stdout) {
    output += chunk
    if (output.endsWith('\n100000\r\n')) stdin!.write('done\n')
  }
  t.match(output, /^1\r\n2\r\n3\r\n/)
  t.equal(await exited, 0)
})

t.test('there is no such program', async (t) => {
  const { runtime, id } = await setUp(t)
  const missing = 'exec: "nope": executable file not found in $PATH'
  for (const tty of [false, true]) {
    const start = runtime.execStream(id, ['nope'], { tty, stdin: false })
    await t.rejects(start, new StartError(missing, 127))
  }
  await t.rejects(runtime.execStream('none', ['true'], PIPED), /container none is not running/)
})

/** A program whose whole tree has to go: its two PIDs. */
async function startTree(runtime: Awaited<ReturnType<typeof setUp>>['runtime'], id: string, tty: boolean) {
  const stream = await runtime.execStream(id, ['sh', '-c', 'setsid sleep 600 & echo $$ $!; wait'], {
    tty,
    stdin: false,
  })
  const { promise, resolve } = Promise.withResolvers<string>()
  stream.stdout.on('data', (chunk: Buffer) => resolve(chunk.toString()))
  const pids = (await promise).trim().split(' ').map(Number)
  t.equal(pids.filter(isAlive).length, 2)
  return { ...stream, pids }
}

t.test('programs end when they are killed, with their container, and with the kubelet', async (t) => {
  const { runtime, id, start } = await setUp(t)
  for (const tty of [false, true]) {
    const { kill, exited, pids } = await startTree(runtime, id, tty)
    await kill()
    t.equal(await exited, 137)
    t.same(pids.filter(isAlive), [])
  }
  const second = await start()
  const withKubelet = await Promise.all([false, true].map((tty) => startTree(second, id, tty)))
  await second.close()
  await allGone(withKubelet.flatMap(({ pids }) => pids))

  const withContainer = await Promise.all([false, true].map((tty) => startTree(runtime, id, tty)))
  await runtime.stopContainer(id, { graceMs: 0 })
  t.same(withContainer.flatMap(({ pids }) => pids).filter(isAlive), [])
})
