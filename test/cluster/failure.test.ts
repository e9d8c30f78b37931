import t from 'tap'
import { leftNodes } from '../../cluster/node-objects.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { nodes, pods } from '../../shared/client/resources.ts'
import { readProcess } from '../../shared/processes.ts'
import { eventually, processesOf } from '../support/cluster.ts'
import {
  identity,
  isReady,
  listPods,
  NAMESPACE,
  nodeReady,
  programs,
  startWith,
  waitForReady,
} from './replicated-app.ts'

const uids = (list: readonly Pod[]) => list.map(({ metadata }) => metadata.uid).sort()

/** The states of the programs of one node's containers, as in `ps`. */
const statesOf = (dataDir: string, node: string): string[] =>
  processesOf(`${dataDir}/nodes/${node}`)
    .filter((line) => /^\d+ sleep 1000$/.test(line))
    .flatMap((line) => readProcess(Number.parseInt(line, 10))?.state ?? [])

/** How each node is lost, how it comes back, and what has become of its programs meanwhile: `S` runs, `T` stands still. */
const LOSSES: readonly {
  node: string
  lose: string[]
  restore: string[]
  programs: 'S' | 'T' | 'gone'
  shown: string
}[] = [
  { node: 'node-1', lose: [], restore: ['start'], programs: 'S', shown: 'dead' },
  { node: 'node-2', lose: ['kill'], restore: ['start'], programs: 'gone', shown: 'dead' },
  { node: 'node-3', lose: ['freeze'], restore: ['thaw'], programs: 'T', shown: 'frozen' },
  { node: 'node-4', lose: ['partition'], restore: ['heal'], programs: 'S', shown: 'running, partitioned' },
]

t.test('nodes lost in every way: their pods are replaced, and nothing runs twice when they are back', async (t) => {
  const REPLICAS = 16
  const { cluster, client, dataDir, before } = await startWith(t, REPLICAS, 8)
  const podsOf = (node: string) => before.filter(({ spec }) => spec.nodeName === node)
  const node = async (...words: string[]) => {
    const { code, stderr } = await cluster.kubeproc('node', ...words)
    t.equal(code, 0, `node ${words.join(' ')} ${stderr}`)
  }
  for (const { node: name } of LOSSES) t.ok(podsOf(name).length > 0, `${name} has pods`)
  process.kill(await cluster.pidOf('node-1'), 'SIGKILL')
  await Promise.all(LOSSES.flatMap(({ node: name, lose }) => lose.map((verb) => node(verb, name))))
  const status = await cluster.kubeproc('status')
  for (const { node: name, shown } of LOSSES) t.match(status.stdout, new RegExp(`^${name} +${shown} `, 'm'))

  const lostNodes = LOSSES.map(({ node: name }) => name)
  const isLost = ({ spec }: Pod) => lostNodes.includes(spec.nodeName ?? '')
  const replaced = await eventually(
    async () => {
      const ready = (await listPods(client, 'app')).filter(isReady)
      return ready.length === REPLICAS && !ready.some(isLost) && ready
    },
    { deadlineMs: 60_000 },
  )
  const lost = before.filter(isLost)
  for (const { node: name, programs: fate } of LOSSES) {
    const states = statesOf(dataDir, name)
    if (fate === 'gone') t.same(states, [], `the processes of ${name} are gone`)
    else
      t.same(
        states,
        podsOf(name).map(() => fate),
        `the processes of ${name}`,
      )
    const { spec, status } = await client.get(nodes, { name })
    t.same(spec.taints?.map(({ key, effect }) => `${key}:${effect}`).sort(), [
      'node.kubernetes.io/unreachable:NoExecute',
      'node.kubernetes.io/unreachable:NoSchedule',
    ])
    t.ok(
      status.conditions
        ?.filter(({ type }) => type !== 'NetworkUnavailable')
        .every(({ status }) => status === 'Unknown'),
    )
  }
  const held = (await listPods(client, 'app')).filter(isLost)
  t.same(uids(held), uids(lost), 'nobody confirms that the lost pods have ended')
  for (const { metadata, status } of held) {
    t.ok(metadata.deletionTimestamp !== undefined)
    const reason = status.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason
    t.equal(reason, 'DeletionByTaintManager')
  }

  await Promise.all(LOSSES.flatMap(({ node: name, restore }) => restore.map((verb) => node(verb, name))))
  await eventually(async () => (await listPods(client, 'app')).length === REPLICAS)
  await eventually(async () => programs(dataDir).length === REPLICAS, {
    describe: async () => programs(dataDir).join('\n'),
  })
  for (const name of lostNodes) {
    await eventually(async () => {
      const { spec } = await client.get(nodes, { name })
      return (spec.taints ?? []).length === 0 && (await nodeReady(client, name)) === 'True'
    })
  }
  t.same(identity(await waitForReady(client, 'app', REPLICAS)), identity(replaced), 'the replacements were left alone')
})

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

t.test('nodes are added and removed while the cluster runs', async (t) => {
  const { cluster, client, dataDir } = await startWith(t, 2, 1)
  const added = await cluster.kubeproc('node', 'add', 'extra')
  t.equal(added.code, 0, added.stderr)
  t.equal(await nodeReady(client, 'extra'), 'True')
  const twice = await cluster.kubeproc('node', 'add', 'extra')
  t.equal(twice.code, 1)
  t.equal(twice.stderr, 'kubeproc: there is a node extra already\n')
  await client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'left' }, spec: {} } as never)
  const refused = await cluster.kubeproc('node', 'add', 'left')
  t.equal(refused.stderr, 'kubeproc: there is a node left of another machine already\n')
  const addresses = [{ type: 'InternalIP', address: '127.1.9.1' }]
  await client.patch(nodes, { name: 'left' }, { type: 'merge', body: { status: { addresses } }, subresource: 'status' })
  t.same(await leftNodes(cluster.kubeconfig, (name) => name === 'node-1'), ['left'])
  const taken = await cluster.kubeproc('node', 'add', 'left')
  t.equal(taken.code, 0, taken.stderr)
  t.equal(await nodeReady(client, 'left'), 'True')
  await cluster.kubeproc('node', 'rm', 'left')
  const removed = await cluster.kubeproc('node', 'rm', 'node-1')
  t.equal(removed.code, 0, removed.stderr)
  await eventually(
    async () => {
      const now = await listPods(client, 'app')
      return now.length === 2 && now.every((pod) => isReady(pod) && pod.spec.nodeName === 'extra')
    },
    { describe: async () => JSON.stringify(await listPods(client, 'app')) },
  )
  await eventually(async () => programs(dataDir).length === 2, {
    describe: async () => programs(dataDir).join('\n'),
  })
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
