/** `kubectl exec`, `attach`, `cp` and `port-forward` on a real cluster. */
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { KubeConfig, PortForward } from '@kubernetes/client-node'
import t from 'tap'
import { readProcesses } from '../../shared/processes.ts'
import { eventually, findKubectl, processesOf, run, TestCluster } from '../support/cluster.ts'
import { testDirectory } from '../support/directory.ts'

/** The newest kubectl that lies beside the installed one under names such as `kubectl.1.33`, with its minor version. */
async function newestKubectl() {
  const installed = await findKubectl()
  if (installed === undefined) return undefined
  const directory = dirname(realpathSync(installed))
  const minors = readdirSync(directory).flatMap((name) => /^kubectl\.1\.(\d+)$/.exec(basename(name))?.[1] ?? [])
  const newest = Math.max(...minors.map(Number))
  if (minors.length > 0) return { path: join(directory, `kubectl.1.${newest}`), minor: newest }
  const { stdout } = await run(installed, ['version', '--client', '--output=json'])
  return { path: installed, minor: Number.parseInt(JSON.parse(stdout).clientVersion.minor, 10) }
}

const kubectl = await newestKubectl()
const skip =
  (kubectl === undefined || kubectl.minor < 29) && 'no kubectl is installed that speaks WebSocket with containers'

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex')

t.test('shells and copies in a pod', { skip }, async (t) => {
  const dataDir = testDirectory(t)
  const cluster = await TestCluster.start({ dataDir, nodes: 1 })
  t.teardown(() => cluster.stop())
  const env = { KUBECONFIG: cluster.kubeconfig, KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'true' }
  const { path } = kubectl!
  const call = (...args: string[]) => run(path, args, { env })
  /** A line of a shell, in which `kubectl` is this one. */
  const shell = (line: string) => run('sh', ['-c', `kubectl() { '${path}' "$@"; }; ${line}`], { env, cwd: dataDir })
  await call('run', 'kubia', '--image=alpine', '--command', '--', 'sh', '-c', 'echo up; exec sleep 600')
  await call('wait', '--for=condition=Ready', 'pod/kubia', '--timeout=60s')

  await t.test('outputs and exit codes', async (t) => {
    t.match(await call('exec', 'kubia', '--', 'sh', '-c', 'echo out; echo trouble >&2; exit 3'), {
      code: 3,
      stdout: 'out\n',
      stderr: 'trouble\ncommand terminated with exit code 3\n',
    })
    t.match(await call('exec', 'kubia', '--', 'sh', '-c', 'kill -9 $$'), { code: 137 })
    t.match(await call('exec', 'kubia', '--', 'printenv', 'HOSTNAME'), { code: 0, stdout: 'kubia\n' })
    t.match(await call('exec', 'kubia', '--', 'nope'), {
      code: 1,
      stderr:
        /^error: Internal error occurred: error executing command in container: .*executable file not found in \$PATH\n$/,
    })
    t.match(await call('exec', 'kubia', '-c', 'no', '--', 'true'), {
      code: 1,
      stderr: /container no is not valid for pod kubia/,
    })
  })

  await t.test('inputs', async (t) => {
    t.match(await shell('echo hi | kubectl exec -i kubia -- cat'), { code: 0, stdout: 'hi\n', stderr: '' })
    t.match(await shell('kubectl exec -i kubia -- cat < /dev/null'), { code: 0, stdout: '', stderr: '' })
  })

  await t.test('what a program says from now on', async (t) => {
    const program = 'sleep 600 & trap "echo asked; echo trouble >&2; kill $!; exit 0" TERM; wait'
    await call('run', 'talks', '--image=alpine', '--restart=Never', '--command', '--', 'sh', '-c', program)
    await call('wait', '--for=condition=Ready', 'pod/talks', '--timeout=60s')
    const client = spawn(path, ['attach', 'talks', '--v=6'], { env: { ...process.env, ...env } })
    const [stdout, stderr] = [text(client.stdout), text(client.stderr)]
    // Its requests are told as they are answered; the last is the one that it stays on.
    let told = ''
    client.stderr.on('data', (chunk: Buffer) => {
      told += chunk
    })
    await eventually(async () => told.includes('/attach?'))
    await call('delete', 'pod', 'talks')
    t.equal(await stdout, 'asked\n')
    t.match(await stderr, /^trouble$/m)
  })

  await t.test('a pod for one command, with its input', async (t) => {
    const line = 'echo hi | kubectl run once -i --rm --quiet --restart=Never --image=alpine --command --'
    t.match(await shell(`${line} sh -c 'cat; exit 4'`), { code: 4, stdout: /^hi\n/ })
    t.match(await call('get', 'pod', 'once'), { code: 1, stderr: /not found/ })
  })

  await t.test('a terminal', async (t) => {
    const { code } = await run('sh', ['-c', 'command -v script'])
    if (code !== 0) return t.comment('there is no `script` that would give kubectl a terminal')
    // The size comes right after the start of the program.
    const inside = `sh -c "until stty size | grep '45 123'; do sleep 0.02; done"`
    const { stdout } = await shell(
      `script -qec "stty rows 45 cols 123; '${path}' exec -it kubia -- ${inside.replaceAll('"', '\\"')}" /dev/null < /dev/null`,
    )
    t.match(stdout, /45 123\r?\n/)
  })

  await t.test('files', async (t) => {
    const content = randomBytes(10 * 1024 * 1024)
    mkdirSync(join(dataDir, 'copies', 'sub'), { recursive: true })
    writeFileSync(join(dataDir, 'copies', 'sub', 'there'), content)
    const there = `${dataDir}/inside`
    t.match(await shell(`kubectl cp copies kubia:${there}`), { code: 0 })
    t.equal(sha256(readFileSync(`${there}/sub/there`)), sha256(content))
    t.match(await shell(`kubectl cp kubia:${there}/sub/there back`), { code: 0 })
    t.equal(sha256(readFileSync(join(dataDir, 'back'))), sha256(content))
    t.match(await shell(`kubectl exec kubia -- cat ${there}/sub/there | sha256sum`), { stdout: sha256(content) })
  })

  await t.test('a file whose name has spaces', async (t) => {
    writeFileSync(join(dataDir, 'a b.txt'), 'content')
    t.match(await call('cp', join(dataDir, 'a b.txt'), `kubia:${dataDir}/c d.txt`), { code: 0 })
    t.match(await call('cp', `kubia:${dataDir}/c d.txt`, join(dataDir, 'e f.txt')), { code: 0 })
    t.equal(readFileSync(join(dataDir, 'e f.txt'), 'utf8'), 'content')
  })

  await t.test('copies out of a volume and into it', async (t) => {
    const container = { name: 'c', image: 'busybox', command: ['sleep', '600'] }
    const volumeMounts = [{ name: 'work', mountPath: '/work' }]
    const spec = { volumes: [{ name: 'work', emptyDir: {} }], containers: [{ ...container, volumeMounts }] }
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'keeps' }, spec }
    writeFileSync(join(dataDir, 'keeps.json'), JSON.stringify(pod))
    await call('apply', '-f', join(dataDir, 'keeps.json'))
    await call('wait', '--for=condition=Ready', 'pod/keeps', '--timeout=60s')
    mkdirSync(join(dataDir, 'given/below'), { recursive: true })
    writeFileSync(join(dataDir, 'given/below/file'), 'content')
    t.match(await call('cp', join(dataDir, 'given'), 'keeps:/work/'), { code: 0 })
    for (const [from, file] of [
      ['/work/given/below/file', ''],
      ['/work/given', 'below/file'],
      ['/work', 'given/below/file'],
    ] as const) {
      const to = join(dataDir, `taken${from.replaceAll('/', '-')}`)
      t.match(await call('cp', `keeps:${from}`, to), { code: 0, stderr: '' })
      t.equal(readFileSync(join(to, file), 'utf8'), 'content', from)
    }
    t.match(await call('cp', join(dataDir, 'given/below/file'), 'keeps:/work/other'), { code: 0 })
    t.match(await call('exec', 'keeps', '--', 'cat', '/work/other'), { stdout: 'content' })
  })

  await t.test('a terminal of the container’s own program', async (t) => {
    if ((await run('sh', ['-c', 'command -v script'])).code !== 0)
      return t.comment('there is no `script` that would give kubectl a terminal')
    const container = { name: 'c', image: 'busybox', command: ['sh'], stdin: true, tty: true }
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'shell' }, spec: { containers: [container] } }
    writeFileSync(join(dataDir, 'shell.json'), JSON.stringify(pod))
    await call('apply', '-f', join(dataDir, 'shell.json'))
    await call('wait', '--for=condition=Ready', 'pod/shell', '--timeout=60s')
    const client = spawn('script', ['-qec', `stty rows 45 cols 123; '${path}' attach -it shell`, '/dev/null'], {
      env: { ...process.env, ...env },
    })
    let shown = ''
    client.stdout.on('data', (chunk) => {
      shown += chunk
    })
    await eventually(async () => shown.includes('command prompt'))
    client.stdin.write("until stty size | grep '45 123'; do sleep 0.02; done; echo x$((40+2))\n")
    await eventually(async () => /45 123\r?\n(.*\n)*.*x42/.test(shown), { describe: async () => shown })
    client.kill()
  })

  await t.test('ports of a pod and of a service', async (t) => {
    const program = "require('net').createServer((s) => s.on('error', () => 0).pipe(s)).listen(7000)"
    await call(
      'run',
      'echo',
      '--image=alpine',
      '--port=7000',
      '--labels=app=echo',
      '--command',
      '--',
      'node',
      '-e',
      program,
    )
    await call('wait', '--for=condition=Ready', 'pod/echo', '--timeout=60s')
    await call('expose', 'pod', 'echo', '--port=80', '--target-port=7000')
    /** Begins to forward; resolves with the local ports, and what kubectl complains of from then on. */
    const forward = async (args: string[], more: Record<string, string>) => {
      const client = spawn(path, ['port-forward', ...args], { env: { ...process.env, ...env, ...more } })
      const seen = { stdout: '', stderr: '' }
      for (const name of ['stdout', 'stderr'] as const)
        client[name].on('data', (chunk) => {
          seen[name] += chunk
        })
      const ports = () => [...seen.stdout.matchAll(/127\.0\.0\.1:(\d+) ->/g)].map(([, local]) => Number(local))
      const describe = async () => JSON.stringify(seen)
      await eventually(async () => ports().length === args.length - 1, { describe })
      return { client, ports: ports(), seen, describe }
    }
    const sent = randomBytes(1024 * 1024)
    const echo = async (port: number) => {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      socket.end(sent)
      return sha256(await buffer(socket))
    }
    for (const more of [{}, { KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' }] as Record<string, string>[]) {
      const { client, ports, seen, describe } = await forward(['pod/echo', ':7000', ':7001'], more)
      const echoes = await Promise.all([echo(ports[0]!), echo(ports[0]!), echo(ports[0]!)])
      t.strictSame(echoes, [sha256(sent), sha256(sent), sha256(sent)], JSON.stringify(more))
      connect(ports[1]!, '127.0.0.1').on('error', () => undefined)
      const refusal = 'dial tcp4 127.0.0.1:7001: connect: connection refused'
      await eventually(async () => seen.stderr.includes(refusal), { describe })
      client.kill()
    }
    const { client, ports } = await forward(['service/echo', ':80'], {})
    t.equal(await echo(ports[0]!), sha256(sent))
    client.kill()
    t.match(await call('get', '--raw', '/api/v1/nodes/node-1/proxy/healthz'), { code: 0, stdout: 'ok' })
    t.match(await call('top', 'pod', 'echo', '--containers'), { code: 0, stdout: /^echo +echo +\d+m +\d+Mi/m })
    t.match(await call('top', 'node'), { code: 0, stdout: /^node-1 +\d+m +\d+%/m })
  })

  await t.test('ports by another client, without SPDY', async (t) => {
    const config = new KubeConfig()
    config.loadFromFile(cluster.kubeconfig)
    const [input, output] = [new PassThrough(), new PassThrough()]
    const socket = await new PortForward(config).portForward('default', 'echo', [7000], output, null, input)
    input.write('hello')
    t.equal(String((await once(output, 'data'))[0]), 'hello')
    ;(socket as { close(): void }).close()
  })

  await t.test('a client that is killed takes its program along', async (t) => {
    const client = spawn(path, ['exec', 'kubia', '--', 'sh', '-c', 'echo $$; exec sleep 601'], {
      env: { ...process.env, ...env },
    })
    const [chunk] = await once(client.stdout, 'data')
    const pid = Number(String(chunk))
    const isThere = () => readProcesses().some((found) => found.pid === pid && found.state !== 'Z')
    t.ok(isThere())
    client.kill('SIGKILL')
    await eventually(async () => !isThere())
  })

  await t.test('a kubectl that speaks SPDY alone', async (t) => {
    const old = { env: { ...env, KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' } }
    t.match(await run(path, ['exec', 'kubia', '--', 'sh', '-c', 'echo out; echo trouble >&2; exit 3'], old), {
      code: 3,
      stdout: 'out\n',
      stderr: 'trouble\ncommand terminated with exit code 3\n',
    })
    const line = `head -c 1000000 /dev/zero | '${path}' exec -i kubia -- wc -c`
    t.match(await run('sh', ['-c', line], old), { code: 0, stdout: /^1000000\n/ })
  })

  await cluster.stop()
  t.same(processesOf(dataDir), [])
})
