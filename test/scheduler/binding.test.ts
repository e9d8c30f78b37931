import t from 'tap'
import { pods } from '../../shared/client/resources.ts'
import { forbidden, unavailable } from '../../shared/errors.ts'
import { type Intercept, setUp } from './world.ts'

/** Does `instead` for the first binding, and lets everything after it pass. */
function onFirstBinding(instead: Intercept): { intercept: Intercept; bindings: string[] } {
  const bindings: string[] = []
  return {
    bindings,
    intercept(send, path) {
      bindings.push(path)
      return bindings.length === 1 ? instead(send, path) : send()
    },
  }
}

t.test('a binding that did not reach the server is tried again', async (t) => {
  const { intercept, bindings } = onFirstBinding(async () => {
    throw unavailable('the request was lost')
  })
  const { schedule, addNode, addPod, bound, eventOf, podWorld } = await setUp(t, { intercept })
  await addNode('node-1')
  schedule()
  await addPod('kubia')
  await bound('kubia')
  await eventOf('kubia', 'Scheduled')
  t.equal(bindings.length, 2)
  t.equal(podWorld.list().length, 1)
})

t.test('a binding whose answer was lost stands', async (t) => {
  const { intercept } = onFirstBinding(async (send) => {
    await send()
    throw unavailable('the answer was lost')
  })
  const { schedule, addNode, addPod, bound, eventOf } = await setUp(t, { intercept })
  await addNode('node-1', { cpu: '1' })
  schedule()
  await addPod('first', { cpu: '1' })
  await bound('first')
  await addPod('second', { cpu: '1' })
  t.match(await eventOf('second', 'FailedScheduling'), { message: /^0\/1 nodes are available: 1 Insufficient cpu\. / })
})

t.test('the room of a pod whose binding is in doubt is not given to another', async (t) => {
  const { intercept } = onFirstBinding(async () => {
    throw unavailable('the request was lost')
  })
  const { schedule, addNode, addPod, bound, eventOf, podWorld } = await setUp(t, { intercept })
  await addNode('node-1', { cpu: '1' })
  schedule()
  await addPod('first', { cpu: '1' })
  await addPod('second', { cpu: '1' })
  await eventOf('second', 'FailedScheduling')
  await bound('first')
  t.equal(podWorld.get('default/second')?.spec.nodeName, undefined)
})

t.test('a binding that the server refuses is reported, and tried again', async (t) => {
  const { intercept } = onFirstBinding(async () => {
    throw forbidden({ group: '', resource: 'pods/binding', name: 'kubia' }, 'not today')
  })
  const { schedule, addNode, addPod, bound, eventOf, podWorld } = await setUp(t, { intercept })
  await addNode('node-1')
  schedule()
  await addPod('kubia')
  const message = 'binding rejected: pods/binding "kubia" is forbidden: not today'
  // Waited for together: the next try, which succeeds, replaces the condition.
  const [event, condition] = await Promise.all([
    eventOf('kubia', 'FailedScheduling'),
    podWorld.until(([pod]) => pod?.status.conditions?.find(({ reason }) => reason === 'SchedulerError')),
  ])
  t.match(event, { type: 'Warning', message })
  t.match(condition, { type: 'PodScheduled', status: 'False', message })
  await bound('kubia')
})

t.test('a pod that is deleted while it is being bound is let go', async (t) => {
  const { promise: held, resolve: hold } = Promise.withResolvers<void>()
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { intercept, bindings } = onFirstBinding(async (send) => {
    hold()
    await released
    return send()
  })
  const { client, schedule, addNode, addPod, bound } = await setUp(t, { intercept })
  await addNode('node-1', { cpu: '1' })
  schedule()
  await addPod('first', { cpu: '1' })
  await held
  await client.delete(pods, { name: 'first', namespace: 'default' }, { gracePeriodSeconds: 0 })
  release()
  await addPod('second', { cpu: '1' })
  await bound('second')
  t.equal(bindings.length, 2, 'it was not tried again')
})
