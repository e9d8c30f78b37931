import t, { type Test } from 'tap'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Client } from '../../shared/client/client.ts'
import { createClient } from '../../shared/client/http-client.ts'
import { nodes, pods, replicationControllers } from '../../shared/client/resources.ts'
import { eventually, processesOf, TestCluster } from '../support/cluster.ts'
import { testDirectory } from '../support/directory.ts'

const NAMESPACE = 'default'

/** Programs that cost next to nothing: what is tested is who runs, not what. */
const replicationController = (name: string, replicas: number) => ({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: { name, namespace: NAMESPACE },
  spec: {
    replicas,
    selector: { app: name },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'main', image: 'busybox', command: ['sleep', '1000'] }],
      },
    },
  },
})

const isReady = ({ status, metadata }: Pod) =>
  metadata.deletionTimestamp === undefined &&
  status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true

const listPods = async (client: Client, app: string) =>
  (await client.list(pods, { namespace: NAMESPACE, labelSelector: `app=${app}` })).items

const nodeReady = async (client: Client, name: string) =>
  (await client.get(nodes, { name })).status?.conditions?.find(({ type }) => type === 'Ready')?.status

async function waitForReady(client: Client, app: string, count: number, deadlineMs = 20_000): Promise<Pod[]> {
  return eventually(
    async () => {
      const ready = (await listPods(client, app)).filter(isReady)
      return ready.length === count ? ready : undefined
    },
    {
      deadlineMs,
      describe: async () =>
        JSON.stringify(
          (await listPods(client, app)).map(({ metadata, spec, status }) => [metadata.name, spec.nodeName, status]),
        ),
    },
  )
}

/** What must not change where nothing was lost: which pods there are, and how often each was restarted. */
const identity = (list: readonly Pod[]) =>
  list
    .map(({ metadata, spec, status }) => [
      metadata.uid,
      spec.nodeName,
      status?.containerStatuses?.[0]?.restartCount,
      status?.containerStatuses?.[0]?.containerID,
    ])
    .toSorted(([a], [b]) => String(a).localeCompare(String(b)))

/** The `sleep 1000` processes of this cluster's containers. */
const programs = (dataDir: string) => processesOf(dataDir).filter((line) => /^\d+ sleep 1000$/.test(line))

async function startWith(t: Test, replicas: number, nodeCount = 3) {
  const dataDir = testDirectory(t)
  const cluster = await TestCluster.start({ dataDir, nodes: nodeCount })
  t.teardown(() => cluster.stop())
  const client = createClient({ kubeconfig: cluster.kubeconfig, userAgent: 'test' })
  t.teardown(() => client.close())
  await client.create(replicationControllers, replicationController('app', replicas))
  return { cluster, client, dataDir, before: await waitForReady(client, 'app', replicas) }
}

t.test(
  'a killed kubelet: its node is lost, its pods are replaced, and nothing runs twice when it is back',
  async (t) => {
    const { cluster, client, dataDir, before } = await startWith(t, 6)
    const lost = before.filter(({ spec }) => spec.nodeName === 'node-1').map(({ metadata }) => metadata.uid)
    t.ok(lost.length > 0, 'the pods are spread over the nodes')
    process.kill(await cluster.pidOf('node-1'), 'SIGKILL')

    await eventually(async () => (await nodeReady(client, 'node-1')) === 'Unknown', { deadlineMs: 20_000 })
    const replaced = await eventually(async () => {
      const ready = (await listPods(client, 'app')).filter(isReady)
      return ready.length === 6 && ready.every(({ spec }) => spec.nodeName !== 'node-1') && ready
    })
    t.equal(
      programs(dataDir).length,
      6 + lost.length,
      'the lost pods’ processes run on: containers outlive the kubelet',
    )
    const { taints } = (await client.get(nodes, { name: 'node-1' })).spec ?? {}
    t.same(taints?.map(({ key, effect }) => `${key}:${effect}`).sort(), [
      'node.kubernetes.io/unreachable:NoExecute',
      'node.kubernetes.io/unreachable:NoSchedule',
    ])

    const started = await cluster.kubeproc('node', 'start', 'node-1')
    t.equal(started.code, 0, started.stderr)
    await eventually(async () => (await listPods(client, 'app')).every(({ metadata }) => !lost.includes(metadata.uid)))
    await eventually(async () => programs(dataDir).length === 6, { describe: async () => programs(dataDir).join('\n') })
    t.equal(await nodeReady(client, 'node-1'), 'True')
    t.same(identity(await waitForReady(client, 'app', 6)), identity(replaced), 'the replacements were left alone')
  },
)

t.test('a kubelet that comes back in time finds its containers as they were', async (t) => {
  const { cluster, client, before } = await startWith(t, 4, 2)
  const pid = await cluster.pidOf('node-1')
  process.kill(pid, 'SIGKILL')
  await eventually(
    async () => (await cluster.status()).components.find(({ name }) => name === 'node-1')?.state === 'dead',
  )
  const started = await cluster.kubeproc('node', 'start', 'node-1')
  t.equal(started.code, 0, started.stderr)
  t.not(await cluster.pidOf('node-1'), pid)
  t.same(identity(await waitForReady(client, 'app', 4)), identity(before), 'same pods, same containers, no restart')
})

t.test('a lost node takes its processes along', async (t) => {
  const { cluster, client, dataDir, before } = await startWith(t, 6)
  const onNode = before.filter(({ spec }) => spec.nodeName === 'node-2').length
  const killed = await cluster.kubeproc('node', 'kill', 'node-2')
  t.equal(killed.code, 0, killed.stderr)
  await eventually(async () => programs(dataDir).length === 6 - onNode, {
    describe: async () => programs(dataDir).join('\n'),
  })
  await eventually(async () => {
    const ready = (await listPods(client, 'app')).filter(isReady)
    return ready.length === 6 && ready.every(({ spec }) => spec.nodeName !== 'node-2')
  })
  const again = await cluster.kubeproc('node', 'start', 'node-2')
  t.equal(again.code, 0, again.stderr)
  await eventually(async () => (await listPods(client, 'app')).length === 6)
  await eventually(async () => programs(dataDir).length === 6)
})

t.test('nodes are added and removed while the cluster runs', async (t) => {
  const { cluster, client, dataDir } = await startWith(t, 2, 1)
  const added = await cluster.kubeproc('node', 'add', 'extra')
  t.equal(added.code, 0, added.stderr)
  t.equal(await nodeReady(client, 'extra'), 'True')
  const twice = await cluster.kubeproc('node', 'add', 'extra')
  t.equal(twice.code, 1)
  t.equal(twice.stderr, 'kubeproc: there is a node extra already\n')
  const removed = await cluster.kubeproc('node', 'rm', 'node-1')
  t.equal(removed.code, 0, removed.stderr)
  const ready = await eventually(async () => {
    const now = await listPods(client, 'app')
    return now.length === 2 && now.every((pod) => isReady(pod) && pod.spec.nodeName === 'extra') && now
  })
  t.equal(ready.length, 2)
  await eventually(async () => programs(dataDir).length === 2)
})

const CONTROL_PLANE = ['apiserver', 'controller-manager', 'scheduler'] as const

t.test('SIGKILL of a control plane process loses, restarts and adds nothing', async (t) => {
  const { cluster, client, dataDir, before } = await startWith(t, 30)
  for (const [index, component] of CONTROL_PLANE.entries()) {
    const pid = await cluster.pidOf(component)
    process.kill(pid, 'SIGKILL')
    await eventually(
      async () => {
        const found = (await cluster.status()).components.find(({ name }) => name === component)
        return found?.state === 'running' && found.pid !== pid
      },
      { describe: async () => cluster.output.join('\n') },
    )
    // A deleted pod that is replaced shows that the whole chain works again.
    const { metadata: victim } = before[index]!
    await client.delete(pods, { name: victim.name, namespace: NAMESPACE })
    await eventually(async () => {
      const now = await listPods(client, 'app')
      return now.length === 30 && now.every(isReady) && now.every(({ metadata }) => metadata.uid !== victim.uid)
    })
  }
  const after = await listPods(client, 'app')
  const known = new Set(before.map(({ metadata }) => metadata.uid))
  const kept = after.filter(({ metadata }) => known.has(metadata.uid))
  t.equal(kept.length, 30 - CONTROL_PLANE.length, 'only the deleted pods were replaced')
  const keptUids = new Set(kept.map(({ metadata }) => metadata.uid))
  t.same(
    identity(kept),
    identity(before.filter(({ metadata }) => keptUids.has(metadata.uid))),
    'no container was restarted',
  )
  t.equal(programs(dataDir).length, 30)
})
