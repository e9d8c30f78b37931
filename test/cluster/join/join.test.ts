/** A machine joins the cluster of another one, works there, leaves, comes back, and is forgotten. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { invite } from '../../../cluster/join/invitation.ts'
import { createClient } from '../../../shared/client/http-client.ts'
import { nodes, pods } from '../../../shared/client/resources.ts'
import { eventually, findKubectl, KUBEPROC, processesOf, run, TestCluster } from '../../support/cluster.ts'
import { testDirectory } from '../../support/directory.ts'
import { createOtherMachine, noOtherMachine } from '../../support/other-machine.ts'

t.test('a cluster on loopback invites nobody', async (t) => {
  const options = { bindAddress: '127.0.0.1' } as Parameters<typeof invite>[0]
  await t.rejects(invite(options), { name: 'ClusterError', message: /listens on 127.0.0.1 only.*--bind-address/ })
})

const skip = (await noOtherMachine()) || ((await findKubectl()) === undefined && 'needs kubectl')

t.test('another machine joins', { skip }, async (t) => {
  const directory = testDirectory(t)
  const machine = await createOtherMachine()
  t.teardown(() => machine.remove())
  const cluster = await TestCluster.start({
    dataDir: join(directory, 'cluster'),
    nodes: 0,
    flags: [`--bind-address=${machine.hostIp}`],
  })
  t.teardown(() => cluster.stop())
  t.ok(cluster.output.some((line) => line.startsWith('warning: the API server listens on port')))
  const client = createClient({ kubeconfig: cluster.kubeconfig, userAgent: 'test' })
  t.teardown(() => client.close())

  const { stdout: command } = await cluster.kubeproc('node', 'join-command')
  const words = command.trim().split(' ').slice(2)
  const [, , url, , token, , pin] = words as [string, string, string, string, string, string, string]
  const dataDir = join(directory, 'other')

  function lineOf(given: readonly string[], options: { dataDir: string }): string[] {
    return [...machine.inside, process.execPath, KUBEPROC, ...given, `--data-dir=${options.dataDir}`]
  }
  /** Runs the node until it is told to end. */
  async function startNode(...given: string[]) {
    const [file, ...args] = lineOf(given, { dataDir }) as [string, ...string[]]
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const exited = once(child, 'exit')
    const output: string[] = []
    createInterface({ input: child.stdout }).on('line', (line) => output.push(line))
    const stop = async () => {
      if (child.exitCode === null) child.kill('SIGINT')
      await exited
      return child.exitCode
    }
    t.teardown(stop)
    const isReady = async () => child.exitCode !== null || output.some((line) => line.startsWith('node far is Ready'))
    await eventually(isReady, { describe: async () => output.join('\n') })
    t.equal(child.exitCode, null, output.join('\n'))
    return { stop }
  }
  const node = await startNode(...words, '--name=far')

  const commands = processesOf(dataDir).filter((line) => !line.includes(KUBEPROC))
  t.ok(commands.length > 0)
  t.notOk(
    commands.some((line) => line.includes(token)),
    'the token is in no command line but the user’s own',
  )
  const files = globSync('**', { cwd: dataDir }).map((name) => join(dataDir, name))
  const texts = files.filter((path) => statSync(path).isFile()).map((path) => readFileSync(path, 'utf8'))
  t.notOk(
    texts.some((text) => text.includes(token)),
    'nor is it kept, or logged',
  )
  t.equal((await client.get(nodes, { name: 'far' })).status.addresses?.[0]?.address, machine.ip)

  await client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'talks', namespace: 'default' },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', 'echo hello; exec sleep 1000'] }],
    },
    status: {},
  })
  const key = { namespace: 'default', name: 'talks' }
  await eventually(async () => (await client.get(pods, key)).status.phase === 'Running')
  t.equal((await cluster.kubectl('logs', 'talks')).stdout, 'hello\n')
  const inside = await cluster.kubectl('exec', 'talks', '--', 'ip', '-4', '-o', 'addr', 'show', 'eth0')
  t.match(inside.stdout, `${machine.ip}/30`, 'the pod runs on the other machine')

  const other = join(directory, 'third')
  const refused = [
    {
      given: ['node', 'join', url, '--token=abcdef.0123456789abcdef', `--ca-cert-hash=${pin}`],
      wanted: /does not know the token/,
    },
    {
      given: ['node', 'join', url, `--token=${token}`, `--ca-cert-hash=sha256:${'0'.repeat(64)}`],
      wanted: /is not the cluster/,
    },
    { given: [...words, '--name=far', '--port=0'], wanted: /there is a node far that is Ready/ },
    { given: ['node', 'join'], wanted: /usage: kubeproc node join/ },
  ]
  await Promise.all(
    refused.map(async ({ given, wanted }, index) => {
      const [file, ...args] = lineOf(given, { dataDir: `${other}${index}` }) as [string, ...string[]]
      const { code, stderr } = await run(file, args)
      t.not(code, 0)
      t.match(stderr, wanted)
      t.equal(stderr.trim().split('\n').length, 1, 'in one line')
    }),
  )

  const tooEarly = await cluster.kubeproc('node', 'rm', 'far')
  t.match(tooEarly, { code: 1, stderr: /runs on another machine/ })
  t.equal(await node.stop(), 0)
  t.same(processesOf(dataDir), [], 'its pods have ended with it')
  const again = await startNode('node', 'join')
  await eventually(async () => (await cluster.kubectl('logs', 'talks')).stdout === 'hello\n')
  t.equal(await again.stop(), 0)
  t.match(await cluster.kubeproc('node', 'rm', 'far'), { code: 0 })
  t.same((await client.list(nodes)).items, [])
})
