import t, { type Test } from 'tap'
import { startGarbageCollector } from '../../../controller-manager/garbagecollector/controller.ts'
import type { ControllerOptions } from '../../../controller-manager/options.ts'
import type { Kind, KubeObject } from '../../../shared/api/kind.ts'
import type { OwnerReference } from '../../../shared/api/meta.ts'
import type { Client } from '../../../shared/client/client.ts'
import { configMaps, events, nodes, pods, replicationControllers } from '../../../shared/client/resources.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { widget } from '../../support/kinds.ts'
import { until } from '../../support/until.ts'
import { inDefault, kubia, listPods, plainPod, revision, startManager } from '../running-controllers.ts'

type Prepare = (client: Client) => Promise<void>

async function world(test: Test, { prepare }: { prepare?: Prepare } = {}) {
  const { client } = await startWorld(test, { ...(prepare !== undefined && { prepare }) })
  return client
}

async function startWorld(
  test: Test,
  { prepare, options = {} }: { prepare?: Prepare; options?: Partial<ControllerOptions> },
) {
  const server = await startTestApiServer(testDirectory(test))
  await prepare?.(server.client)
  const manager = startManager(server, [startGarbageCollector], { options })
  test.teardown(async () => {
    await manager.close()
    await server.close()
  })
  return server
}

const ref = ({ apiVersion, kind, metadata }: KubeObject, more: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid,
  ...more,
})

const create = (client: Client, name: string, owners: OwnerReference[] = [], finalizers: string[] = []) =>
  client.create(configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', ownerReferences: owners, finalizers },
  })

const names = async (client: Client) =>
  (await client.list(configMaps, { namespace: 'default' })).items.map(({ metadata }) => metadata.name).sort()

const left = (client: Client, wanted: string[]) =>
  until(async () => (await names(client)).join() === wanted.join(), { describe: () => names(client) })

const remove = (client: Client, name: string, propagationPolicy: 'Background' | 'Foreground' | 'Orphan') =>
  client.delete(configMaps, inDefault(name), { propagationPolicy })

t.test('background: dependents follow, level by level', async (t) => {
  const client = await world(t)
  const root = await create(client, 'root')
  const middle = await create(client, 'middle', [ref(root)])
  await create(client, 'leaf', [ref(middle)])
  const other = await create(client, 'other')
  await create(client, 'shared', [ref(root), ref(other)])
  await remove(client, 'root', 'Background')
  await left(client, ['other', 'shared'])
  const shared = await until(async () => {
    const object = await client.get(configMaps, inDefault('shared'))
    return object.metadata.ownerReferences?.length === 1 && object
  })
  t.same(shared.metadata.ownerReferences, [ref(other)], 'what others own stays, without the owner that is gone')
})

t.test('what happened while nobody watched', async (t) => {
  const client = await world(t, {
    async prepare(client) {
      const root = await create(client, 'root')
      const living = await create(client, 'living')
      await create(client, 'lost', [ref(root)])
      await create(client, 'kept', [ref(living)])
      await create(client, 'namesake', [ref(living, { uid: 'another-uid' })])
      await remove(client, 'root', 'Background')
    },
  })
  await left(client, ['kept', 'living'])
})

t.test('orphan: dependents stay, and forget their owner', async (t) => {
  const client = await world(t)
  const rc = await client.create(replicationControllers, kubia(2))
  const owner = ref(rc, { controller: true, blockOwnerDeletion: true })
  for (const name of ['a', 'b']) {
    await client.create(pods, plainPod(name, { labels: { app: 'kubia' }, ownerReferences: [owner] }))
  }
  await client.delete(replicationControllers, inDefault('kubia'), { propagationPolicy: 'Orphan' })
  await until(async () => (await client.list(replicationControllers)).items.length === 0)
  const orphans = await listPods(client)
  t.equal(orphans.length, 2)
  for (const { metadata } of orphans) t.same(metadata.ownerReferences ?? [], [])
})

t.test('foreground: the owner goes last', async (t) => {
  const client = await world(t)
  const root = await create(client, 'root')
  await create(client, 'blocking', [ref(root, { blockOwnerDeletion: true })], ['example.com/hold'])
  await create(client, 'loose', [ref(root)])
  await remove(client, 'root', 'Foreground')
  await until(
    async () =>
      (await client.get(configMaps, inDefault('blocking'))).metadata.deletionTimestamp !== undefined &&
      (await names(client)).includes('root'),
  )
  await client.patch(configMaps, inDefault('blocking'), { type: 'merge', body: { metadata: { finalizers: null } } })
  await left(client, [])
})

t.test('a circle in foreground deletion is cut', async (t) => {
  const client = await world(t)
  const a = await create(client, 'a')
  const b = await create(client, 'b', [ref(a, { blockOwnerDeletion: true })])
  await client.patch(configMaps, inDefault('a'), {
    type: 'merge',
    body: { metadata: { ownerReferences: [ref(b, { blockOwnerDeletion: true })] } },
  })
  await remove(client, 'a', 'Foreground')
  await left(client, [])
})

t.test('a cluster-scoped owner', async (t) => {
  const client = await world(t)
  const node = await client.create(nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1' },
    spec: {},
    status: {},
  })
  await create(client, 'of-node', [ref(node)])
  await create(client, 'of-nobody', [ref(node, { kind: 'Pod', uid: 'no-such-uid' })])
  await left(client, ['of-node'])
  const before = await revision(client)
  t.same(await names(client), ['of-node'])
  t.equal(await revision(client), before)
  await client.delete(nodes, { name: 'node-1' })
  await left(client, [])
})

t.test('an owner in another namespace is none', async (t) => {
  const client = await world(t)
  const namespaced = (name: string, namespace: string, owners: OwnerReference[] = []) =>
    client.create(configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace, ownerReferences: owners },
    })
  const owner = await namespaced('owner', 'kube-public')
  const child = await namespaced('child', 'default', [ref(owner)])
  await namespaced('sibling', 'kube-public', [ref(owner)])
  await left(client, [])
  const [told] = await until(async () => {
    const { items } = await client.list(events, { namespace: 'default' })
    return items.length > 0 && items
  })
  t.match(told, {
    type: 'Warning',
    reason: 'OwnerRefInvalidNamespace',
    message: `ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${owner.metadata.uid}] does not exist in namespace "default"`,
    involvedObject: { kind: 'ConfigMap', name: 'child', uid: child.metadata.uid },
    source: { component: 'garbage-collector-controller' },
  })
  t.ok(await client.get(configMaps, { name: 'sibling', namespace: 'kube-public' }), 'beside its owner it stays')
})

t.test('kinds that come and go', async (t) => {
  const server = await startWorld(t, { options: { 'garbage-collector-discovery-period': 20 } })
  const { client } = server
  const kind = widget as unknown as Kind
  await server.registerKind(kind)
  const make = (name: string) =>
    client.create(
      widget as never,
      { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, namespace: 'default' } } as never,
    )
  const [first, second] = [await make('first'), await make('second')]
  await create(client, 'of-first', [ref(first)])
  await create(client, 'of-second', [ref(second)])
  await client.delete(widget as never, inDefault('first'), { propagationPolicy: 'Background' })
  await left(client, ['of-second'])

  await server.unregisterKind(kind)
  const root = await create(client, 'root')
  await create(client, 'of-both', [ref(root), ref(second)])
  await create(client, 'of-root', [ref(root)])
  await remove(client, 'root', 'Background')
  await left(client, ['of-both', 'of-second'])

  await server.registerKind(kind)
  await client.delete(widget as never, inDefault('second'), { propagationPolicy: 'Background' })
  await left(client, [])
})
