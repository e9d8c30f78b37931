import t from 'tap'
import { startPodGarbageCollector } from '../../../controller-manager/podgc/controller.ts'
import { nodes, pods } from '../../../shared/client/resources.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { until } from '../../support/until.ts'
import { inDefault, listPods, plainPod, startManager } from '../running-controllers.ts'

t.test('pods of a removed node, and unbound ones that are going, are removed', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  const { client } = server
  const clock = createFakeClock(Date.now())
  await client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, spec: {}, status: {} })
  await client.create(pods, plainPod('stays', {}, { nodeName: 'node-1' }))
  await client.create(pods, plainPod('orphan', {}, { nodeName: 'gone' }))
  await client.create(pods, plainPod('held', { finalizers: ['example.com/hold'] }, { nodeName: 'gone' }))
  const manager = startManager(server, [startPodGarbageCollector], { clock })
  t.teardown(async () => {
    await manager.close()
    await server.close()
  })
  await manager.synced
  await clock.advance(20_000)
  t.equal((await listPods(client)).length, 3, 'the node is in quarantine')
  await until(async () => {
    await clock.advance(20_000)
    return (await listPods(client)).every(({ metadata }) => metadata.name !== 'orphan')
  })
  const held = await until(async () => {
    const pod = await client.get(pods, inDefault('held'))
    return pod.metadata.deletionTimestamp !== undefined && pod
  })
  t.equal(held.status.phase, 'Failed')
  t.match(held.status.conditions, [
    { type: 'DisruptionTarget', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' },
  ])
  t.same((await listPods(client)).map(({ metadata }) => metadata.name).sort(), ['held', 'stays'])
})
