import t from 'tap'
import { nodes, pods } from '../../shared/client/resources.ts'
import { setUp } from './world.ts'

t.test('a pod is bound and told so', async (t) => {
  const { schedule, addNode, addPod, bound, eventOf } = await setUp(t)
  schedule()
  await addNode('node-1')
  const created = await addPod('kubia')
  const { spec, status } = await bound('kubia')
  t.equal(spec.nodeName, 'node-1')
  t.match(status.conditions, [{ type: 'PodScheduled', status: 'True' }])
  t.match(await eventOf('kubia', 'Scheduled'), {
    type: 'Normal',
    message: 'Successfully assigned default/kubia to node-1',
    source: { component: 'default-scheduler' },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'default', uid: created.metadata.uid },
    count: 1,
  })
})

t.test('a pod that fits nowhere says why, and is scheduled once a node will do', async (t) => {
  const { client, schedule, addNode, addPod, bound, eventOf, podWorld } = await setUp(t)
  schedule()
  await addNode('node-1')
  await addPod('big', { nodeSelector: { gpu: 'true' } })
  const message =
    "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
  t.match(await eventOf('big', 'FailedScheduling'), { type: 'Warning', message })
  const conditions = await podWorld.until(
    (all) => all.find(({ status }) => status.conditions?.length)?.status.conditions,
  )
  t.match(conditions, [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }])
  await client.patch(nodes, { name: 'node-1' }, { type: 'merge', body: { metadata: { labels: { gpu: 'true' } } } })
  t.match((await bound('big')).status.conditions, [{ type: 'PodScheduled', status: 'True' }])
})

t.test('a pod waits for the first node', async (t) => {
  const { schedule, addNode, addPod, bound, eventOf } = await setUp(t)
  schedule()
  await addPod('early')
  t.match(await eventOf('early', 'FailedScheduling'), { message: 'no nodes available to schedule pods' })
  await addNode('node-1')
  await bound('early')
})

t.test('a pod gets the room that another one leaves', async (t) => {
  const { client, schedule, addNode, addPod, bound, eventOf } = await setUp(t)
  schedule()
  await addNode('node-1', { cpu: '1' })
  await addPod('first', { cpu: '600m' })
  await bound('first')
  await addPod('second', { cpu: '600m' })
  t.match(await eventOf('second', 'FailedScheduling'), {
    message:
      '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
  })
  await client.delete(pods, { name: 'first', namespace: 'default' }, { gracePeriodSeconds: 0 })
  await bound('second')
})

t.test('a finished pod takes no room', async (t) => {
  const { client, schedule, addNode, addPod, bound, eventOf } = await setUp(t)
  schedule()
  await addNode('node-1', { cpu: '1' })
  await addPod('job', { cpu: '1', restartPolicy: 'Never' })
  await bound('job')
  await addPod('next', { cpu: '1' })
  await eventOf('next', 'FailedScheduling')
  const body = { status: { phase: 'Succeeded' } }
  await client.patch(pods, { name: 'job', namespace: 'default' }, { type: 'merge', subresource: 'status', body })
  await bound('next')
})

t.test('pods of other schedulers and gated pods are left alone', async (t) => {
  const { client, schedule, addNode, addPod, bound, podWorld } = await setUp(t)
  await addNode('node-1')
  await addPod('other', { schedulerName: 'mine' })
  await addPod('gated', { schedulingGates: [{ name: 'example.com/wait' }] })
  await addPod('last')
  schedule()
  await bound('last')
  t.equal(podWorld.get('default/other')?.spec.nodeName, undefined)
  t.equal(podWorld.get('default/gated')?.spec.nodeName, undefined)
  t.match(podWorld.get('default/gated')?.status.conditions, [{ type: 'PodScheduled', reason: 'SchedulingGated' }])
  await client.patch(
    pods,
    { name: 'gated', namespace: 'default' },
    { type: 'merge', body: { spec: { schedulingGates: null } } },
  )
  await bound('gated')
})

t.test('many pods at once fill the nodes to the last place and no further', async (t) => {
  const { schedule, addNode, addPod, podWorld, eventOf } = await setUp(t)
  await Promise.all(['node-1', 'node-2', 'node-3'].map((name) => addNode(name, { pods: '30', cpu: '2' })))
  schedule()
  // The CPU of each node is enough for 20 of them: five are too many.
  await Promise.all(Array.from({ length: 65 }, (_, index) => addPod(`pod-${index}`, { cpu: '100m' })))
  const all = await podWorld.until((all) =>
    all.filter(({ spec, status }) => spec.nodeName !== undefined || status.conditions?.length).length === 65
      ? all
      : undefined,
  )
  const onNode = (name: string) => all.filter(({ spec }) => spec.nodeName === name).length
  t.strictSame([onNode('node-1'), onNode('node-2'), onNode('node-3')], [20, 20, 20])
  const pending = all.find(({ spec }) => spec.nodeName === undefined)!
  t.match(await eventOf(pending.metadata.name, 'FailedScheduling'), {
    message: /^0\/3 nodes are available: 3 Insufficient cpu\. /,
  })
})

t.test('a scheduler that starts anew counts the pods that are there', async (t) => {
  const { schedule, addNode, addPod, bound, eventOf } = await setUp(t)
  await addNode('node-1', { cpu: '1' })
  const first = schedule()
  await addPod('old', { cpu: '1' })
  await bound('old')
  await first.close()
  schedule()
  await addPod('new', { cpu: '1' })
  await eventOf('new', 'FailedScheduling')
})

t.test('a pod that somebody else binds counts where it is', async (t) => {
  const { client, schedule, addNode, addPod, bound, eventOf } = await setUp(t)
  await addNode('node-1', { cpu: '1' })
  schedule()
  await addPod('by-hand', { cpu: '1', nodeSelector: { no: 'node' } })
  await eventOf('by-hand', 'FailedScheduling')
  await client.request('POST', '/api/v1/namespaces/default/pods/by-hand/binding', {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'by-hand' },
    target: { kind: 'Node', name: 'node-1' },
  })
  await bound('by-hand')
  await addPod('next', { cpu: '1' })
  t.match(await eventOf('next', 'FailedScheduling'), { message: /Insufficient cpu/ })
})
