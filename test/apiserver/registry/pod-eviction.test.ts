import t, { type Test } from 'tap'
import type { PodDisruptionBudgetStatus } from '../../../shared/api/pod-disruption-budget.ts'
import { podDisruptionBudgets, pods } from '../../../shared/client/resources.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

const inDefault = (name: string) => ({ name, namespace: 'default' })
const MESSAGE = "Cannot evict pod as it would violate the pod's disruption budget."

interface PodState {
  phase?: string
  isReady?: boolean
}

async function world(test: Test) {
  const server = await startTestApiServer(testDirectory(test))
  test.teardown(() => server.close())
  const { client, send } = server

  return {
    client,
    async pod(name: string, { phase = 'Running', isReady = true }: PodState = {}) {
      await client.create(pods, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...inDefault(name), labels: { app: 'kubia' } },
        spec: { containers: [{ name: 'c', image: 'x' }], nodeName: 'node-1' },
      })
      const conditions = [{ type: 'Ready', status: isReady ? 'True' : 'False' }]
      await client.patch(pods, inDefault(name), {
        type: 'merge',
        subresource: 'status',
        body: { status: { phase, conditions } },
      })
    },
    async budget(
      name: string,
      status: Partial<PodDisruptionBudgetStatus>,
      spec: { unhealthyPodEvictionPolicy?: 'AlwaysAllow' } = {},
    ) {
      await client.create(podDisruptionBudgets, {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: inDefault(name),
        spec: { minAvailable: 1, selector: { matchLabels: { app: 'kubia' } }, ...spec },
      })
      await client.patch(podDisruptionBudgets, inDefault(name), {
        type: 'merge',
        subresource: 'status',
        body: { status: { observedGeneration: 1, ...status } },
      })
    },
    status: async (name: string) => (await client.get(podDisruptionBudgets, inDefault(name))).status,
    exists: async (name: string) => (await send('GET', `/api/v1/namespaces/default/pods/${name}`)).status === 200,
    find: (name: string) => client.get(pods, inDefault(name)),
    evict: (name: string, deleteOptions = {}, query = '') =>
      send('POST', `/api/v1/namespaces/default/pods/${name}/eviction${query}`, {
        body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: inDefault(name), deleteOptions },
      }),
  }
}

const now = { gracePeriodSeconds: 0 }

t.test('a budget that allows it is charged', async (t) => {
  const { pod, budget, evict, status, find, exists } = await world(t)
  await pod('a')
  await pod('b')
  await budget('kubia', { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 })
  t.equal((await evict('a')).status, 201)
  t.match(await find('a'), {
    metadata: { deletionTimestamp: String },
    status: {
      conditions: [
        { type: 'Ready' },
        {
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'EvictionByEvictionAPI',
          message: 'Eviction API: evicting',
        },
      ],
    },
  })
  t.match(await status('kubia'), {
    disruptionsAllowed: 0,
    disruptedPods: { a: String },
    conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', observedGeneration: 1 }],
  })

  const refused = await evict('b')
  t.equal(refused.status, 429)
  t.same(refused.json(), {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: MESSAGE,
    reason: 'TooManyRequests',
    details: {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: 'The disruption budget kubia needs 1 healthy pods and has 2 currently',
        },
      ],
    },
    code: 429,
  })
  t.ok(await exists('b'))
  t.equal((await evict('a', now)).status, 201, 'one that is going needs no budget')
  t.notOk(await exists('a'))
})

t.test('of many evictions at once as many succeed as the budget allows', async (t) => {
  const { pod, budget, evict, status } = await world(t)
  const names = Array.from({ length: 8 }, (_, index) => `p${index}`)
  await Promise.all(names.map((name) => pod(name)))
  await budget('kubia', { disruptionsAllowed: 3, currentHealthy: 8, desiredHealthy: 5, expectedPods: 8 })
  const answers = await Promise.all(names.map((name) => evict(name, now)))
  t.same(answers.map(({ status }) => status).sort(), [201, 201, 201, 429, 429, 429, 429, 429])
  const { disruptionsAllowed, disruptedPods } = await status('kubia')
  t.equal(disruptionsAllowed, 0)
  t.equal(Object.keys(disruptedPods ?? {}).length, 3)
})

t.test('a budget that is not computed yet', async (t) => {
  const { pod, budget, evict } = await world(t)
  await pod('a')
  await budget('kubia', { observedGeneration: 0, disruptionsAllowed: 1 })
  const refused = await evict('a')
  t.equal(refused.status, 429)
  t.equal(refused.headers['retry-after'], '10')
  t.match(refused.json(), {
    message: MESSAGE,
    details: {
      retryAfterSeconds: 10,
      causes: [
        {
          reason: 'DisruptionBudget',
          message: 'The disruption budget kubia is still being processed by the server.',
        },
      ],
    },
  })
})

t.test('more than one budget', async (t) => {
  const { pod, budget, evict, exists } = await world(t)
  await pod('a')
  await budget('one', { disruptionsAllowed: 1 })
  await budget('two', { disruptionsAllowed: 1 })
  const refused = await evict('a')
  t.equal(refused.status, 500)
  t.equal(
    refused.json().message,
    'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  )
  t.ok(await exists('a'))
})

t.test('who needs no budget, and who is refused', async (t) => {
  const { pod, budget, evict, exists, status, client } = await world(t)
  await pod('pending', { phase: 'Pending', isReady: false })
  await pod('done', { phase: 'Succeeded', isReady: false })
  await pod('failed', { phase: 'Failed', isReady: false })
  await pod('sick', { isReady: false })
  await budget('kubia', { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 1, expectedPods: 4 })
  for (const name of ['pending', 'done', 'failed']) {
    t.equal((await evict(name, now)).status, 201, name)
    t.notOk(await exists(name))
  }
  t.equal((await evict('sick', now)).status, 429, 'not ready, while too few are')
  const update = (body: unknown, subresource?: 'status') =>
    client.patch(podDisruptionBudgets, inDefault('kubia'), {
      type: 'merge',
      body,
      ...(subresource !== undefined && { subresource }),
    })
  await update({ status: { currentHealthy: 1 } }, 'status')
  t.equal((await evict('sick', now)).status, 201, 'not ready, while enough are')
  await update({ status: { currentHealthy: 0 } }, 'status')
  await pod('sick', { isReady: false })
  await update({ spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } })
  t.equal((await evict('sick', now)).status, 201, 'not ready, where that is always allowed')
  t.same((await status('kubia')).disruptedPods ?? {}, {}, 'none of them was charged')
})

t.test('preconditions that do not hold, and dry runs, leave everything as it is', async (t) => {
  const { pod, budget, evict, find, status } = await world(t)
  await pod('a')
  await budget('kubia', { disruptionsAllowed: 1, currentHealthy: 1 })
  const before = await find('a')
  t.equal((await evict('a', {}, '?dryRun=All')).status, 201)
  t.equal((await evict('a', { dryRun: ['All'] })).status, 201)
  t.same(await find('a'), before)
  t.equal((await status('kubia')).disruptionsAllowed, 1)
  t.equal((await evict('a', { preconditions: { uid: 'other' } })).status, 409)
  t.same(await find('a'), before)
  const { resourceVersion } = before.metadata
  t.equal((await evict('a', { preconditions: { resourceVersion: '1' } })).status, 409)
  t.equal((await status('kubia')).disruptionsAllowed, 1)
  t.equal((await evict('a', { ...now, preconditions: { resourceVersion } })).status, 201)
})
