import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import t from 'tap'
import { eventually, KUBEPROC, kubeproc, processesOf, run, TestCluster } from '../support/cluster.ts'
import { testDirectory } from '../support/directory.ts'

const POD = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'kubia', image: 'luksa/kubia' }] },
})

/** Writes a manifest and returns its path. */
function manifest(directory: string, object: object): string {
  const path = join(directory, 'manifest.json')
  writeFileSync(path, JSON.stringify(object))
  return path
}

/** A Node.js on the PATH that is too old for us. */
async function findOldNode(): Promise<string | undefined> {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(directory, 'node')
    if (!existsSync(path)) continue
    const { stdout } = await run(path, ['--print', 'process.versions.node'])
    if (Number.parseInt(stdout, 10) < 24) return path
  }
  return undefined
}

const isRunning = (cluster: TestCluster, pod: string) => async () =>
  (await cluster.kubectl('get', 'pod', pod, '-o', 'jsonpath={.status.phase}')).stdout === 'Running'

t.test('a cluster starts, serves kubectl and curl, stops, and goes on where it was', async (t) => {
  const dataDir = testDirectory(t)
  const cluster = await TestCluster.start({ dataDir, nodes: 2 })
  t.teardown(() => cluster.stop())
  t.equal(cluster.output.filter((line) => line.startsWith('kubeproc is ready: ')).length, 1, 'one ready line')

  const nodes = await cluster.kubectl('get', 'nodes', '--no-headers')
  t.match(nodes.stdout, /^node-1 +Ready/m)
  t.match(nodes.stdout, /^node-2 +Ready/m)
  const curl = await run('curl', ['-K', join(dataDir, 'curl.conf'), `${cluster.server}/api/v1/nodes`])
  t.equal(JSON.parse(curl.stdout).items.length, 2, 'curl works with curl.conf')
  const stranger = await run('curl', ['-sk', `${cluster.server}/api/v1/nodes`])
  t.equal(JSON.parse(stranger.stdout).code, 401, 'nobody is let in without a token')

  await cluster.kubectl('create', '-f', manifest(dataDir, POD('stays')))
  await eventually(isRunning(cluster, 'stays'))
  const before = await cluster.kubectl(
    'get',
    'pod',
    'stays',
    '-o',
    'jsonpath={.metadata.uid} {.metadata.resourceVersion}',
  )
  await cluster.stop()
  t.same(processesOf(dataDir), [], 'nothing is left running')

  const again = await TestCluster.start({ dataDir, nodes: 2 })
  t.teardown(() => again.stop())
  const [uid, version] = before.stdout.split(' ')
  await eventually(isRunning(again, 'stays'))
  const after = await again.kubectl('get', 'pod', 'stays', '-o', 'jsonpath={.metadata.uid} {.metadata.resourceVersion}')
  t.equal(after.stdout.split(' ')[0], uid, 'the same pod')
  t.ok(Number(after.stdout.split(' ')[1]) > Number(version), 'versions go on')
  await again.stop()
  t.same(processesOf(dataDir), [], 'nothing is left running after the second stop')
})

t.test('SIGKILL of the launcher takes everything along', async (t) => {
  const dataDir = testDirectory(t)
  const cluster = await TestCluster.start({ dataDir, nodes: 2 })
  t.teardown(() => cluster.stop('SIGKILL'))
  await cluster.kubectl('create', '-f', manifest(dataDir, POD('lost')))
  await eventually(isRunning(cluster, 'lost'))
  const kubelet = await cluster.pidOf('node-1')
  process.kill(kubelet, 'SIGKILL')
  await cluster.stop('SIGKILL')
  await eventually(async () => processesOf(dataDir).length === 0, {
    describe: async () => processesOf(dataDir).join('\n'),
  })
})

t.test('what outlived kubelet and supervisor ends with the node, and before a fresh start', async (t) => {
  const dataDir = testDirectory(t)
  const programs = () => processesOf(dataDir).filter((line) => / sleep 98\d$/.test(line))
  const sleeper = (name: string, seconds: number) => ({
    ...POD(name),
    spec: { containers: [{ name: 'main', image: 'busybox', command: ['sleep', String(seconds)] }] },
  })
  /** Kills a node's kubelet and supervisor, so that nobody looks after its processes. */
  const orphan = async (cluster: TestCluster) => {
    const [supervisor] = readFileSync(join(dataDir, 'nodes', 'node-1', 'supervisor.pid'), 'utf8').split(' ')
    process.kill(await cluster.pidOf('node-1'), 'SIGKILL')
    process.kill(Number(supervisor), 'SIGKILL')
  }
  const first = await TestCluster.start({ dataDir, nodes: 1 })
  t.teardown(() => first.stop())
  await first.kubectl('create', '-f', manifest(dataDir, sleeper('one', 981)))
  await eventually(isRunning(first, 'one'))
  await orphan(first)
  t.equal(programs().length, 1, 'it runs on')
  t.equal((await first.kubeproc('node', 'kill', 'node-1')).code, 0)
  t.same(programs(), [], 'killing the node ends it')
  t.equal((await first.kubeproc('node', 'start', 'node-1')).code, 0)
  await eventually(async () => programs().length === 1)
  await orphan(first)
  await first.stop('SIGKILL')
  const second = await TestCluster.start({ dataDir, nodes: 1, flags: ['--fresh'] })
  t.teardown(() => second.stop())
  t.same(programs(), [], 'a fresh start ends it')
  await second.stop()
  t.same(processesOf(dataDir), [])
})

t.test('a wrong start says what to do and changes nothing', async (t) => {
  await t.test('unknown flag', async (t) => {
    const dataDir = testDirectory(t)
    const { code, stderr } = await kubeproc(['up', `--data-dir=${dataDir}/new`, '--colour'])
    t.equal(code, 2)
    t.equal(stderr, 'kubeproc: unknown flag: --colour (see --help)\n')
    t.same(readdirSync(dataDir), [])
  })
  await t.test('surplus argument', async (t) => {
    const { code, stderr } = await kubeproc(['up', '7443'])
    t.equal(code, 2)
    t.match(stderr, /^kubeproc: unexpected argument 7443: .* npm start -- --port 7443\)\n$/)
  })
  await t.test('data directory that is a file', async (t) => {
    const dataDir = join(testDirectory(t, { file: 'mine' }), 'file')
    const { code, stderr } = await kubeproc(['up', `--data-dir=${dataDir}`, '--port=0'])
    t.equal(code, 1)
    t.match(stderr, /^kubeproc: cannot use .*: choose another with --data-dir\n$/)
  })
  await t.test('port in use', async (t) => {
    const dataDir = testDirectory(t)
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => server.close())
    const { port } = server.address() as { port: number }
    const { code, stderr } = await kubeproc(['up', `--data-dir=${dataDir}/new`, `--port=${port}`])
    t.equal(code, 1)
    t.match(stderr, new RegExp(`^kubeproc: port ${port} of 127.0.0.1 is in use: .* --port .*\n$`))
    t.same(readdirSync(dataDir), [])
  })
  await t.test('directory in use by a living cluster', async (t) => {
    const dataDir = testDirectory(t)
    const cluster = await TestCluster.start({ dataDir, nodes: 0 })
    t.teardown(() => cluster.stop())
    const { code, stderr } = await kubeproc(['up', `--data-dir=${dataDir}`, '--port=0'])
    t.equal(code, 1)
    t.match(
      stderr,
      /^kubeproc: a cluster is running in .* \(process \d+\): stop it with "kubeproc down", or choose another --data-dir\n$/,
    )
    const down = await cluster.kubeproc('down')
    t.equal(down.code, 0)
    t.same(processesOf(dataDir), [])
  })
  await t.test('damaged database', async (t) => {
    const dataDir = testDirectory(t)
    const cluster = await TestCluster.start({ dataDir, nodes: 0 })
    await cluster.stop()
    const database = readdirSync(join(dataDir, 'apiserver')).find((name) => name.endsWith('.db'))
    writeFileSync(join(dataDir, 'apiserver', database!), 'this is no database, but it is long enough to be looked at')
    const { code, stderr } = await kubeproc(['up', `--data-dir=${dataDir}`, '--port=0'])
    t.equal(code, 1)
    t.equal(stderr.trim().split('\n').length, 1, 'one line')
    t.match(stderr, /^kubeproc: apiserver did not start: .*damaged/)
    t.same(processesOf(dataDir), [])
  })
  const old = await findOldNode()
  await t.test('another Node.js version', { skip: old === undefined && 'no Node.js older than 24 here' }, async (t) => {
    const { code, stderr } = await run(old!, [KUBEPROC, 'up'])
    t.equal(code, 1)
    t.match(
      stderr,
      /^kubeproc needs Node.js 24 or newer, and this is .*: run it with "npm start" or "npx kubeproc".*\n$/,
    )
  })
})
