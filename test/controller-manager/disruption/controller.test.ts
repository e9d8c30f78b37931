import t from 'tap'
import { startDisruptionController } from '../../../controller-manager/disruption/controller.ts'
import { startReplicationController } from '../../../controller-manager/replicationcontroller/controller.ts'
import {
  events as eventResource,
  podDisruptionBudgets,
  pods,
  replicationControllers,
} from '../../../shared/client/resources.ts'
import { toTime } from '../../../shared/clock.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { type CutClient, createCutClient, cutEachWrite } from '../../support/cut-client.ts'
import { testDirectory } from '../../support/directory.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { until } from '../../support/until.ts'
import { inDefault, kubia, listPods, plainPod, revision, startManager } from '../running-controllers.ts'

const budget = (name: string, spec: { minAvailable?: number | string; maxUnavailable?: number | string }) => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: inDefault(name),
  spec: { selector: { matchLabels: { app: 'kubia' } }, ...spec },
})

t.test('the life of a budget', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  const { client, send } = server
  const clock = createFakeClock(Date.now())
  const manager = startManager(server, [startReplicationController, startDisruptionController], { clock })
  t.teardown(async () => {
    await manager.close()
    await server.close()
  })
  const status = (wanted: object) =>
    until(
      async () => {
        const { status } = await client.get(podDisruptionBudgets, inDefault('kubia'))
        return Object.entries(wanted).every(([field, value]) => status[field as 'expectedPods'] === value) && status
      },
      { describe: async () => (await client.get(podDisruptionBudgets, inDefault('kubia'))).status },
    )
  const start = (name: string) =>
    client.patch(pods, inDefault(name), {
      type: 'merge',
      subresource: 'status',
      body: { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } },
    })
  const evict = (name: string) =>
    send('POST', `/api/v1/namespaces/default/pods/${name}/eviction`, {
      body: {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: inDefault(name),
        deleteOptions: { gracePeriodSeconds: 0 },
      },
    })

  await client.create(podDisruptionBudgets, budget('kubia', { maxUnavailable: '50%' }))
  await status({ observedGeneration: 1, expectedPods: 0, disruptionsAllowed: 0 })
  await client.create(replicationControllers, kubia(4))
  await status({ expectedPods: 4, desiredHealthy: 2, currentHealthy: 0 })
  const names = (await until(async () => (await listPods(client)).length === 4 && listPods(client))).map(
    ({ metadata }) => metadata.name,
  )
  await Promise.all(names.map(start))
  const full = await status({ currentHealthy: 4, disruptionsAllowed: 2 })
  t.match(full.conditions, [{ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods' }])

  t.equal((await evict(names[0]!)).status, 201)
  t.equal((await evict(names[1]!)).status, 201)
  t.equal((await evict(names[2]!)).status, 429)
  await status({ currentHealthy: 2, disruptionsAllowed: 0, disruptedPods: undefined })

  // A granted eviction whose deletion never came is forgotten in time, and the mark on the pod as well.
  await client.patch(pods, inDefault(names[2]!), {
    type: 'strategic',
    subresource: 'status',
    body: {
      status: { conditions: [{ type: 'DisruptionTarget', status: 'True', lastTransitionTime: toTime(clock.nowMs()) }] },
    },
  })
  await client.patch(podDisruptionBudgets, inDefault('kubia'), {
    type: 'merge',
    subresource: 'status',
    body: { status: { disruptedPods: { [names[2]!]: toTime(clock.nowMs()) } } },
  })
  await status({ currentHealthy: 1 })
  await clock.advance(130_000)
  await status({ currentHealthy: 2, disruptedPods: undefined })
  await until(async () => {
    const { conditions = [] } = (await client.get(pods, inDefault(names[2]!))).status
    return conditions.some(({ type, status }) => type === 'DisruptionTarget' && status === 'False')
  })
  await until(async () => (await client.list(eventResource)).items.some(({ reason }) => reason === 'NotDeleted'))

  const before = await revision(client)
  for (let minute = 0; minute < 20; minute++) await clock.advance(60_000)
  t.equal(await revision(client), before, 'then it is quiet')
})

t.test('a budget whose pods belong to nothing of a size', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  const { client } = server
  const manager = startManager(server, [startDisruptionController])
  t.teardown(async () => {
    await manager.close()
    await server.close()
  })
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'nobody', controller: true }
  await client.create(pods, plainPod('a', { labels: { app: 'kubia' }, ownerReferences: [owner] }))
  await client.create(podDisruptionBudgets, budget('kubia', { minAvailable: '50%' }))
  const [condition] = await until(
    async () => (await client.get(podDisruptionBudgets, inDefault('kubia'))).status.conditions,
  )
  t.match(condition, {
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'SyncFailed',
    message: 'found no controllers for pod "a"',
  })
})

t.test('cut off at any write, the next one comes to the same numbers', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  const { client } = server
  t.teardown(() => server.close())
  let run = 0
  await cutEachWrite(async (cut, title) => {
    const name = `kubia-${++run}`
    const labels = { app: name }
    let counting: CutClient | undefined
    const managers = [
      startManager(server, [startDisruptionController], {
        wrap(inner) {
          counting = createCutClient(inner, cut)
          return counting.client
        },
      }),
    ]
    await managers[0]!.synced
    counting!.cut.then(() => {
      if (cut.fate === 'dies') managers.push(startManager(server, [startDisruptionController]))
    })
    const { spec, ...rest } = budget(name, { minAvailable: 1 })
    await client.create(podDisruptionBudgets, { ...rest, spec: { ...spec, selector: { matchLabels: labels } } })
    const told = (wanted: object) =>
      until(
        async () => {
          const { status } = await client.get(podDisruptionBudgets, inDefault(name))
          return Object.entries(wanted).every(([field, value]) => status[field as 'expectedPods'] === value)
        },
        { describe: () => title },
      )
    await told({ observedGeneration: 1, expectedPods: 0 })
    for (const pod of [`${name}-a`, `${name}-b`]) {
      await client.create(pods, plainPod(pod, { labels }))
      await client.patch(pods, inDefault(pod), {
        type: 'merge',
        subresource: 'status',
        body: { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } },
      })
    }
    await told({ expectedPods: 2, currentHealthy: 2, desiredHealthy: 1, disruptionsAllowed: 1 })
    for (const manager of managers) await manager.close()
    return counting!.isCut
  })
  t.ok(run > 4)
})

t.test('a pod under several budgets cannot be evicted, and its events say so', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  const { client, send } = server
  for (const name of ['first', 'second']) await client.create(podDisruptionBudgets, budget(name, { minAvailable: 1 }))
  const manager = startManager(server, [startDisruptionController])
  t.teardown(async () => {
    await manager.close()
    await server.close()
  })
  await manager.synced
  await client.create(pods, plainPod('torn', { labels: { app: 'kubia' } }, { nodeName: 'node-1' }))
  const body = { status: { phase: 'Running' } }
  await client.patch(pods, inDefault('torn'), { type: 'merge', subresource: 'status', body })
  const told = await until(async () =>
    (await client.list(eventResource)).items.find(({ reason }) => reason === 'MultiplePodDisruptionBudgets'),
  )
  t.match(told, {
    type: 'Warning',
    involvedObject: { kind: 'Pod', name: 'torn' },
    message: /^Pod "default"\/"torn" matches multiple PodDisruptionBudgets\. {2}Chose "(first|second)" arbitrarily\.$/,
  })
  const answer = await send('POST', '/api/v1/namespaces/default/pods/torn/eviction', {
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: inDefault('torn') },
  })
  t.equal(answer.status, 500)
})
