import t from 'tap'
import type { ReplicaSet } from '../../../shared/api/replica-set.ts'
import { deployments, events, pods, replicaSets } from '../../../shared/client/resources.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { until } from '../../support/until.ts'
import { inDefault, listPods } from '../running-controllers.ts'
import { condition, templateOf, versionOf, web, world } from './running-deployments.ts'

t.test('Recreate waits until the last old pod has gone', async (t) => {
  let mayEnd = false
  const { client, hollow, manage, sets, setVersion, whenRolledOut, when } = await world(t, { mayEnd: () => mayEnd })
  manage()
  const draft = web({ replicas: 2, strategy: { type: 'Recreate' } })
  draft.spec!.template!.spec!.nodeName = 'node-1'
  await client.create(deployments, draft)
  await whenRolledOut()
  await setVersion('2')
  await when(({ status }) => status.terminatingReplicas === 2)
  t.equal((await sets()).length, 1, 'no new ReplicaSet yet')
  t.ok((await listPods(client)).every(({ metadata }) => metadata.deletionTimestamp !== undefined))
  mayEnd = true
  hollow.look()
  await whenRolledOut()
  t.same((await sets()).map((set) => [versionOf(set), set.spec.replicas]).sort(), [
    ['1', 0],
    ['2', 2],
  ])
})

t.test('a rollout that stands still is told, by the clock', async (t) => {
  const clock = createFakeClock(Math.floor(Date.now() / 1_000) * 1_000)
  let isHealthy = true
  const { client, hollow, get, manage, setVersion, whenRolledOut } = await world(t, {
    clock,
    isHealthy: () => isHealthy,
  })
  manage({ clock })
  /** Lets time pass until the condition says so. */
  const reason = (wanted: string, stepMs: number) =>
    until(async () => {
      await clock.advance(stepMs)
      const progress = condition(await get(), 'Progressing')
      return progress?.reason === wanted && progress
    })
  await client.create(deployments, web({ replicas: 1, progressDeadlineSeconds: 60 }))
  await reason('NewReplicaSetAvailable', 1)
  isHealthy = false
  await setVersion('2')
  const begun = await reason('ReplicaSetUpdated', 1)
  const stuck = await reason('ProgressDeadlineExceeded', 1_000)
  t.match(stuck, { status: 'False', message: /^ReplicaSet "web-\w+" has timed out progressing\.$/ })
  const waitedMs = Date.parse(stuck.lastUpdateTime!) - Date.parse(begun.lastUpdateTime!)
  t.ok(waitedMs > 60_000 && waitedMs <= 63_000, `${waitedMs} ms`)
  t.match(condition(await get(), 'Available'), { status: 'True' }, 'the old pod serves on')
  isHealthy = true
  hollow.look()
  await reason('NewReplicaSetAvailable', 1)
  await whenRolledOut()
})

t.test('pods count only after minReadySeconds', async (t) => {
  const clock = createFakeClock(Math.floor(Date.now() / 1_000) * 1_000)
  const { client, get, manage } = await world(t, { clock })
  manage({ clock })
  await client.create(deployments, web({ replicas: 2, minReadySeconds: 30 }))
  const counts = async () => {
    await clock.advance(1)
    return (await get()).status
  }
  await until(async () => (await counts()).readyReplicas === 2)
  t.equal((await counts()).availableReplicas, undefined)
  t.equal((await counts()).unavailableReplicas, 2)
  await clock.advance(30_000)
  await until(async () => (await counts()).availableReplicas === 2)
  t.match(condition(await get(), 'Available'), { status: 'True' })
})

t.test('paused in the middle, scaled, and resumed', async (t) => {
  let isHealthy = true
  const { client, hollow, manage, get, sets, patch, setVersion, when, whenRolledOut } = await world(t, {
    isHealthy: () => isHealthy,
  })
  manage()
  const strategy = { type: 'RollingUpdate' as const, rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } }
  await client.create(deployments, web({ replicas: 4, strategy }))
  await whenRolledOut()
  isHealthy = false
  await setVersion('2')
  await when(({ status }) => status.updatedReplicas === 2)
  await patch({ spec: { paused: true } })
  await until(async () => condition(await get(), 'Progressing')?.reason === 'DeploymentPaused')
  await patch({ spec: { replicas: 10 } })
  await when(({ status }) => status.replicas === 12)
  const sizes = async () => (await sets()).map((set) => [versionOf(set), set.spec.replicas]).sort()
  t.same(
    await sizes(),
    [
      ['1', 8],
      ['2', 4],
    ],
    'each grows by its share, within the surge',
  )
  isHealthy = true
  hollow.look()
  await patch({ spec: { paused: false } })
  await whenRolledOut()
  t.same(await sizes(), [
    ['1', 0],
    ['2', 10],
  ])
})

t.test('the name of the new ReplicaSet is taken by a stranger', async (t) => {
  const { client, get, manage, sets, whenRolledOut } = await world(t)
  const manager = manage()
  await client.create(deployments, web({ replicas: 0 }))
  await whenRolledOut()
  const [{ metadata, spec }] = (await sets()) as [ReplicaSet]
  await manager.close()
  await client.delete(deployments, inDefault('web'))
  await client.delete(replicaSets, inDefault(metadata.name))
  const selector = { matchLabels: { app: 'other' } }
  const stranger = {
    metadata: { name: metadata.name, namespace: 'default' },
    spec: { ...spec, selector, template: templateOf('1', 'other') },
  }
  await client.create(replicaSets, { apiVersion: 'apps/v1', kind: 'ReplicaSet', ...stranger })
  manage()
  await client.create(deployments, web({ replicas: 1 }))
  await whenRolledOut()
  t.equal((await get()).status.collisionCount, 1)
  t.not((await sets())[0]!.metadata.name, metadata.name)
})

t.test('orphans are adopted, and let go when they no longer match', async (t) => {
  const { client, manage, sets, whenRolledOut } = await world(t)
  const manager = manage()
  await client.create(deployments, web({ replicas: 2 }))
  await whenRolledOut()
  const [{ metadata }] = (await sets()) as [ReplicaSet]
  await manager.close()
  await client.delete(deployments, inDefault('web'))
  await client.patch(replicaSets, inDefault(metadata.name), {
    type: 'merge',
    body: { metadata: { ownerReferences: null } },
  })
  const before = (await listPods(client)).map((pod) => pod.metadata.uid)
  const again = await client.create(deployments, web({ replicas: 2 }))
  manage()
  await whenRolledOut()
  const [adopted] = await sets()
  t.equal(adopted!.metadata.uid, metadata.uid)
  t.match(adopted!.metadata.ownerReferences, [{ uid: again.metadata.uid, controller: true }])
  t.same(
    (await listPods(client)).map((pod) => pod.metadata.uid),
    before,
    'its pods are taken over as they are',
  )

  await client.patch(replicaSets, inDefault(metadata.name), {
    type: 'merge',
    body: { metadata: { labels: { app: 'x' } } },
  })
  await until(async () => (await sets())[0]?.metadata.uid !== metadata.uid && (await sets()).length === 1)
  await whenRolledOut()
  t.same((await client.get(replicaSets, inDefault(metadata.name))).metadata.ownerReferences ?? [], [])
})

t.test('a template that cannot become a ReplicaSet is told in status and events', async (t) => {
  const { client, get, manage, whenRolledOut } = await world(t)
  let isBroken = true
  manage({
    wrap: (inner) => ({
      ...inner,
      create: (resource, object) =>
        isBroken && resource.plural === 'replicasets'
          ? Promise.reject(new Error('replicasets.apps is forbidden: exceeded quota'))
          : inner.create(resource, object),
    }),
  })
  await client.create(deployments, web({ replicas: 1 }))
  const told = await until(async () => condition(await get(), 'Progressing'))
  t.match(told, {
    status: 'False',
    reason: 'ReplicaSetCreateError',
    message: /^Failed to create new replica set "web-\w+": replicasets/,
  })
  const event = await until(async () => (await client.list(events)).items[0])
  t.match(event, { type: 'Warning', reason: 'ReplicaSetCreateError', source: { component: 'deployment-controller' } })
  isBroken = false
  await whenRolledOut()
})

t.test('pods that cannot be made are told by the Deployment too', async (t) => {
  const { client, get, manage, whenRolledOut } = await world(t)
  let isBroken = true
  manage({
    wrap: (inner) => ({
      ...inner,
      create: (resource, object) =>
        isBroken && resource.plural === 'pods'
          ? Promise.reject(new Error('exceeded quota'))
          : inner.create(resource, object),
    }),
  })
  await client.create(deployments, web({ replicas: 1 }))
  const told = await until(async () => condition(await get(), 'ReplicaFailure'))
  t.match(told, { status: 'True', reason: 'FailedCreate', message: 'exceeded quota' })
  isBroken = false
  await whenRolledOut()
  await until(async () => condition(await get(), 'ReplicaFailure') === undefined)
})

t.test('a settled cluster is quiet, also when the controllers start again', async (t) => {
  const { client, manage, setVersion, whenRolledOut } = await world(t)
  const clock = createFakeClock(Date.now())
  const manager = manage()
  await client.create(deployments, web())
  await whenRolledOut()
  await setVersion('2')
  await whenRolledOut()
  const versions = async () => {
    const lists = [client.list(deployments), client.list(replicaSets), client.list(pods)] as const
    const items = (await Promise.all(lists)).flatMap(({ items }) => items.map(({ metadata }) => metadata))
    return items
      .filter(({ name }) => !name.startsWith('other'))
      .map(({ name, resourceVersion }) => [name, resourceVersion])
  }
  const before = await versions()
  await manager.close()
  const restarted = manage({ clock })
  await restarted.synced
  for (let minute = 0; minute < 20; minute++) await clock.advance(60_000)
  // What the new controllers do for another Deployment they do after what they found.
  await client.create(deployments, web({ replicas: 1 }, { name: 'other' }))
  const pump = setInterval(() => clock.advance(10), 5)
  t.teardown(() => clearInterval(pump))
  await whenRolledOut('other')
  t.same(await versions(), before)
})
