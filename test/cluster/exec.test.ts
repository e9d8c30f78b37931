/** `kubectl exec` and `kubectl cp` on a real cluster. */
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
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
  await call('wait', '--for=condition=Ready', 'pod/kubia', '--timeout=20s')

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
    await call('wait', '--for=condition=Ready', 'pod/talks', '--timeout=20s')
    const client = spawn(path, ['attach', 'talks', '--v=6'], { env: { ...process.env, ...env } })
    const [stdout, stderr] = [text(client.stdout), text(client.stderr)]
    await once(client.stderr, 'data')
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
