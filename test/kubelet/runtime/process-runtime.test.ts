import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startProcessRuntime } from '../../../kubelet/runtime/process-runtime.ts'
import type { Runtime } from '../../../kubelet/runtime/runtime.ts'
import { createLogger } from '../../../shared/log.ts'
import { testDirectory } from '../../support/directory.ts'
import { testRuntime } from './contract.ts'
import { allGone, command, eventually, lineIn, logPathIn, textsOf } from './support.ts'

/** Addresses of this test file alone, so that programs on fixed ports meet nobody else's. */
const SECOND_BYTE = 80

async function startRuntime(t: Test, options: { podCidr?: string; isEnded?: boolean } = {}) {
  const directory = testDirectory(t)
  const rootDirectory = join(directory, 'node')
  const start = () =>
    startProcessRuntime({
      rootDirectory,
      nodeIp: `127.${SECOND_BYTE}.1.1`,
      podCidr: options.podCidr ?? `127.${SECOND_BYTE}.1.0/24`,
      logger: createLogger('runtime', 'error'),
    })
  const runtime = await start()
  const supervisor = Number.parseInt(readFileSync(join(rootDirectory, 'supervisor.pid'), 'utf8'), 10)
  t.teardown(async () => {
    if (!options.isEnded) await runtime.shutdown().catch(() => undefined)
    await allGone([supervisor])
  })
  return { runtime, directory, rootDirectory, supervisor, start }
}

t.test('contract', async (t) => testRuntime(t, startRuntime, { isIsolated: false }))

const podOf = (runtime: Runtime, directory: string, podUid: string, changes = {}) =>
  runtime.ensureSandbox({ podUid, namespace: 'default', name: podUid, directory: join(directory, podUid), ...changes })

t.test('three programs listen on one port, each on its pod’s address', async (t) => {
  const { runtime, directory } = await startRuntime(t, { podCidr: `127.${SECOND_BYTE}.2.0/24` })
  const pods = ['kubia-a', 'kubia-b', 'kubia-c']
  const answers = await Promise.all(
    pods.map(async (podUid) => {
      const { ip } = await podOf(runtime, directory, podUid)
      const logPath = logPathIn(directory, podUid)
      const argv = command('listens.cjs', '8080')
      await runtime.startContainer({
        podUid,
        name: 'main',
        attempt: 0,
        argv,
        env: {},
        annotations: {},
        workingDirectory: '/',
        logPath,
      })
      await lineIn(logPath, new RegExp(`^listening on ${ip}$`))
      return (await fetch(`http://${ip}:8080`)).text()
    }),
  )
  t.strictSame(answers, ['I am kubia-a', 'I am kubia-b', 'I am kubia-c'])
})

t.test('a port that is taken becomes a notice', async (t) => {
  const { runtime, directory } = await startRuntime(t, { podCidr: `127.${SECOND_BYTE}.3.0/24` })
  const { ip } = await podOf(runtime, directory, 'pod')
  const run = (name: string, argv: string[]) =>
    runtime.startContainer({
      podUid: 'pod',
      name,
      attempt: 0,
      argv,
      env: {},
      annotations: {},
      workingDirectory: '/',
      logPath: logPathIn(directory, name),
    })
  await run('first', command('listens.cjs', '8080'))
  await lineIn(logPathIn(directory, 'first'), /listening/)
  const endOf = async (id: string) =>
    eventually(async () => (await runtime.list()).find((state) => state.id === id && state.state === 'exited'))

  const node = await endOf((await run('second', command('listens.cjs', '8080'))).id)
  t.match(node, {
    exitCode: 1,
    notice: `cannot listen on ${ip}:8080: another process of this pod, or one that listens on all addresses of this machine, has it (EADDRINUSE)`,
  })
  const other = await endOf((await run('third', ['sh', '-c', 'echo "bind: Address already in use" >&2; exit 1'])).id)
  t.equal(other.notice, 'ended after an address was already in use: bind: Address already in use')
  const fine = await endOf((await run('fourth', ['sh', '-c', 'echo "bind: Address already in use" >&2'])).id)
  t.equal(fine.notice, undefined, 'a program that helps itself needs no notice')
})

t.test('sandboxes: addresses, hostname, host network', async (t) => {
  const { runtime, directory } = await startRuntime(t, { podCidr: `127.${SECOND_BYTE}.4.0/24` })
  const first = await podOf(runtime, directory, 'one')
  const second = await podOf(runtime, directory, 'two', { hostname: 'named' })
  t.strictSame([first.ip, second.ip], ['127.80.4.2', '127.80.4.3'])
  t.strictSame(await podOf(runtime, directory, 'one'), first, 'a pod keeps its address')
  t.equal((await podOf(runtime, directory, 'host', { hostNetwork: true })).ip, '127.80.1.1')
  const logPath = logPathIn(directory, 'two')
  const argv = ['sh', '-c', 'echo $HOSTNAME $HOST']
  await runtime.startContainer({
    podUid: 'two',
    name: 'main',
    attempt: 0,
    argv,
    env: { HOST: 'mine' },
    annotations: {},
    workingDirectory: '/',
    logPath,
  })
  await lineIn(logPath, /./)
  t.strictSame(textsOf(logPath), ['named mine'], 'what the pod sets itself stays')
})

t.test('a range that the host does not have: pods share the node’s address', async (t) => {
  const { runtime, directory } = await startRuntime(t, { podCidr: '203.0.113.0/24' })
  t.equal((await podOf(runtime, directory, 'one')).ip, '127.80.1.1')
})

t.test('a kubelet that goes leaves its containers to the next', async (t) => {
  const { runtime, directory, rootDirectory, supervisor, start } = await startRuntime(t, { isEnded: true })
  t.equal(statSync(rootDirectory).mode & 0o777, 0o700)
  const { ip } = await podOf(runtime, directory, 'pod')
  const logPath = logPathIn(directory, 'log')
  const spec = {
    podUid: 'pod',
    name: 'main',
    attempt: 0,
    argv: ['sleep', '600'],
    env: {},
    annotations: {},
    workingDirectory: '/',
    logPath,
  }
  const before = await runtime.startContainer(spec)
  await runtime.close()

  const next = await start()
  t.strictSame(await next.list(), [before])
  t.equal((await podOf(next, directory, 'pod')).ip, ip, 'with its address')
  t.strictSame(await next.startContainer(spec), before)
  const second = await start()
  t.strictSame(await second.list(), [before], 'several kubelets may be connected')
  await second.close()
  await next.shutdown()
  await allGone([before.pid, supervisor])
})

t.test('a path too long for a Unix socket', async (t) => {
  const rootDirectory = join(testDirectory(t), 'n'.repeat(120))
  const runtime = await startProcessRuntime({
    rootDirectory,
    nodeIp: '127.80.1.1',
    podCidr: '127.80.5.0/24',
    logger: createLogger('runtime', 'error'),
  })
  t.strictSame(await runtime.list(), [])
  const supervisor = Number.parseInt(readFileSync(join(rootDirectory, 'supervisor.pid'), 'utf8'), 10)
  await runtime.shutdown()
  await allGone([supervisor])
})
