/** The supervisor as a process: what it survives, what ends it, and that it never leaves or kills the wrong process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { startProcessRuntime } from '../../../../kubelet/runtime/process-runtime.ts'
import type { ContainerState, Runtime } from '../../../../kubelet/runtime/runtime.ts'
import { createLogger } from '../../../../shared/log.ts'
import { bootId, readProcess } from '../../../../shared/processes.ts'
import { testDirectory } from '../../../support/directory.ts'
import { allGone, command, eventually, fixture, isAlive, lineIn, textsOf } from '../support.ts'

const SUPERVISOR = fileURLToPath(new URL('../../../../kubelet/runtime/supervisor/main.ts', import.meta.url))

const startRuntime = (rootDirectory: string) =>
  startProcessRuntime({
    rootDirectory,
    nodeIp: '127.81.1.1',
    podCidr: '127.81.1.0/24',
    logger: createLogger('runtime', 'error'),
  })

const supervisorOf = (rootDirectory: string) =>
  Number.parseInt(readFileSync(join(rootDirectory, 'supervisor.pid'), 'utf8'), 10)

/** Starts one container; `log` is where its output is. */
async function runIn(runtime: Runtime, rootDirectory: string, argv: readonly string[], attempt = 0) {
  const log = `${rootDirectory}/pods/pod/${attempt}.log`
  await runtime.ensureSandbox({
    podUid: 'pod',
    namespace: 'default',
    name: 'pod',
    directory: `${rootDirectory}/pods/pod`,
  })
  const program = { argv, env: {}, annotations: {}, workingDirectory: '/', logPath: log }
  return { state: await runtime.startContainer({ podUid: 'pod', name: 'main', attempt, ...program }), log }
}

const daemonIn = async (log: string) => Number((await lineIn(log, /^daemon (\d+)$/))[1])

/** A kubelet as a process of its own, with one container that has left a daemon. The pipe is what its launcher holds. */
async function startKubelet(t: Test, rootDirectory: string, ...flags: string[]) {
  const child: ChildProcess = spawn(process.execPath, [fixture('kubelet.ts'), rootDirectory, ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lifeline = child.stdin!
  // Node closes a dead child's pipe, but this one belongs to the node and not to the kubelet.
  child.stdin = null
  t.teardown(() => lifeline.destroy())
  const [line] = await once(createInterface({ input: child.stdout! }), 'line')
  const container = Number(/^container (\d+)$/.exec(line)![1])
  const daemon = await daemonIn(`${rootDirectory}/pods/pod/0.log`)
  return { child, lifeline, container, daemon, supervisor: supervisorOf(rootDirectory) }
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

t.test('a killed kubelet leaves its containers to the next one', async (t) => {
  const rootDirectory = testDirectory(t)
  const { child, container, daemon, supervisor } = await startKubelet(t, rootDirectory)
  await kill(child)
  const runtime = await startRuntime(rootDirectory)
  t.equal(supervisorOf(rootDirectory), supervisor)
  const [state] = (await runtime.list()) as [ContainerState]
  t.match(state, { state: 'running', pid: container, attempt: 0 })
  t.ok(isAlive(daemon))
  process.kill(container, 'SIGTERM')
  const ended = await eventually(async () => (await runtime.list()).find((run) => run.state === 'exited'))
  t.match(ended, { exitCode: 143, signal: 15 }, 'the exit code is the true one')
  await runtime.shutdown()
  await allGone([container, daemon, supervisor])
})

t.test('the end of the lifeline ends everything, the end of the kubelet does not', async (t) => {
  const rootDirectory = testDirectory(t)
  const { child, lifeline, container, daemon, supervisor } = await startKubelet(t, rootDirectory, '--lifeline')
  await kill(child)
  const runtime = await startRuntime(rootDirectory)
  t.match(await runtime.list(), [{ state: 'running', pid: container }])
  await runtime.close()
  t.ok(isAlive(daemon))
  lifeline.destroy()
  await allGone([container, daemon, supervisor])
  t.pass('all are gone')
})

t.test('SIGUSR2 ends everything at once', async (t) => {
  const rootDirectory = testDirectory(t)
  const { child, container, daemon, supervisor } = await startKubelet(t, rootDirectory)
  await kill(child)
  process.kill(supervisor, 'SIGUSR2')
  await allGone([container, daemon, supervisor])
  t.notOk(existsSync(join(rootDirectory, 'supervisor.pid')))
  t.notOk(existsSync(join(rootDirectory, 'supervisor.sock')))
})

t.test('SIGTERM asks the containers first', async (t) => {
  const rootDirectory = testDirectory(t)
  const runtime = await startRuntime(rootDirectory)
  const { state, log } = await runIn(runtime, rootDirectory, command('exits-on-sigterm.sh'))
  await lineIn(log, /ready/)
  const supervisor = supervisorOf(rootDirectory)
  await runtime.close()
  process.kill(supervisor, 'SIGTERM')
  await allGone([state.pid, supervisor])
  t.strictSame(textsOf(log), ['ready', 'asked'])
})

t.test('a killed supervisor: its containers are killed, told as lost, and new ones can start', async (t) => {
  const rootDirectory = testDirectory(t)
  const runtime = await startRuntime(rootDirectory)
  await runIn(runtime, rootDirectory, command('exits.sh', '3'))
  await eventually(async () => (await runtime.list()).some((run) => run.state === 'exited'))
  const running = await runIn(runtime, rootDirectory, command('daemonises.cjs', 'stays'), 1)
  const daemon = await daemonIn(running.log)
  const supervisor = supervisorOf(rootDirectory)
  const announced = new Promise<string>((resolve) => runtime.subscribe(resolve))

  process.kill(supervisor, 'SIGKILL')
  t.equal(await announced, 'pod')
  t.notOk([running.state.pid, daemon].some(isAlive))
  const states = new Map((await runtime.list()).map((state) => [state.attempt, state]))
  t.match(states.get(0), { state: 'exited', exitCode: 3 })
  t.equal(states.get(0)?.lost, undefined)
  t.match(states.get(1), { state: 'exited', exitCode: 137, lost: true, pid: running.state.pid })
  const next = await runIn(runtime, rootDirectory, ['sleep', '600'], 2)
  const second = supervisorOf(rootDirectory)
  t.not(second, supervisor)
  await runtime.shutdown()
  await allGone([next.state.pid, second])
})

t.test('records of the dead name no stranger', async (t) => {
  const rootDirectory = testDirectory(t)
  const strangers = [0, 1, 2].map(() => spawn('sleep', ['600'], { stdio: 'ignore', detached: true }))
  t.teardown(() => strangers.forEach((child) => void child.kill('SIGKILL')))
  const startTicks = strangers.map(({ pid }) => readProcess(pid!)!.startTicks)
  mkdirSync(join(rootDirectory, 'containers'))
  const write = (id: string, pid: number, identity: { startTicks?: number; bootId: string }) => {
    const what = { id, podUid: 'pod', name: id, attempt: 0, logPath: '', annotations: {} }
    const state = { ...what, state: 'running', pid, startedAtMs: 0 }
    writeFileSync(join(rootDirectory, 'containers', `${id}.json`), JSON.stringify({ state, ...identity }))
  }
  write('reused', strangers[0]!.pid!, { startTicks: startTicks[0]! - 1, bootId: bootId() })
  write('rebooted', strangers[1]!.pid!, { startTicks: startTicks[1]!, bootId: 'another' })
  write('ours', strangers[2]!.pid!, { startTicks: startTicks[2]!, bootId: bootId() })
  writeFileSync(join(rootDirectory, 'containers', 'broken.json'), '{"state":')

  const runtime = await startRuntime(rootDirectory)
  t.strictSame(
    strangers.map(({ pid }) => isAlive(pid!)),
    [true, true, false],
    'only PID and start time of this run of the machine name a process',
  )
  const states = await runtime.list()
  t.strictSame(states.map(({ id }) => id).sort(), ['ours', 'rebooted', 'reused'])
  t.ok(states.every(({ state, exitCode, lost }) => state === 'exited' && exitCode === 137 && lost))
  const supervisor = supervisorOf(rootDirectory)
  await runtime.shutdown()
  await allGone([supervisor])
})

/** Runs the supervisor's program to its end. */
async function runSupervisor(...flags: string[]) {
  const child = spawn(process.execPath, [SUPERVISOR, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const [code] = await once(child, 'close')
  return { code, output }
}

t.test('a second supervisor for one directory does not start', async (t) => {
  const rootDirectory = testDirectory(t)
  const runtime = await startRuntime(rootDirectory)
  const { state } = await runIn(runtime, rootDirectory, ['sleep', '600'])
  const { code, output } = await runSupervisor(`--root-dir=${rootDirectory}`)
  t.equal(code, 1)
  t.match(output, /another supervisor already serves/)
  t.match(await runtime.list(), [{ id: state.id, state: 'running' }], 'the first one is untouched')
  const supervisor = supervisorOf(rootDirectory)
  await runtime.shutdown()
  await allGone([supervisor])
})

t.test('it ends by itself when nobody needs it', async (t) => {
  const rootDirectory = testDirectory(t)
  const { code, output } = await runSupervisor(`--root-dir=${rootDirectory}`, '--idle-period=50ms')
  t.equal(code, 0)
  t.equal(output, 'kubeproc-supervisor is ready\n')
})

t.test('wrong flags', async (t) => {
  t.match(await runSupervisor(), { code: 2, output: 'kubeproc-supervisor: --root-dir is needed\n' })
  t.match(await runSupervisor('--no-such'), { code: 2, output: /unknown flag: --no-such/ })
})
