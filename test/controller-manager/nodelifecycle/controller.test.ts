import t, { type Test } from 'tap'
import { startNodeLifecycleController } from '../../../controller-manager/nodelifecycle/controller.ts'
import { startTaintEvictionController } from '../../../controller-manager/tainteviction/controller.ts'
import type { Pod, Toleration } from '../../../shared/api/pod/pod.ts'
import { events as eventResource, leases, nodes, pods } from '../../../shared/client/resources.ts'
import { toMicroTime, toTime } from '../../../shared/clock.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { until } from '../../support/until.ts'
import { inDefault, plainPod, revision, startManager } from '../running-controllers.ts'

const OPTIONS = {
  'node-monitor-period': 1_000,
  'node-monitor-grace-period': 6_000,
  'node-startup-grace-period': 10_000,
}

const CONDITIONS = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready']

/** A server, a stepped clock, and nodes that live as long as they are in `living`. */
async function world(test: Test, names: string[]) {
  const server = await startTestApiServer(testDirectory(test))
  const { client } = server
  const clock = createFakeClock(Date.now())
  const living = new Set(names)

  const report = (name: string) =>
    client.patch(
      nodes,
      { name },
      {
        type: 'strategic',
        subresource: 'status',
        body: {
          status: {
            conditions: CONDITIONS.map((type) => ({
              type,
              status: type === 'Ready' ? 'True' : 'False',
              lastHeartbeatTime: toTime(clock.nowMs()),
              reason: type === 'Ready' ? 'KubeletReady' : 'Fine',
              message: '',
            })),
          },
        },
      },
    )
  for (const name of names) {
    await client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {}, status: {} })
    await client.create(leases, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: 'kube-node-lease' },
      spec: { renewTime: toMicroTime(clock.nowMs()) },
    })
    await report(name)
  }
  const manager = startManager(server, [startNodeLifecycleController, startTaintEvictionController], {
    clock,
    options: OPTIONS,
  })
  test.teardown(async () => {
    await manager.close()
    await server.close()
  })
  await manager.synced

  /** Lets time pass second by second; whoever lives renews its lease. */
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      for (const name of living) {
        const key = { name, namespace: 'kube-node-lease' }
        const body = { spec: { renewTime: toMicroTime(clock.nowMs()) } }
        await client.patch(leases, key, { type: 'merge', body })
      }
      await clock.advance(1_000)
    }
  }
  const taints = async (name: string) =>
    ((await client.get(nodes, { name })).spec.taints ?? []).map(({ key, effect }) => `${key.split('/')[1]}:${effect}`)
  return {
    client,
    clock,
    living,
    report,
    pass,
    taints,
    /** Waits until a node has exactly these taints. */
    tainted: (name: string, wanted: string[]) =>
      until(async () => (await taints(name)).join() === wanted.join(), { describe: () => taints(name) }),
    async runOn(name: string, pod: string, tolerationSeconds?: number) {
      const toleration = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' }
      const tolerations = [{ ...toleration, ...(tolerationSeconds !== undefined && { tolerationSeconds }) }]
      await client.create(pods, plainPod(pod, {}, { nodeName: name, tolerations: tolerations as Toleration[] }))
      const body = { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }
      await client.patch(pods, inDefault(pod), { type: 'strategic', body, subresource: 'status' })
    },
    pod: (name: string) => client.get(pods, inDefault(name)),
    events: async () =>
      (await client.list(eventResource)).items.map(
        ({ type, reason, message, involvedObject, source }) =>
          `${type} ${reason} ${involvedObject.kind}/${involvedObject.name}: ${message} (${source?.component})`,
      ),
  }
}

const condition = (pod: Pod, type: string) => pod.status.conditions?.find((condition) => condition.type === type)

const UNREACHABLE = ['unreachable:NoSchedule', 'unreachable:NoExecute']

t.test('a lost node: unknown, tainted, its pods evicted when their time is over', async (t) => {
  const { client, living, pass, tainted, taints, runOn, pod, events } = await world(t, ['node-1', 'node-2'])
  await tainted('node-1', [])
  await runOn('node-1', 'short', 5)
  await runOn('node-1', 'long', 300)
  await pass(10)
  t.same(await taints('node-1'), [], 'it lives')

  living.delete('node-1')
  await pass(8)
  await tainted('node-1', UNREACHABLE)
  t.same(await taints('node-2'), [])
  const node = await client.get(nodes, { name: 'node-1' })
  for (const { type, status, reason, message } of node.status.conditions ?? []) {
    t.same([status, reason, message], ['Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.'], type)
  }
  t.ok(node.spec.taints?.every(({ timeAdded }) => timeAdded !== undefined))
  await until(async () => condition(await pod('long'), 'Ready')?.status === 'False')

  await pass(3)
  t.equal((await pod('short')).metadata.deletionTimestamp, undefined, 'its time is not over')
  await pass(4)
  const evicted = await until(async () => {
    const short = await pod('short')
    return short.metadata.deletionTimestamp !== undefined && short
  })
  t.match(condition(evicted, 'DisruptionTarget'), {
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
  })
  t.equal((await pod('long')).metadata.deletionTimestamp, undefined)
  const told = await until(async () => {
    const all = await events()
    return all.some((event) => event.includes('TaintManagerEviction')) && all
  })
  t.same(told.sort(), [
    'Normal NodeNotReady Node/node-1: Node node-1 status is now: NodeNotReady (node-controller)',
    'Normal RegisteredNode Node/node-1: Node node-1 event: Registered Node node-1 in Controller (node-controller)',
    'Normal RegisteredNode Node/node-2: Node node-2 event: Registered Node node-2 in Controller (node-controller)',
    'Normal TaintManagerEviction Pod/short: Marking for deletion Pod default/short (taint-eviction-controller)',
    'Warning NodeNotReady Pod/long: Node is not ready (node-controller)',
    'Warning NodeNotReady Pod/short: Node is not ready (node-controller)',
  ])
})

t.test('two nodes lost at once: their pods are evicted one node after the other', async (t) => {
  const names = ['node-1', 'node-2', 'node-3']
  const { client, living, pass, taints, tainted, clock } = await world(t, names)
  for (const name of names) await tainted(name, [])
  for (const name of ['node-2', 'node-3']) living.delete(name)
  await pass(8)
  const isUnknown = async (name: string) =>
    (await client.get(nodes, { name })).status.conditions?.every(({ status }) => status === 'Unknown')
  for (const name of ['node-2', 'node-3']) await until(() => isUnknown(name))
  const evicting = async () =>
    (await Promise.all(names.map(taints))).filter((all) => all.includes('unreachable:NoExecute')).length
  await until(async () => (await evicting()) === 1)
  await pass(5)
  t.equal(await evicting(), 1, 'the other waits for its turn')
  await until(async () => {
    await pass(1)
    await clock.advance(0)
    return (await evicting()) === 2
  })
})

t.test('a node that comes back in time keeps its pods', async (t) => {
  const { living, report, pass, tainted, runOn, pod, events } = await world(t, ['node-1', 'node-2'])
  await runOn('node-1', 'short', 5)
  living.delete('node-1')
  await pass(8)
  await tainted('node-1', UNREACHABLE)
  await until(async () => condition(await pod('short'), 'Ready')?.status === 'False')
  living.add('node-1')
  await report('node-1')
  await tainted('node-1', [])
  await until(async () => (await events()).some((event) => event.includes('Cancelling deletion of Pod default/short')))
  await pass(20)
  t.equal((await pod('short')).metadata.deletionTimestamp, undefined)
})

t.test('when all nodes are lost nobody is evicted', async (t) => {
  const { client, living, pass, tainted, runOn, pod, events, clock } = await world(t, ['node-1', 'node-2'])
  await runOn('node-1', 'short', 5)
  living.clear()
  await pass(8)
  for (const name of ['node-1', 'node-2']) await tainted(name, ['unreachable:NoSchedule'])
  await until(async () => condition(await pod('short'), 'Ready')?.status === 'False')
  await until(async () => (await events()).filter((event) => event.includes('NodeNotReady')).length === 3)
  const before = await revision(client)
  for (let step = 0; step < 20; step++) await clock.advance(30_000)
  t.equal((await pod('short')).metadata.deletionTimestamp, undefined)
  t.equal(await revision(client), before, 'and nothing is written any more')
})

t.test('who cannot hear does not judge', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  const clock = createFakeClock(Date.now())
  await server.client.create(nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1' },
    spec: {},
    status: {
      conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: toTime(clock.nowMs()) }],
    },
  })
  const outage = new AbortController()
  const manager = startManager(server, [startNodeLifecycleController], {
    clock,
    options: OPTIONS,
    // The watches end and do not come back; requests would still be answered.
    wrap: (inner) => ({
      ...inner,
      watch: (resource, options, signal) => inner.watch(resource, options, AbortSignal.any([signal, outage.signal])),
    }),
  })
  t.teardown(async () => {
    await manager.close()
    await server.close()
  })
  await manager.synced
  await until(async () => (await server.client.get(nodes, { name: 'node-1' })).spec.taints === undefined)
  outage.abort()
  for (let second = 0; second < 60; second++) await clock.advance(1_000)
  const { status } = await server.client.get(nodes, { name: 'node-1' })
  t.equal(status.conditions?.[0]?.status, 'True')
})

t.test('who has stood still first hears what came meanwhile', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  const steps = createFakeClock(Date.now())
  let stoodStillMs = 0
  const clock = { ...steps, nowMs: () => steps.nowMs() + stoodStillMs }
  await server.client.create(nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1' },
    spec: {},
    status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: toTime(clock.nowMs()) }] },
  })
  const manager = startManager(server, [startNodeLifecycleController], { clock, options: OPTIONS })
  t.teardown(async () => {
    await manager.close()
    await server.close()
  })
  await manager.synced
  const ready = async () => (await server.client.get(nodes, { name: 'node-1' })).status.conditions?.[0]?.status
  await until(async () => (await server.client.get(nodes, { name: 'node-1' })).spec.taints === undefined)
  stoodStillMs = 60_000
  for (let second = 0; second < 6; second++) await steps.advance(1_000)
  t.equal(await ready(), 'True', 'its time begins anew')
  await until(async () => {
    await steps.advance(1_000)
    return (await ready()) === 'Unknown'
  })
})

t.test('a restart tells nothing anew of nodes that are known', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  const { client } = server
  const open: { close(): Promise<void> }[] = []
  t.teardown(async () => {
    for (const { close } of open) await close()
    await server.close()
  })
  const manage = () => {
    const manager = startManager(server, [startNodeLifecycleController])
    open.push(manager)
    return manager
  }
  const registered = async () =>
    (await client.list(eventResource)).items
      .filter(({ reason }) => reason === 'RegisteredNode')
      .map(({ involvedObject }) => involvedObject.name)
      .sort()
  await client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } })
  await client.patch(
    nodes,
    { name: 'node-1' },
    { type: 'strategic', subresource: 'status', body: { status: { conditions: [{ type: 'Ready', status: 'True' }] } } },
  )
  const first = manage()
  await until(async () => ((await client.get(nodes, { name: 'node-1' })).spec.taints ?? []).length === 0)
  await until(async () => (await registered()).length === 1)
  await first.close()
  const before = await revision(client)
  const second = manage()
  await second.synced
  t.equal(await revision(client), before, 'nothing is written at the start')
  await client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-2' } })
  await until(async () => (await registered()).includes('node-2'))
  // By then all that there was to tell is written.
  await second.close()
  t.same(await registered(), ['node-1', 'node-2'])
})
