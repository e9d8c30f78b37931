/** What every runtime must do, run against real programs. `start` gives a fresh runtime that the test ends with. */
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type ContainerSpec, type ContainerState, type Runtime, StartError } from '../../../kubelet/runtime/runtime.ts'
import {
  allGone,
  command,
  eventually,
  isAlive,
  lineIn,
  logPathIn,
  markedBy,
  recordsOf,
  textsOf,
  withArgument,
} from './support.ts'

export interface RuntimeUnderTest {
  runtime: Runtime
  /** For the test's own files, e.g. logs. */
  directory: string
}

/** In what runtimes are meant to differ. */
export interface Traits {
  /** Containers have processes, mounts and a network of their own. */
  isIsolated: boolean
}

const POD = { podUid: 'pod-1', namespace: 'default', name: 'kubia' }

/** Runs one test with a pod that has a sandbox, and a shorthand to start containers in it. */
async function inPod(t: Test, start: (t: Test) => Promise<RuntimeUnderTest>) {
  const { runtime, directory } = await start(t)
  const sandbox = await runtime.ensureSandbox({ ...POD, directory: `${directory}/pod` })
  const specOf = (argv: readonly string[], changes: Partial<ContainerSpec> = {}): ContainerSpec => {
    const name = changes.name ?? 'main'
    const logPath = logPathIn(directory, `${name}-${changes.attempt ?? 0}`)
    return {
      podUid: POD.podUid,
      name,
      attempt: 0,
      argv,
      env: {},
      annotations: {},
      workingDirectory: directory,
      logPath,
      ...changes,
    }
  }
  const run = (argv: readonly string[], changes?: Partial<ContainerSpec>) =>
    runtime.startContainer(specOf(argv, changes))
  const stateOf = async (id: string) => (await runtime.list()).find((state) => state.id === id)
  const exitOf = ({ id }: ContainerState) =>
    eventually(
      async () => {
        const state = await stateOf(id)
        return state?.state === 'exited' && state
      },
      { everyMs: 5 },
    )
  return { runtime, directory, sandbox, specOf, run, stateOf, exitOf }
}

export function testRuntime(t: Test, start: (t: Test) => Promise<RuntimeUnderTest>, { isIsolated }: Traits): void {
  t.test('a container runs and tells how it ended', async (t) => {
    const { run, exitOf } = await inPod(t, start)
    const started = await run(command('exits.sh', '3'), { annotations: { image: 'luksa/kubia' } })
    t.match(started, {
      podUid: 'pod-1',
      name: 'main',
      attempt: 0,
      state: 'running',
      annotations: { image: 'luksa/kubia' },
    })
    t.ok(started.pid > 0)
    const ended = await exitOf(started)
    t.match(ended, { id: started.id, exitCode: 3, pid: started.pid, startedAtMs: started.startedAtMs })
    t.equal(ended.signal, undefined)
    t.ok(ended.finishedAtMs! >= ended.startedAtMs)
    t.strictSame(textsOf(started.logPath), ['ends with 3'], 'the log is complete once the exit is told')
  })

  t.test('the same start twice is one container', async (t) => {
    const { runtime, specOf } = await inPod(t, start)
    const spec = specOf(['sleep', '600'])
    const [first, second] = await Promise.all([runtime.startContainer(spec), runtime.startContainer(spec)])
    t.strictSame(first, second)
    t.strictSame(await runtime.startContainer(spec), first)
    t.equal((await runtime.list()).length, 1)
    const next = await runtime.startContainer({ ...spec, attempt: 1 })
    t.not(next.id, first.id, 'the next attempt is another one')
  })

  t.test('changes are announced by pod', async (t) => {
    const { runtime, run, exitOf } = await inPod(t, start)
    const announced: string[] = []
    const unsubscribe = runtime.subscribe((podUid) => announced.push(podUid))
    const { promise: exitAnnounced, resolve } = Promise.withResolvers<void>()
    runtime.subscribe(() => announced.length >= 2 && resolve())
    const started = await run(command('exits.sh', '0'))
    await exitAnnounced
    t.strictSame(announced, ['pod-1', 'pod-1'])
    await exitOf(started)
    unsubscribe()
    await exitOf(await run(command('exits.sh', '0'), { attempt: 1 }))
    t.equal(announced.length, 2, 'who has unsubscribed hears nothing')
  })

  t.test('a program that ends when asked', async (t) => {
    const { runtime, run, stateOf } = await inPod(t, start)
    const started = await run(command('exits-on-sigterm.sh'))
    await lineIn(started.logPath, /ready/)
    await runtime.stopContainer(started.id, { graceMs: 60_000 })
    t.match(await stateOf(started.id), { state: 'exited', exitCode: 0 })
    t.strictSame(textsOf(started.logPath), ['ready', 'asked'])
    await runtime.stopContainer(started.id, { graceMs: 0 })
    t.pass('stopping it again is no error')
    await runtime.stopContainer('no-such-container', { graceMs: 0 })
    t.pass('nor is stopping what is not there')
  })

  t.test('a signal by default, one by name', async (t) => {
    const { runtime, run, stateOf } = await inPod(t, start)
    for (const [attempt, signal] of ([undefined, 'SIGINT'] as const).entries()) {
      const started = await run(command('tells-signal.sh'), { attempt })
      await lineIn(started.logPath, /ready/)
      await runtime.stopContainer(started.id, { graceMs: 60_000, ...(signal !== undefined && { signal }) })
      t.match(await stateOf(started.id), { exitCode: 0 })
      t.strictSame(textsOf(started.logPath), ['ready', signal ?? 'SIGTERM'])
    }
  })

  t.test('a program that does not care for SIGTERM', async (t) => {
    const { runtime, run, stateOf } = await inPod(t, start)
    const started = await run(['sleep', '600'])
    await runtime.stopContainer(started.id, { graceMs: isIsolated ? 300 : 60_000 })
    // The kernel spares a process number 1 the signals that it has no handler for.
    t.match(await stateOf(started.id), isIsolated ? { exitCode: 137 } : { exitCode: 143, signal: 15 })
  })

  t.test('a program that ignores SIGTERM is killed after its grace, children included', async (t) => {
    const { runtime, run, stateOf } = await inPod(t, start)
    const started = await run(command('ignores-sigterm.sh'))
    await lineIn(started.logPath, /ready/)
    const group = markedBy(started)
    const before = performance.now()
    await runtime.stopContainer(started.id, { graceMs: 200 })
    t.ok(performance.now() - before >= 190, 'not before')
    t.match(await stateOf(started.id), { exitCode: 137 })
    t.notOk(group.some(isAlive))
  })

  t.test('a second stop with less grace counts', async (t) => {
    const { runtime, run, stateOf } = await inPod(t, start)
    const started = await run(command('ignores-sigterm.sh'))
    await lineIn(started.logPath, /ready/)
    const patient = runtime.stopContainer(started.id, { graceMs: 60_000 })
    await runtime.stopContainer(started.id, { graceMs: 0 })
    await patient
    t.match(await stateOf(started.id), { exitCode: 137 })
  })

  t.test('many children go with their parent', async (t) => {
    const { runtime, run } = await inPod(t, start)
    const started = await run(command('forks-many.sh'))
    await lineIn(started.logPath, /ready/)
    const group = markedBy(started)
    t.ok(group.length > 20)
    await runtime.stopContainer(started.id, { graceMs: 0 })
    t.notOk(group.some(isAlive))
  })

  for (const how of ['ends', 'stays']) {
    t.test(
      `a daemon that left its group and parent goes when the main process ${how === 'ends' ? 'ends' : 'is killed'}`,
      async (t) => {
        const { runtime, run, exitOf } = await inPod(t, start)
        const started = await run(command('daemonises.cjs', how))
        await lineIn(started.logPath, /^daemon (\d+)$/)
        if (how === 'stays') {
          t.ok(markedBy(started).length > 1)
          await runtime.stopContainer(started.id, { graceMs: 0 })
        }
        await exitOf(started)
        t.strictSame(markedBy(started), [], 'it is gone before the exit is told')
      },
    )
  }

  t.test('a child without any environment goes with its group', async (t) => {
    const { run, exitOf } = await inPod(t, start)
    const seconds = `600.${process.pid}${isIsolated ? 1 : 0}`
    const started = await run(command('leaves-bare-child.sh', seconds))
    await lineIn(started.logPath, /^child (\d+)$/)
    t.match(await exitOf(started), { exitCode: 0 })
    t.strictSame(withArgument(seconds), [])
  })

  t.test('output: long lines in pieces, the rest without a line end, both streams', async (t) => {
    const { run, exitOf } = await inPod(t, start)
    const started = await run(command('long-line.cjs', '40000'))
    await exitOf(started)
    const records = recordsOf(started.logPath)
    t.strictSame(
      records.map(({ tag, text }) => [tag, text.length]),
      [
        ['P', 16384],
        ['P', 16384],
        ['F', 40000 - 2 * 16384],
        ['F', 3],
      ],
    )
    const both = await run(['sh', '-c', 'echo out; echo err >&2'], { attempt: 1 })
    await exitOf(both)
    t.strictSame(
      recordsOf(both.logPath).sort((a, b) => (a.stream < b.stream ? -1 : 1)),
      [
        { stream: 'stderr', tag: 'F', text: 'err' },
        { stream: 'stdout', tag: 'F', text: 'out' },
      ],
    )
  })

  t.test('a flood of output loses nothing', async (t) => {
    const { run, exitOf } = await inPod(t, start)
    const started = await run(command('floods.cjs', '100000'))
    await exitOf(started)
    const texts = textsOf(started.logPath)
    t.equal(texts.length, 100_000)
    t.ok(texts.every((text, index) => text === `line ${index}`))
  })

  t.test('a program that closes its output runs on', async (t) => {
    const { runtime, run, stateOf } = await inPod(t, start)
    const started = await run(command('closes-output.sh'))
    await lineIn(started.logPath, /before/)
    t.match(await stateOf(started.id), { state: 'running' })
    await runtime.stopContainer(started.id, { graceMs: isIsolated ? 300 : 60_000 })
    t.match(await stateOf(started.id), { state: 'exited', exitCode: isIsolated ? 137 : 143 })
  })

  t.test('environment and working directory', async (t) => {
    const { run, exitOf, directory, sandbox } = await inPod(t, start)
    const started = await run([...command('prints-environment.cjs'), '$HOME', 'a b'], {
      env: { GREETING: 'hello there' },
    })
    await exitOf(started)
    const { env, argv, cwd } = JSON.parse(textsOf(started.logPath)[0]!)
    t.match(env, { GREETING: 'hello there', POD_IP: sandbox.ip, HOSTNAME: 'kubia' })
    t.equal(env.npm_config_cache, undefined, 'nothing of the kubelet’s own environment')
    t.strictSame(argv, ['$HOME', 'a b'])
    t.equal(cwd, realpathSync(directory))
  })

  t.test('programs that cannot be started', async (t) => {
    const { runtime, run, directory } = await inPod(t, start)
    const cases = [
      {
        argv: ['no-such-program'],
        exitCode: 127,
        message: 'exec: "no-such-program": executable file not found in $PATH',
      },
      { argv: ['/no/such'], exitCode: 127, message: 'exec: "/no/such": stat /no/such: no such file or directory' },
      { argv: ['/etc/passwd'], exitCode: 126, message: 'exec: "/etc/passwd": permission denied' },
      { argv: ['/etc'], exitCode: 126, message: 'exec: "/etc": is a directory' },
      { argv: [], exitCode: 128, message: 'no command specified' },
      {
        argv: ['true'],
        workingDirectory: '/etc/passwd',
        exitCode: 128,
        message: isIsolated ? /passwd is not a directory/ : 'chdir to cwd ("/etc/passwd") failed: not a directory',
      },
    ]
    for (const { argv, exitCode, message, workingDirectory = directory } of cases) {
      const failure = await run(argv, { workingDirectory }).catch((error: Error) => error)
      t.ok(failure instanceof StartError)
      t.match(failure, { exitCode, message })
    }
    t.strictSame(await runtime.list(), [], 'nothing is left of them')
  })

  t.test('exec', async (t) => {
    const { runtime, run, exitOf } = await inPod(t, start)
    const started = await run(['sleep', '600'], { env: { WHO: 'me' } })
    const exec = (argv: string[], timeoutMs = 20_000) => runtime.exec(started.id, argv, { timeoutMs })
    t.strictSame(
      await exec(['sh', '-c', 'echo $WHO; echo oops >&2; exit 4']).then((result) => ({
        ...result,
        output: result.output.split('\n').sort(),
      })),
      {
        exitCode: 4,
        output: ['', 'me', 'oops'],
        timedOut: false,
      },
    )
    t.match(await exec(['sh', '-c', 'kill -9 $$']), { exitCode: 137, timedOut: false })
    const long = await exec(command('floods.cjs', '100000'))
    t.equal(long.output.length, 10 * 1024, 'the output is cut')
    t.equal(long.exitCode, 0, 'but the program is not')
    await t.rejects(exec(['no-such-program']), { name: 'StartError', exitCode: 127 })
    await t.rejects(runtime.exec('no-such-container', ['true'], { timeoutMs: 1000 }))

    const seconds = `601.${process.pid}${isIsolated ? 1 : 0}`
    const slow = await exec(['sh', '-c', `sleep ${seconds}; true`], 500)
    t.equal(slow.timedOut, true)
    t.strictSame(withArgument(seconds), [])
    await runtime.stopContainer(started.id, { graceMs: 0 })
    t.match(await exitOf(started), { exitCode: 137 })
  })

  t.test('what exec runs goes with the container', async (t) => {
    const { runtime, run } = await inPod(t, start)
    const started = await run(['sleep', '600'])
    const seconds = `602.${process.pid}${isIsolated ? 1 : 0}`
    const running = runtime.exec(started.id, ['sleep', seconds], { timeoutMs: 60_000 })
    await eventually(async () => withArgument(seconds).length > 0)
    await runtime.stopContainer(started.id, { graceMs: 0 })
    t.strictSame(withArgument(seconds), [])
    t.match(await running, { exitCode: 137, timedOut: false })
  })

  t.test('removing a container forgets it, but not while it runs', async (t) => {
    const { runtime, run, stateOf } = await inPod(t, start)
    const started = await run(['sleep', '600'])
    await t.rejects(runtime.removeContainer(started.id), /is running/)
    await runtime.stopContainer(started.id, { graceMs: 0 })
    await runtime.removeContainer(started.id)
    t.equal(await stateOf(started.id), undefined)
    await runtime.removeContainer(started.id)
    t.pass('removing it again is no error')
  })

  t.test('removing a sandbox removes all of its pod', async (t) => {
    const { runtime, run } = await inPod(t, start)
    const other = await runtime.ensureSandbox({
      podUid: 'pod-2',
      namespace: 'default',
      name: 'other',
      directory: join(t.testdirName, 'other'),
    })
    const mine = await run(['sleep', '600'])
    const others = await run(['sleep', '600'], { podUid: other.podUid, name: 'other' })
    await runtime.removeSandbox(POD.podUid)
    await allGone([mine.pid])
    t.strictSame(
      (await runtime.list()).map(({ id }) => id),
      [others.id],
    )
    await runtime.removeSandbox(POD.podUid)
    t.pass('removing it again is no error')
    await t.rejects(run(['true'], { attempt: 1 }), /no sandbox/)
    await runtime.removeSandbox(other.podUid)
  })

  t.test('shutdown takes everything along', async (t) => {
    const { runtime, run } = await inPod(t, start)
    const started = await run(command('daemonises.cjs', 'stays'))
    await lineIn(started.logPath, /^daemon (\d+)$/)
    await runtime.shutdown()
    t.strictSame(markedBy(started), [])
  })
}
