import t, { type Test } from 'tap'
import { startReplicationController } from '../../../controller-manager/replicationcontroller/controller.ts'
import type { Client } from '../../../shared/client/client.ts'
import { events as eventResource, pods, replicationControllers } from '../../../shared/client/resources.ts'
import { controllerOf } from '../../../shared/controller/indexes.ts'
import { unavailable } from '../../../shared/errors.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { until } from '../../support/until.ts'
import { getRc, inDefault, kubia, listPods, plainPod, revision, startManager } from '../running-controllers.ts'

const CONTROLLERS = [startReplicationController]

/** The server and its client; a manager is started by the tests. */
async function world(test: Test) {
  const server = await startTestApiServer(testDirectory(test))
  const { client } = server
  const open: { close(): Promise<void> }[] = []
  test.teardown(async () => {
    for (const { close } of open) await close()
    await server.close()
  })
  return {
    client,
    manage(options: Parameters<typeof startManager>[2] = {}) {
      const manager = startManager(server, CONTROLLERS, options)
      open.push(manager)
      return manager
    },
    /** Waits until this many pods are owned by the controller, and returns them. */
    owned: (count: number) =>
      until(
        async () => {
          const living = (await listPods(client)).filter(
            (pod) => controllerOf(pod) !== undefined && pod.metadata.deletionTimestamp === undefined,
          )
          return living.length === count && living
        },
        { describe: async () => (await listPods(client)).map(({ metadata }) => metadata) },
      ),
    status: (replicas: number) => until(async () => (await getRc(client)).status.replicas === replicas),
  }
}

const scale = (client: Client, replicas: number) =>
  client.patch(replicationControllers, inDefault('kubia'), { type: 'merge', body: { spec: { replicas } } })

t.test('the life of a ReplicationController', async (t) => {
  const { client, manage, owned, status } = await world(t)
  manage()
  const rc = await client.create(replicationControllers, kubia(3))
  const [first, second] = await owned(3)
  t.match(first!.metadata.name, /^kubia-[a-z0-9]{5}$/)
  t.same(first!.metadata.labels, { app: 'kubia' })
  t.same(first!.metadata.ownerReferences, [
    {
      apiVersion: 'v1',
      kind: 'ReplicationController',
      name: 'kubia',
      uid: rc.metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    },
  ])
  await status(3)
  t.same((await getRc(client)).status, { replicas: 3, fullyLabeledReplicas: 3, observedGeneration: 1 })

  await client.delete(pods, inDefault(first!.metadata.name))
  await until(async () => (await owned(3)).every(({ metadata }) => metadata.uid !== first!.metadata.uid))

  await client.patch(pods, inDefault(second!.metadata.name), {
    type: 'merge',
    body: { metadata: { labels: { app: 'foo' } } },
  })
  await until(async () => (await owned(3)).every(({ metadata }) => metadata.uid !== second!.metadata.uid))
  const released = await client.get(pods, inDefault(second!.metadata.name))
  t.same(released.metadata.ownerReferences ?? [], [], 'a relabelled pod is let go')

  await client.patch(pods, inDefault(second!.metadata.name), {
    type: 'merge',
    body: { metadata: { labels: { app: 'kubia' } } },
  })
  await owned(3)
  await scale(client, 5)
  await owned(5)
  await scale(client, 1)
  await owned(1)
  await status(1)
  t.equal((await getRc(client)).status.observedGeneration, 3)

  const told = await until(async () => {
    const { items } = await client.list(eventResource)
    return items.filter(({ reason }) => reason === 'SuccessfulDelete').length >= 4 && items
  })
  const messages = new Set(
    told.map(
      ({ type, reason, message, source }) => `${type} ${reason} ${message?.replace(/-.*/, '')} ${source?.component}`,
    ),
  )
  t.same([...messages].sort(), [
    'Normal SuccessfulCreate Created pod: kubia replication-controller',
    'Normal SuccessfulDelete Deleted pod: kubia replication-controller',
  ])
})

t.test('adopts orphans that match, instead of creating', async (t) => {
  const { client, manage, owned } = await world(t)
  await client.create(pods, plainPod('stray', { labels: { app: 'kubia' } }))
  await client.create(replicationControllers, kubia(2))
  manage()
  const living = await owned(2)
  t.ok(living.some(({ metadata }) => metadata.name === 'stray'))
})

t.test('a settled cluster is quiet, also when the controller starts again', async (t) => {
  const { client, manage, owned, status } = await world(t)
  const clock = createFakeClock(Date.now())
  const manager = manage({ clock })
  await client.create(replicationControllers, kubia(3))
  await owned(3)
  await status(3)
  await until(async () => (await client.list(eventResource)).items.length === 3)
  const before = await revision(client)
  for (let minute = 0; minute < 20; minute++) await clock.advance(60_000)
  t.equal(await revision(client), before, 'no write in twenty minutes')

  await manager.close()
  manage({ clock })
  // What it does for another one it does after what it found.
  await client.create(replicationControllers, kubia(0, 'other'))
  await until(async () => (await getRc(client, 'other')).status.observedGeneration === 1)
  const writes = Number(await revision(client)) - Number(before)
  t.equal(writes, 2, 'none but the creation of another one, and its first status')
})

t.test('what cannot be created is told in status and events', async (t) => {
  const { client, manage, owned } = await world(t)
  manage({
    wrap: (inner) => ({
      ...inner,
      create: (resource, object) =>
        (object as { kind: string }).kind === 'Pod' && isBroken
          ? Promise.reject(new Error('pods "kubia-" is forbidden: exceeded quota'))
          : inner.create(resource, object),
    }),
  })
  let isBroken = true
  await client.create(replicationControllers, kubia(3))
  const [condition] = await until(async () => (await getRc(client)).status.conditions)
  t.match(condition, {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message: 'pods "kubia-" is forbidden: exceeded quota',
  })
  const [event] = await until(async () => {
    const { items } = await client.list(eventResource)
    return items.length > 0 && items
  })
  t.match(event, {
    type: 'Warning',
    reason: 'FailedCreate',
    message: 'Error creating: pods "kubia-" is forbidden: exceeded quota',
  })
  isBroken = false
  await owned(3)
  await until(async () => (await getRc(client)).status.conditions === undefined)
})

/** A client whose watches of pods bring nothing until `release`. */
function heldBack() {
  const gate = Promise.withResolvers<void>()
  const wrap = (inner: Client): Client => ({
    ...inner,
    watch: ((resource, options, signal) =>
      resource.plural === 'pods'
        ? afterGate(gate.promise, inner.watch(resource, options, signal))
        : inner.watch(resource, options, signal)) as Client['watch'],
  })
  return { wrap, release: gate.resolve }
}

async function* afterGate<Event>(gate: Promise<void>, events: AsyncIterable<Event>) {
  await gate
  yield* events
}

t.test('a stale cache never makes one pod too many, nor deletes one', async (t) => {
  const { client, manage, owned, status } = await world(t)
  const { wrap, release } = heldBack()
  const manager = manage({ wrap })
  await manager.synced
  await client.create(replicationControllers, kubia(3))
  await owned(3)
  for (let turn = 1; turn <= 5; turn++) {
    // Each change of the owner is a sync on a cache that shows no pods at all.
    await scale(client, 3 + turn)
    await until(async () => (await getRc(client)).status.observedGeneration === 1 + turn)
    t.equal((await listPods(client)).length, 3)
  }
  await scale(client, 3)
  release()
  await status(3)
  t.equal((await listPods(client)).length, 3)
})

t.test('an answer that is lost after the pod was made', async (t) => {
  const { client, manage, owned, status } = await world(t)
  const { wrap, release } = heldBack()
  let lost = 0
  const manager = manage({
    wrap: (inner) => ({
      ...wrap(inner),
      async create(resource, object) {
        const created = await inner.create(resource, object)
        if ((object as { kind: string }).kind === 'Pod' && lost++ < 2) throw unavailable('no answer')
        return created
      },
    }),
  })
  await manager.synced
  await client.create(replicationControllers, kubia(3))
  await until(() => lost === 1)
  await scale(client, 4)
  await until(async () => (await getRc(client)).status.observedGeneration === 2)
  t.equal((await listPods(client)).length, 1, 'the pod that nobody heard of is waited for')
  release()
  await owned(4)
  await status(4)
  const { items } = await client.list(eventResource)
  t.notOk(
    items.some(({ reason }) => reason === 'SuccessfulDelete'),
    'there was never one too many',
  )
})

t.test('killed in the middle: the next one completes the work, and no more', async (t) => {
  const { client, manage, owned, status } = await world(t)
  await client.create(replicationControllers, kubia(20))
  for (const enough of [1, 4, 10]) {
    const manager = manage()
    await until(async () => (await listPods(client)).length >= enough)
    await manager.close()
    t.ok((await listPods(client)).length <= 20)
  }
  manage()
  await owned(20)
  await status(20)
  t.equal((await listPods(client)).length, 20)
})
