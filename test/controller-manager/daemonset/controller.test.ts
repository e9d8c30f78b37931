import t from 'tap'
import { canonicalJson } from '../../../controller-manager/pods/template-hash.ts'
import { controllerRevisions, daemonSets, events, nodes, pods } from '../../../shared/client/resources.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { until } from '../../support/until.ts'
import { inDefault, listPods, plainPod, revision } from '../running-controllers.ts'
import { LABEL, NAME, ssdMonitor, world } from './running-daemonsets.ts'

t.test('pods follow the labels of nodes', async (t) => {
  const { client, manage, addNode, label, settled, get, told } = await world(t)
  manage()
  await Promise.all([addNode('node-1'), addNode('node-2')])
  await client.create(daemonSets, ssdMonitor())
  await settled([])
  await label('node-1', 'ssd')
  const [first] = await settled(['node-1'])
  t.match(first, {
    metadata: {
      name: /^ssd-monitor-[a-z0-9]{5}$/,
      labels: { app: NAME, [LABEL]: String, 'pod-template-generation': '1' },
      ownerReferences: [{ kind: 'DaemonSet', name: NAME, controller: true, blockOwnerDeletion: true }],
    },
    spec: {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] }],
          },
        },
      },
    },
  })
  const notReady = first!.spec.tolerations?.filter(({ key }) => key === 'node.kubernetes.io/not-ready')
  t.same(notReady, [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }], 'for ever')
  t.equal((await get()).metadata.annotations?.['deprecated.daemonset.template.generation'], '1')

  await addNode('node-3', { disk: 'ssd' })
  await settled(['node-1', 'node-3'])
  await label('node-1', 'hdd')
  await settled(['node-3'])
  await label('node-2', 'ssd')
  await settled(['node-2', 'node-3'])
  // A cordoned node keeps its pod, and gets another one when that is deleted.
  await client.patch(nodes, { name: 'node-2' }, { type: 'merge', body: { spec: { unschedulable: true } } })
  const [cordoned] = (await listPods(client)).filter(({ spec }) => spec.nodeName === 'node-2')
  await client.delete(pods, inDefault(cordoned!.metadata.name))
  await until(async () => (await listPods(client)).every(({ metadata }) => metadata.uid !== cordoned!.metadata.uid))
  await settled(['node-2', 'node-3'])

  const told2 = await until(async () => {
    const [created, deleted] = await Promise.all([told('SuccessfulCreate'), told('SuccessfulDelete')])
    return created.length >= 4 && deleted.length >= 1 && [...created, ...deleted]
  })
  t.same(
    [
      ...new Set(
        told2.map(({ type, message = '', source }) => `${type} ${message.replace(/-.{5}$/, '')} ${source?.component}`),
      ),
    ],
    ['Normal Created pod: ssd-monitor daemonset-controller', 'Normal Deleted pod: ssd-monitor daemonset-controller'],
  )
})

t.test('pods that belong to it, and pods that do not any more', async (t) => {
  const { client, manage, addNode, settled } = await world(t)
  await addNode('node-1', { disk: 'ssd' })
  await client.create(pods, plainPod('stray', { labels: { app: NAME } }, { nodeName: 'node-1' }))
  await client.create(daemonSets, ssdMonitor({ updateStrategy: { type: 'OnDelete' } }))
  manage()
  const stray = await until(async () => {
    const object = await client.get(pods, inDefault('stray'))
    return object.metadata.ownerReferences?.[0]?.name === NAME && object
  })
  t.equal((await listPods(client)).length, 1)
  await client.patch(pods, inDefault('stray'), { type: 'merge', body: { metadata: { labels: { app: 'other' } } } })
  const both = await until(async () => (await listPods(client)).length === 2 && listPods(client))
  t.same(both.find(({ metadata }) => metadata.uid === stray.metadata.uid)?.metadata.ownerReferences ?? [], [])
  await client.delete(pods, inDefault('stray'))
  await settled(['node-1'])
})

t.test('a new template, node by node; history; and back', async (t) => {
  const { client, manage, addNode, settled, setVersion, revisions, get } = await world(t)
  manage()
  const names = ['node-1', 'node-2', 'node-3']
  await Promise.all(names.map((name) => addNode(name, { disk: 'ssd' })))
  await client.create(daemonSets, ssdMonitor({ revisionHistoryLimit: 1 }))
  const first = await settled(names)
  await setVersion('2')
  await settled(names, '2')
  const two = await revisions()
  t.same(
    two.map(({ revision }) => revision),
    [1, 2],
  )
  t.equal(two[0]!.metadata.name, `${NAME}-${first[0]!.metadata.labels![LABEL]}`)
  t.equal((await get()).metadata.annotations?.['deprecated.daemonset.template.generation'], '2')

  // What `kubectl rollout undo` sends.
  await client.patch(daemonSets, inDefault(NAME), { type: 'strategic', body: two[0]!.data })
  const back = await settled(names)
  t.equal(back[0]!.metadata.labels![LABEL], first[0]!.metadata.labels![LABEL], 'the same revision')
  t.same(
    (await revisions()).map(({ revision }) => revision),
    [2, 3],
  )

  await setVersion('3')
  await settled(names, '3')
  await until(async () => (await revisions()).length === 2)
  t.same(
    (await revisions()).map(({ revision }) => revision),
    [3, 4],
    'no more than the limit',
  )
})

t.test('on delete only, and with a surge', async (t) => {
  const { client, manage, addNode, settled, setVersion, get } = await world(t)
  manage()
  const names = ['node-1', 'node-2']
  await Promise.all(names.map((name) => addNode(name, { disk: 'ssd' })))
  await client.create(daemonSets, ssdMonitor({ updateStrategy: { type: 'OnDelete' } }))
  const before = await settled(names)
  await setVersion('2')
  await until(async () => (await get()).status.observedGeneration === 2)
  t.same(
    (await listPods(client)).map(({ metadata }) => metadata.uid).sort(),
    before.map(({ metadata }) => metadata.uid).sort(),
  )
  await Promise.all(before.map(({ metadata }) => client.delete(pods, inDefault(metadata.name))))
  await settled(names, '2')

  const rollingUpdate = { maxUnavailable: 0, maxSurge: 1 }
  await client.patch(daemonSets, inDefault(NAME), {
    type: 'merge',
    body: { spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate } } },
  })
  await setVersion('3')
  await settled(names, '3')
})

t.test('failed pods are replaced, with patience', async (t) => {
  const clock = createFakeClock(Date.now())
  const { client, manage, addNode, told } = await world(t, { clock, isHealthy: () => false })
  manage()
  await addNode('node-1', { disk: 'ssd' })
  await client.create(daemonSets, ssdMonitor())
  const fail = async () => {
    const [pod] = await until(async () => {
      const all = await listPods(client)
      return all.length === 1 && all[0]!.status.phase === 'Pending' && all
    })
    await client.patch(pods, inDefault(pod!.metadata.name), {
      type: 'merge',
      subresource: 'status',
      body: { status: { phase: 'Failed' } },
    })
    return pod!.metadata.name
  }
  const gone = (name: string) =>
    until(async () => (await listPods(client)).every(({ metadata }) => metadata.name !== name))
  const first = await fail()
  await gone(first)
  const second = await fail()
  await until(() => clock.pending > 0)
  await clock.advance(900)
  t.ok(
    (await listPods(client)).some(({ metadata }) => metadata.name === second),
    'the second waits',
  )
  await until(async () => {
    await clock.advance(100)
    return (await listPods(client)).every(({ metadata }) => metadata.name !== second)
  })
  const [event] = await until(async () => (await told('FailedDaemonPod')).length >= 2 && told('FailedDaemonPod'))
  t.match(event, { type: 'Warning', source: { component: 'daemonset-controller' } })
  t.match(event!.message, /^Found failed daemon pod default\/ssd-monitor-\w{5} on node node-1, will try to kill it$/)
})

t.test('a name that is taken by another revision', async (t) => {
  const { client, manage, addNode, settled, revisions, get } = await world(t)
  const manager = manage()
  await addNode('node-1', { disk: 'ssd' })
  await client.create(daemonSets, ssdMonitor())
  await settled(['node-1'])
  await manager.close()
  const [own] = await revisions()
  await client.delete(controllerRevisions, inDefault(own!.metadata.name))
  await client.create(controllerRevisions, {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: { name: own!.metadata.name, namespace: 'default', labels: { app: 'another' } },
    data: { another: 'template' },
    revision: 7,
  })
  manage()
  await until(async () => (await get()).status.collisionCount === 1)
  await settled(['node-1'])
  const mine = (await revisions()).filter(({ data }) => canonicalJson(data) === canonicalJson(own!.data))
  t.equal(mine.length, 1)
  t.not(mine[0]!.metadata.name, own!.metadata.name)
})

t.test('a settled cluster is quiet, after a restart as well', async (t) => {
  const clock = createFakeClock(Date.now())
  const { client, manage, addNode, settled } = await world(t, { clock })
  const manager = manage()
  await Promise.all([addNode('node-1', { disk: 'ssd' }), addNode('node-2', { disk: 'ssd' })])
  await client.create(daemonSets, ssdMonitor())
  await settled(['node-1', 'node-2'])
  await until(async () => (await client.list(events)).items.length === 4)
  const before = await revision(client)
  for (let minute = 0; minute < 20; minute++) await clock.advance(60_000)
  await manager.close()
  await manage().synced
  for (let minute = 0; minute < 20; minute++) await clock.advance(60_000)
  t.equal(await revision(client), before)
})
