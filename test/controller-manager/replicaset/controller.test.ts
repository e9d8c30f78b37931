import t, { type Test } from 'tap'
import { startReplicaSetController } from '../../../controller-manager/replicaset/controller.ts'
import type { Draft } from '../../../shared/api/kind.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import type { ReplicaSet } from '../../../shared/api/replica-set.ts'
import { events, pods, replicaSets } from '../../../shared/client/resources.ts'
import { controllerOf } from '../../../shared/controller/indexes.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { type HollowKubeletOptions, startHollowKubelet } from '../../support/hollow-kubelet.ts'
import { until } from '../../support/until.ts'
import { inDefault, listPods, plainPod, startManager } from '../running-controllers.ts'

const CONTROLLERS = [startReplicaSetController]

type Spec = NonNullable<Draft<ReplicaSet>['spec']>

/** Labels of the template's pods, and a node that they are bound to. */
interface Template {
  labels?: Record<string, string>
  nodeName?: string
}

function replicaSet(
  spec: Spec,
  { name = 'kubia', labels = { app: 'kubia' }, nodeName }: Template & { name?: string } = {},
): Draft<ReplicaSet> {
  const containers = [{ name: 'kubia', image: 'luksa/kubia' }]
  const template = { metadata: { labels }, spec: { containers, ...(nodeName !== undefined && { nodeName }) } }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'kubia' } }, template, ...spec },
  }
}

async function world(test: Test, kubelet: HollowKubeletOptions = {}) {
  const server = await startTestApiServer(testDirectory(test))
  const { client } = server
  const hollow = startHollowKubelet(client, kubelet)
  const open: { close(): Promise<void> }[] = [hollow]
  test.teardown(async () => {
    for (const { close } of open) await close()
    await server.close()
  })
  const get = (name = 'kubia') => client.get(replicaSets, inDefault(name))
  return {
    client,
    hollow,
    get,
    manage(options: Parameters<typeof startManager>[2] = {}) {
      const manager = startManager(server, CONTROLLERS, options)
      open.push(manager)
      return manager
    },
    status: (wanted: Partial<ReplicaSet['status']>, name = 'kubia') =>
      until(
        async () => {
          const status: Readonly<Record<string, unknown>> = (await get(name)).status
          return Object.entries(wanted).every(([field, value]) => status[field] === value)
        },
        { describe: async () => (await get(name)).status },
      ),
  }
}

t.test('the life of a ReplicaSet', async (t) => {
  const { client, manage, get, status } = await world(t)
  manage()
  const created = await client.create(replicaSets, replicaSet({ replicas: 3 }))
  await status({ availableReplicas: 3 })
  t.same((await get()).status, {
    replicas: 3,
    fullyLabeledReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    terminatingReplicas: 0,
    observedGeneration: 1,
  })
  const [first] = await listPods(client)
  t.match(first!.metadata.name, /^kubia-[a-z0-9]{5}$/)
  t.match(first!.metadata.ownerReferences, [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', uid: created.metadata.uid }])
  await client.patch(replicaSets, inDefault('kubia'), { type: 'merge', body: { spec: { replicas: 1 } } })
  await status({ replicas: 1, observedGeneration: 2 })
  const told = await until(async () => {
    const { items } = await client.list(events)
    return items.length === 5 && items
  })
  const texts = told.map(
    ({ reason, message, source }) => `${reason} ${message?.replace(/-.*/, '')} ${source?.component}`,
  )
  t.same([...new Set(texts)].sort(), [
    'SuccessfulCreate Created pod: kubia replicaset-controller',
    'SuccessfulDelete Deleted pod: kubia replicaset-controller',
  ])
})

t.test('all conditions of the selector count', async (t) => {
  const { client, manage, status } = await world(t)
  const strays: Record<string, Record<string, string>> = {
    fits: { app: 'kubia', env: 'dev', tier: 'x' },
    'fits-too': { app: 'kubia', env: 'qa', tier: '' },
    'other-app': { app: 'foo', env: 'dev', tier: 'x' },
    'not-in': { app: 'kubia', env: 'prod', tier: 'x' },
    'lacks-tier': { app: 'kubia', env: 'dev' },
    'has-legacy': { app: 'kubia', env: 'dev', tier: 'x', legacy: '' },
  }
  for (const [name, labels] of Object.entries(strays)) await client.create(pods, plainPod(name, { labels }))
  const selector = {
    matchLabels: { app: 'kubia' },
    matchExpressions: [
      { key: 'env', operator: 'NotIn', values: ['prod', 'stage'] },
      { key: 'env', operator: 'In', values: ['dev', 'qa'] },
      { key: 'tier', operator: 'Exists' },
      { key: 'legacy', operator: 'DoesNotExist' },
    ],
  }
  await client.create(replicaSets, replicaSet({ replicas: 2, selector }, { labels: strays.fits! }))
  manage()
  await status({ replicas: 2, fullyLabeledReplicas: 1 })
  const owned = (await listPods(client)).filter((pod) => controllerOf(pod) !== undefined)
  t.same(owned.map(({ metadata }) => metadata.name).sort(), ['fits', 'fits-too'])
})

t.test('pods count as available after minReadySeconds, and as terminating until they are gone', async (t) => {
  const clock = createFakeClock(Math.floor(Date.now() / 1_000) * 1_000)
  let mayEnd = false
  const { client, hollow, manage, get, status } = await world(t, { clock, mayEnd: () => mayEnd })
  manage({ clock })
  await client.create(replicaSets, replicaSet({ replicas: 2, minReadySeconds: 30 }, { nodeName: 'node-1' }))
  await status({ readyReplicas: 2 })
  await clock.advance(29_000)
  t.equal((await get()).status.availableReplicas, undefined)
  await clock.advance(1_000)
  await status({ availableReplicas: 2 })
  await client.patch(replicaSets, inDefault('kubia'), { type: 'merge', body: { spec: { replicas: 1 } } })
  await status({ replicas: 1, terminatingReplicas: 1, availableReplicas: 1 })
  mayEnd = true
  hollow.look()
  await status({ replicas: 1, terminatingReplicas: 0 })
})

t.test('among ReplicaSets of one owner, pods doubled up on a node go first', async (t) => {
  const { client, manage, status } = await world(t)
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'uid-web', controller: true }
  const bound = (name: string, app: string, nodeName: string): Draft<Pod> =>
    plainPod(name, { labels: { app } }, { nodeName })
  // One replica on each node; on the second there is one of the sister, too.
  for (const pod of [bound('a', 'kubia', 'n1'), bound('b', 'kubia', 'n2'), bound('c', 'sister', 'n2')])
    await client.create(pods, pod)
  const sister = replicaSet(
    { replicas: 1, selector: { matchLabels: { app: 'sister' } } },
    { name: 'sister', labels: { app: 'sister' } },
  )
  const kubia = replicaSet({ replicas: 2 })
  for (const draft of [kubia, sister]) {
    draft.metadata.ownerReferences = [owner]
    await client.create(replicaSets, draft)
  }
  manage()
  await status({ availableReplicas: 2 })
  await status({ availableReplicas: 1 }, 'sister')
  await client.patch(replicaSets, inDefault('kubia'), { type: 'merge', body: { spec: { replicas: 1 } } })
  await status({ replicas: 1, terminatingReplicas: 0 })
  t.same((await listPods(client)).map(({ metadata }) => metadata.name).sort(), ['a', 'c'])
})

t.test('a settled cluster is quiet, also when the controller starts again', async (t) => {
  const { client, manage, status } = await world(t)
  const manager = manage()
  await client.create(replicaSets, replicaSet({ replicas: 3 }))
  await status({ availableReplicas: 3 })
  const versions = async () =>
    [...(await client.list(replicaSets)).items, ...(await listPods(client))]
      .filter(({ metadata }) => !metadata.name.startsWith('other'))
      .map(({ metadata }) => [metadata.name, metadata.resourceVersion])
  const before = await versions()
  await manager.close()
  const clock = createFakeClock(Date.now())
  const restarted = manage({ clock })
  await restarted.synced
  for (let minute = 0; minute < 20; minute++) await clock.advance(60_000)
  // What the new controller does for another ReplicaSet it does after what it found.
  const selector = { matchLabels: { app: 'other' } }
  await client.create(replicaSets, replicaSet({ replicas: 1, selector }, { name: 'other', labels: { app: 'other' } }))
  await status({ availableReplicas: 1 }, 'other')
  t.same(await versions(), before)
})
