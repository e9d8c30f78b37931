/** What the `namespaces` runtime gives pods beside what every runtime does. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { namespacesProblem } from '../../../kubelet/runtime/detect.ts'
import { startNamespacesRuntime } from '../../../kubelet/runtime/namespaces-runtime.ts'
import type { ContainerSpec, SandboxSpec, Security } from '../../../kubelet/runtime/runtime.ts'
import { nodesMemory, openMemoryDirectory, removeMemoryDirectory } from '../../../kubelet/volumes/memory-directory.ts'
import { createLogger } from '../../../shared/log.ts'
import { testDirectory } from '../../support/directory.ts'
import { allGone, command, eventually, lineIn, logPathIn, textsOf } from './support.ts'

const trial = mkdtempSync(join(tmpdir(), 'kubeproc-trial-'))
const problem = await namespacesProblem(trial)
rmSync(trial, { recursive: true })
const skip = problem !== undefined && `no namespaces on this machine: ${problem}`

const PLAIN: Security = {
  groups: [],
  privileged: false,
  allowPrivilegeEscalation: true,
  readOnlyRootFilesystem: false,
  addedCapabilities: [],
  droppedCapabilities: [],
}

/** A runtime, and a shorthand that runs a command in a pod to its end and returns what it wrote. */
async function startNode(t: Test, range: number) {
  const directory = testDirectory(t)
  const rootDirectory = join(directory, 'node')
  const runtime = await startNamespacesRuntime({
    rootDirectory,
    nodeIp: '127.82.1.1',
    podCidr: `10.82.${range}.0/24`,
    logger: createLogger('runtime', 'error'),
  })
  const supervisor = Number.parseInt(readFileSync(join(rootDirectory, 'supervisor.pid'), 'utf8'), 10)
  t.teardown(async () => {
    await runtime.shutdown().catch(() => undefined)
    await allGone([supervisor])
  })
  let attempt = 0
  const pod = (podUid: string, changes: Partial<SandboxSpec> = {}) =>
    runtime.ensureSandbox({
      podUid,
      namespace: 'default',
      name: podUid,
      directory: join(directory, podUid),
      ...changes,
    })
  const begin = (podUid: string, argv: readonly string[], changes: Partial<ContainerSpec> = {}) => {
    attempt += 1
    return runtime.startContainer({
      ...{ podUid, name: 'main', attempt, argv, env: {}, annotations: {}, workingDirectory: '/' },
      logPath: logPathIn(directory, `${podUid}-${attempt}`),
      ...changes,
    })
  }
  const end = (id: string) =>
    eventually(async () => (await runtime.list()).find((state) => state.id === id && state.state === 'exited'))
  const run = async (podUid: string, script: string, changes: Partial<ContainerSpec> = {}) => {
    const { id, logPath } = await begin(podUid, ['sh', '-c', script], changes)
    const { exitCode, oomKilled } = await end(id)
    return { lines: textsOf(logPath), exitCode, oomKilled }
  }
  return { runtime, directory, supervisor, pod, begin, end, run }
}

t.test('users, groups, capabilities and a read-only root', { skip }, async (t) => {
  const { pod, run } = await startNode(t, 1)
  await pod('one')
  const script = 'id -u; id -g; id -G; grep CapEff /proc/self/status; touch /mine 2>/dev/null && echo written'
  const cases: [string, Partial<Security>, string[]][] = [
    ['as upstream', {}, ['0', '0', '0', 'CapEff:\t00000000a80425fb', 'written']],
    [
      'a user',
      { runAsUser: 1234, runAsGroup: 5, groups: [6, 7], droppedCapabilities: ['ALL'], allowPrivilegeEscalation: false },
      ['1234', '5', '5 6 7', 'CapEff:\t0000000000000000'],
    ],
    [
      'root with little',
      { droppedCapabilities: ['ALL'], addedCapabilities: ['NET_ADMIN'], readOnlyRootFilesystem: true },
      ['0', '0', '0', 'CapEff:\t0000000000041000'],
    ],
  ]
  for (const [title, changes, wanted] of cases)
    t.strictSame((await run('one', script, { security: { ...PLAIN, ...changes } })).lines, wanted, title)
  await t.rejects(run('one', 'true', { security: { ...PLAIN, imageUser: 'nobody-here' } }), {
    name: 'StartError',
    message: 'unable to find user nobody-here: no matching entries in passwd file',
  })
})

t.test('what a container writes is its own; images and mounts lie over the machine’s files', { skip }, async (t) => {
  const { directory, pod, run } = await startNode(t, 2)
  await pod('one', { hostAliases: [{ ip: '192.0.2.9', hostnames: ['far', 'away'] }], hostname: 'named' })
  for (const name of ['image', 'volume', 'volume/sub']) mkdirSync(join(directory, name))
  writeFileSync(join(directory, 'image', 'of-image'), 'image\n')
  const mounts = [
    {
      hostPath: join(directory, 'volume'),
      containerPath: '/etc/new/data',
      readOnly: false,
      propagation: 'None' as const,
    },
    {
      hostPath: join(directory, 'volume', 'sub'),
      containerPath: '/fixed',
      readOnly: true,
      propagation: 'None' as const,
    },
  ]
  const script = [
    'cat /of-image; hostname; grep away /etc/hosts; echo into >/etc/new/data/file; touch /fixed/x || echo refused',
    'echo changed >/of-image; touch /etc/of-container; ls -d /etc/passwd; pwd',
  ].join('; ')
  const { lines } = await run('one', script, {
    ...{ imageDirectory: join(directory, 'image'), mounts, workingDirectory: '/made/for/it' },
  })
  t.strictSame(
    lines.filter((line) => !line.includes('touch')),
    ['image', 'named', '192.0.2.9\tfar\taway', 'refused', '/etc/passwd', '/made/for/it'],
  )
  t.equal(readFileSync(join(directory, 'volume', 'file'), 'utf8'), 'into\n')
  t.equal(readFileSync(join(directory, 'image', 'of-image'), 'utf8'), 'image\n')
  t.throws(() => readFileSync('/etc/of-container'), { code: 'ENOENT' })
  const again = await run('one', 'ls /etc/of-container; ls -A "$0"', { argv: ['sh', '-c', `ls -A ${directory}/node`] })
  t.not(again.exitCode, 0, 'the node’s directory is not seen')
})

t.test('pods have ports of their own, and reach each other and the machine them', { skip }, async (t) => {
  const { runtime, pod, begin, run } = await startNode(t, 3)
  const [first, second] = [await pod('kubia-a'), await pod('kubia-b')]
  for (const podUid of ['kubia-a', 'kubia-b']) {
    const { logPath } = await begin(podUid, command('listens.cjs', '8080'))
    await lineIn(logPath, /^listening on/)
  }
  t.equal(await (await fetch(`http://${first.ip}:8080`)).text(), 'I am kubia-a')
  const fetches = `node -e "fetch('http://${second.ip}:8080').then((answer) => answer.text()).then(console.log)"`
  t.strictSame((await run('kubia-a', fetches)).lines, ['I am kubia-b'])
  const socket = await runtime.dial('kubia-b', 8080)
  socket.end('GET / HTTP/1.0\r\n\r\n')
  t.match((await socket.toArray()).join(''), /I am kubia-b$/)

  const local = `require('node:net').createServer((socket) => socket.end('only here')).listen(9090, '127.0.0.1', () => console.log('listening on it'))`
  const { logPath } = await begin('kubia-a', ['node', '-e', local])
  await lineIn(logPath, /^listening on/)
  t.equal((await (await runtime.dial('kubia-a', 9090)).toArray()).join(''), 'only here')
  await t.rejects(runtime.dial('kubia-a', 9091), { code: 'ECONNREFUSED' })
})

t.test('limits: too much memory, too many processes', { skip }, async (t) => {
  const { runtime, pod, run } = await startNode(t, 4)
  if (runtime.unenforced.has('memory limits')) {
    t.pass('no control groups can be made here')
    return
  }
  await pod('one')
  const greedy = 'node -e "const all = []; for (;;) all.push(Buffer.alloc(1e7, 1))"'
  t.match(await run('one', greedy, { limits: { memoryLimitBytes: 100_000_000 } }), { exitCode: 137, oomKilled: true })
  const forks = 'for i in 1 2 3 4 5 6 7 8 9; do sleep 600 & done; echo all'
  t.notMatch((await run('one', forks, { limits: { pidsLimit: 5 } })).lines, ['all'])
})

t.test('secrets in the machine’s memory are not seen by who shares it', { skip }, async (t) => {
  const { directory, pod, run } = await startNode(t, 6)
  await pod('one', { hostIpc: true, hostPid: true })
  const own = await openMemoryDirectory(join(directory, 'node'))
  const other = join(directory, 'other')
  mkdirSync(other)
  t.teardown(() => removeMemoryDirectory(other))
  const others = await openMemoryDirectory(other)
  writeFileSync(join(own, 'secret'), 'secret')
  const script = `ls -A ${nodesMemory()}; ls -A ${own} ${others} 2>/dev/null; ls -A /proc/${process.pid}/root 2>/dev/null; echo seen >/dev/shm/kubeproc-test-${process.pid}`
  t.teardown(() => rmSync(`/dev/shm/kubeproc-test-${process.pid}`, { force: true }))
  t.strictSame((await run('one', script)).lines, [])
  t.equal(readFileSync(`/dev/shm/kubeproc-test-${process.pid}`, 'utf8'), 'seen\n', 'else the memory is shared')
})

const COUNTS_INTERRUPTS = `
let count = 0
process.on('SIGINT', () => {
  console.log('interrupt ' + ++count)
  if (count === 2) process.exit(7)
})
console.log('ready')
setInterval(() => undefined, 1000)`
const INTERRUPT = '\x03'

t.test('what is typed to interrupt reaches the program, not those who wait for it', { skip }, async (t) => {
  const { runtime, pod, begin, end } = await startNode(t, 7)
  await pod('own')
  await pod('shared', { shareProcessNamespace: true })
  await pod('host', { hostPid: true })
  for (const podUid of ['own', 'shared', 'host']) {
    const { id, logPath } = await begin(podUid, ['node', '-e', COUNTS_INTERRUPTS], { tty: true, stdin: 'open' })
    await lineIn(logPath, /^ready/)
    const input = runtime.openInput(id)
    input.write(INTERRUPT)
    await lineIn(logPath, /interrupt 1/)
    input.write(INTERRUPT)
    t.match(await end(id), { exitCode: 7 }, podUid)

    const shell = await begin(podUid, ['sh', '-c', 'tty; exec cat'], { tty: true, stdin: 'open' })
    await lineIn(shell.logPath, /^\/dev\/console/)
    const stream = await runtime.execStream(shell.id, ['node', '-e', COUNTS_INTERRUPTS], { tty: true, stdin: true })
    const said: string[] = []
    for await (const chunk of stream.stdout) {
      said.push(String(chunk))
      const count = said.join('').match(/ready|interrupt/g)?.length ?? 0
      if (count > 0 && count < 3 && /(ready|\d)\r\n$/.test(said.join(''))) stream.stdin!.write(INTERRUPT)
    }
    t.equal(await stream.exited, 7, `beside the program of ${podUid}`)
    runtime.openInput(shell.id).write(INTERRUPT)
    // The kernel spares number 1 a signal without a handler.
    if (podUid === 'own') runtime.openInput(shell.id).write('done\n\x04')
    t.match(await end(shell.id), { exitCode: podUid === 'own' ? 0 : 130 })
  }
})

t.test('a node that is prepared has its link before its first pod', { skip }, async (t) => {
  const { runtime, pod, run } = await startNode(t, 8)
  await Promise.all([runtime.prepare(), runtime.prepare()])
  t.match(readFileSync('/proc/net/dev', 'utf8'), 'kp0a520800')
  await pod('one')
  t.strictSame((await run('one', 'echo runs')).lines, ['runs'])
})

t.test('a supervisor that is killed takes all of its node along', { skip }, async (t) => {
  const { pod, begin, supervisor } = await startNode(t, 5)
  await pod('one')
  const { logPath, pid } = await begin('one', command('daemonises.cjs', 'stays'))
  await lineIn(logPath, /^daemon/)
  process.kill(supervisor, 'SIGKILL')
  await allGone([pid])
  await eventually(async () => !readFileSync('/proc/net/dev', 'utf8').includes('kp0a520500'))
  t.pass('the link of the node is gone')
})
