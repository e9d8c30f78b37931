import t from 'tap'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { createClient } from '../../shared/client/http-client.ts'
import { pods } from '../../shared/client/resources.ts'
import { eventually, kubeproc, processesOf, TestCluster } from '../support/cluster.ts'
import { testDirectory } from '../support/directory.ts'

const NAMESPACE = 'default'

/** A pod whose liveness probe takes as long as its program stands still. */
const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: NAMESPACE },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'main',
        image: 'luksa/kubia',
        livenessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1, failureThreshold: 2 },
      },
    ],
  } as unknown as Pod['spec'],
  status: {},
})

t.test('pods and the control plane are broken and mended on a running cluster', async (t) => {
  const dataDir = testDirectory(t)
  const cluster = await TestCluster.start({ dataDir, nodes: 1 })
  t.teardown(() => cluster.stop())
  const client = createClient({ kubeconfig: cluster.kubeconfig, userAgent: 'test' })
  t.teardown(() => client.close())

  const does = async (command: string, wanted: RegExp) => {
    const { code, stdout, stderr } = await cluster.kubeproc(...command.split(' '))
    t.equal(code, 0, `${command} ${stderr}`)
    t.match(stdout, wanted, command)
  }
  const refuses = async (command: string, wanted: string) => {
    const { code, stdout, stderr } = await cluster.kubeproc(...command.split(' '))
    t.same([code, stdout, stderr], [1, '', `kubeproc: ${wanted}\n`], command)
  }
  const shows = async (component: string, state: string) =>
    t.match((await cluster.kubeproc('status')).stdout, new RegExp(`^${component} +${state} `, 'm'))
  const statusOf = async (name: string) =>
    (await client.get(pods, { name, namespace: NAMESPACE })).status.containerStatuses?.[0]
  const restarted = (name: string) =>
    eventually(async () => {
      const status = await statusOf(name)
      return status?.restartCount === 1 && status.ready && status.lastState?.terminated
    })
  const isReady = async (name: string) => (await statusOf(name))?.ready === true

  const names = ['killed', 'starved', 'hung', 'spared']
  await Promise.all(names.map((name) => client.create(pods, pod(name))))
  await Promise.all(names.map((name) => eventually(() => isReady(name))))

  await t.test('pods', async (t) => {
    await Promise.all([
      does('pod kill killed', /^pod killed killed: all its processes$/m),
      does('pod oom starved', /^pod starved killed for want of memory/),
      does('pod hang hung', /^pod hung hangs/),
      does('pod hang spared', /^pod spared hangs/),
    ])
    await does('pod thaw spared', /^pod spared thawed$/m)
    t.match(await restarted('killed'), { exitCode: 137, reason: 'Error' })
    t.match(await restarted('starved'), { exitCode: 137, reason: 'OOMKilled' })
    t.match(await restarted('hung'), { exitCode: 137, reason: 'Error' }, 'its liveness probe ends it')
    t.equal((await statusOf('spared'))?.restartCount, 0)
    await refuses('pod kill nobody', 'pods "nobody" not found')
    await refuses('pod kill killed -n kube-system', 'pods "killed" not found')
  })

  await t.test('the control plane', async (t) => {
    await Promise.all([
      does('kill scheduler', /^scheduler killed/),
      does('freeze controller-manager', /^controller-manager frozen$/m),
    ])
    await shows('scheduler', 'dead')
    await shows('controller-manager', 'frozen')
    await refuses('kill scheduler', 'scheduler does not run')
    await refuses('thaw scheduler', 'scheduler is not frozen')
    await refuses('start controller-manager', 'controller-manager is frozen: thaw it')
    await refuses(
      'kill node-1',
      'there is no component node-1; known are apiserver, controller-manager, scheduler (and "kubeproc node" for nodes)',
    )
    await client.create(pods, pod('waiting'))
    await does(
      'why pod/waiting',
      /^pod default\/waiting fits, but no scheduler runs: start it with .* node-1 is the best/,
    )
    await does('start scheduler', /^scheduler started and ready$/m)
    await does('thaw controller-manager', /^controller-manager thawed$/m)
    await eventually(() => isReady('waiting'))

    await does('freeze apiserver', /^apiserver frozen$/m)
    await refuses('node partition node-1', 'node-1 cannot be cut off while the API server does not run')
    await refuses('node add node-7', 'the API server is frozen: let it go on with "kubeproc thaw apiserver"')
    await does('thaw apiserver', /^apiserver thawed$/m)
    await does('kill scheduler', /^scheduler killed/)
    await does('kill apiserver', /^apiserver killed/)
    const helpless = ['node add node-7', 'node start node-1', 'node rm node-1', 'pod kill spared', 'start scheduler']
    const refusal = 'the API server does not run: start it with "kubeproc start apiserver"'
    await Promise.all(helpless.map((command) => refuses(command, refusal)))
    await shows('node-1', 'running')
    await does('start apiserver', /^apiserver started and ready$/m)
    await does('start scheduler', /^scheduler started and ready$/m)
    t.equal((await statusOf('spared'))?.restartCount, 0)
  })

  await t.test('nodes', async (t) => {
    await refuses('node heal node-1', 'node-1 is not partitioned')
    await refuses('node thaw node-1', 'node-1 is not frozen')
    await refuses('node start node-1', 'node-1 is running already')
    await refuses('node freeze nope', 'there is no node nope; known are node-1')
    await does('node slow node-1 200ms', /^node node-1 slow: answers take 200ms longer$/m)
    await shows('node-1', 'running, slowed by 200 ms')
    const startedAt = performance.now()
    t.match((await cluster.kubectl('logs', 'spared')).stdout, /Kubia server starting/)
    t.ok(performance.now() - startedAt > 200, 'a log takes longer as well')
    await does('node slow node-1 0', /^node node-1 as fast as ever$/m)
    await shows('node-1', 'running')
    await does('node freeze node-1', /^node node-1 frozen/)
    await refuses('pod kill spared', 'node-1 is frozen: thaw it first')
    t.equal((await statusOf('spared'))?.restartCount, 0)
  })

  const wrong = await kubeproc(['node', 'explode', 'node-1'])
  t.equal(wrong.code, 2)
  t.match(wrong.stderr, /^kubeproc: usage: kubeproc node add\|rm\|/)
  await cluster.stop()
  t.same(processesOf(dataDir), [], 'a cluster with a frozen node stops as any other')
})

t.test('when the launcher is killed, what stands still is not left behind', async (t) => {
  const dataDir = testDirectory(t)
  const cluster = await TestCluster.start({ dataDir, nodes: 2 })
  t.teardown(() => cluster.stop('SIGKILL'))
  const client = createClient({ kubeconfig: cluster.kubeconfig, userAgent: 'test' })
  t.teardown(() => client.close())
  const spread = ['node-1', 'node-2'].map((nodeName) => {
    const made = pod(`on-${nodeName}`)
    return client.create(pods, { ...made, spec: { ...made.spec, nodeName } })
  })
  await Promise.all(spread)
  await eventually(async () =>
    (await client.list(pods)).items.every(({ status }) => status.containerStatuses?.[0]?.ready === true),
  )
  const frozen = [
    ['node', 'freeze', 'node-1'],
    ['node', 'partition', 'node-2'],
    ['freeze', 'scheduler'],
  ]
  for (const words of frozen) t.equal((await cluster.kubeproc(...words)).code, 0, words.join(' '))
  await cluster.stop('SIGKILL')
  await eventually(async () => processesOf(dataDir).length === 0, {
    describe: async () => processesOf(dataDir).join('\n'),
  })
})
