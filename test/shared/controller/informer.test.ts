import { join } from 'node:path'
import pino from 'pino'
import t, { type Test } from 'tap'
import { openMemoryStorage, openSqliteStorage } from '../../../apiserver/storage/sqlite-storage.ts'
import type { ConfigMap } from '../../../shared/api/config-map.ts'
import type { Client } from '../../../shared/client/client.ts'
import { type Connection, createClient } from '../../../shared/client/http-client.ts'
import { configMaps } from '../../../shared/client/resources.ts'
import { systemClock } from '../../../shared/clock.ts'
import { createInformer, type Informer } from '../../../shared/controller/informer.ts'
import { keyOf } from '../../../shared/controller/store.ts'
import { startTestApiServer, type TestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { until } from '../../support/until.ts'

/** Runs an informer of the ConfigMaps of `default`, and checks while it runs that what it tells makes sense. */
function follow(test: Test, connection: Connection) {
  const client = createClient({ connection, userAgent: 'informer' })
  const stop = new AbortController()
  const informer = createInformer<ConfigMap>({
    client,
    resource: configMaps,
    namespace: 'default',
    clock: systemClock,
    logger: pino({ enabled: false }),
  })
  /** What the handlers were told, applied: must always be what the store holds. */
  const told = new Map<string, ConfigMap>()
  const versions: string[] = []
  const problems: string[] = []
  const expect = (isRight: boolean, problem: string) => {
    if (!isRight) problems.push(problem)
  }
  informer.subscribe({
    add(object) {
      expect(!told.has(keyOf(object)), `${keyOf(object)} was added twice`)
      told.set(keyOf(object), object)
      versions.push(object.metadata.resourceVersion)
    },
    update(old, object) {
      expect(told.get(keyOf(object)) === old, `${keyOf(object)} was updated from something else`)
      told.set(keyOf(object), object)
      versions.push(object.metadata.resourceVersion)
    },
    delete(object) {
      expect(told.get(keyOf(object)) === object, `${keyOf(object)} was deleted as something else`)
      told.delete(keyOf(object))
    },
  })
  const done = informer.run(stop.signal)
  const close = async () => {
    stop.abort()
    await client.close()
    await done
  }
  test.teardown(close)
  return { informer, told, versions, problems, close }
}

const names = (informer: Informer<ConfigMap>) =>
  informer.store
    .list()
    .map(({ metadata }) => metadata.name)
    .sort()

const create = (client: Client, name: string) =>
  client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } })
const update = (client: Client, name: string, value: string) =>
  client.patch(configMaps, { name, namespace: 'default' }, { type: 'merge', body: { data: { value } } })
const remove = (client: Client, name: string) => client.delete(configMaps, { name, namespace: 'default' })

const adminOf = ({ url, authority, token }: TestApiServer, server = url): Connection => ({
  server,
  ca: authority.certificate,
  token,
})

t.test('lists, watches, and tells late subscribers what is there', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  await create(server.client, 'a')
  const { informer, told, problems } = follow(t, adminOf(server))
  await informer.synced
  t.same(names(informer), ['a'])
  t.ok(informer.isSynced)
  const b = await create(server.client, 'b')
  await update(server.client, 'a', '1')
  await remove(server.client, 'b')
  const c = await create(server.client, 'c')
  await until(() => informer.hasSeen(c.metadata.resourceVersion))
  t.same(names(informer), ['a', 'c'])
  t.equal(informer.store.get('default/a')?.data?.value, '1')
  t.ok(informer.hasSeen(b.metadata.resourceVersion), 'also what has gone since')
  t.ok(informer.isConnected)
  const late: string[] = []
  const unsubscribe = informer.subscribe({ add: ({ metadata }) => late.push(metadata.name) })
  t.same(late.sort(), ['a', 'c'])
  unsubscribe()
  const d = await create(server.client, 'd')
  await until(() => informer.hasSeen(d.metadata.resourceVersion))
  t.equal(late.length, 2)
  t.same(problems, [])
  t.equal(told.size, 3)
})

t.test('metadata only', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  await create(server.client, 'a')
  await update(server.client, 'a', '1')
  const stop = new AbortController()
  const { client } = server
  const logger = pino({ enabled: false })
  const informer = createInformer({ client, resource: configMaps, clock: systemClock, logger, metadataOnly: true })
  const done = informer.run(stop.signal)
  await informer.synced
  const b = await create(server.client, 'b')
  await until(() => informer.hasSeen(b.metadata.resourceVersion))
  for (const object of informer.store.list()) {
    t.same(Object.keys(object).sort(), ['apiVersion', 'kind', 'metadata'])
    t.same([object.apiVersion, object.kind], ['v1', 'ConfigMap'])
  }
  stop.abort()
  await done
})

/** A server that can be stopped and started again at the same address, on the same store or another. */
async function restartable(test: Test) {
  const directory = testDirectory(test)
  const database = join(directory, 'data')
  let server = await startTestApiServer(directory, { storage: openSqliteStorage(database) })
  const { authority, token, url } = server
  const serving = await authority.issue({ commonName: 'kube-apiserver', usages: ['server'], hosts: ['127.0.0.1'] })
  const again = {
    tls: { ...serving, clientAuthority: authority.certificate },
    tokens: `${token},admin,admin,"system:masters"\n`,
  }
  const connection = adminOf(server)
  const clients: Client[] = []
  const clientOf = (server: string) => {
    const client = createClient({ connection: { ...connection, server }, userAgent: 'writer' })
    clients.push(client)
    return client
  }
  test.teardown(async () => {
    for (const client of clients) await client.close()
    await server.close()
  })
  return {
    connection,
    client: clientOf(url),
    stop: () => server.close(),
    async start(storage = openSqliteStorage(database)) {
      server = await startTestApiServer(directory, { ...again, storage, port: Number(new URL(url).port) })
    },
    /** Changes the store while the informer cannot reach it. */
    async meanwhile(change: (client: Client) => Promise<unknown>, { compact = false } = {}) {
      const storage = openSqliteStorage(database)
      const hidden = await startTestApiServer(directory, { ...again, storage })
      await change(clientOf(hidden.url))
      if (compact) await storage.compact(await storage.currentRevision())
      await hidden.close()
    },
  }
}

t.test('a restarted server: nothing is missed, nothing comes twice', async (t) => {
  const server = await restartable(t)
  const { informer, versions, problems } = follow(t, server.connection)
  const written: string[] = []
  const note = async (write: Promise<ConfigMap>) => written.push((await write).metadata.resourceVersion)
  for (let round = 0; round < 3; round++) {
    await note(create(server.client, `before-${round}`))
    await server.stop()
    await server.meanwhile(async (client) => {
      await note(create(client, `down-${round}`))
      await note(update(client, `before-${round}`, 'down'))
      await note(create(client, 'short'))
      await remove(client, 'short')
    })
    await server.start()
    await note(update(server.client, `down-${round}`, 'after'))
  }
  await until(() => informer.hasSeen(written.at(-1)!))
  t.same(versions, written, 'every write in its order, also those of something that is gone')
  t.same(problems, [])
  t.same(names(informer), ['before-0', 'before-1', 'before-2', 'down-0', 'down-1', 'down-2'])
})

t.test('a version that the server no longer knows: the differences are told', async (t) => {
  const server = await restartable(t)
  const { informer, told, versions, problems } = follow(t, server.connection)
  await create(server.client, 'kept')
  await create(server.client, 'changed')
  await create(server.client, 'replaced')
  const gone = await create(server.client, 'gone')
  await until(() => informer.hasSeen(gone.metadata.resourceVersion))
  const kept = informer.store.get('default/kept')
  await server.stop()
  await server.meanwhile(
    async (client) => {
      await update(client, 'changed', 'x')
      await remove(client, 'gone')
      await remove(client, 'replaced')
      await create(client, 'replaced')
      await create(client, 'new')
    },
    { compact: true },
  )
  const before = versions.length
  await server.start()
  await until(() => told.has('default/new'))
  t.same(names(informer), ['changed', 'kept', 'new', 'replaced'])
  t.equal(informer.store.get('default/kept'), kept, 'what is the same is not told')
  t.equal(versions.length - before, 3)
  t.same(problems, [])
  const last = await update(server.client, 'kept', 'y')
  await until(() => informer.hasSeen(last.metadata.resourceVersion))
  t.equal(told.get('default/kept')?.data?.value, 'y', 'and it follows again')
})

t.test('another store, with another history', async (t) => {
  const server = await restartable(t)
  const { informer, told, problems } = follow(t, server.connection)
  for (const name of ['a', 'b', 'c']) await create(server.client, name)
  await until(() => told.size === 3)
  await server.stop()
  await server.start(openMemoryStorage())
  await create(server.client, 'z')
  await until(() => names(informer).join() === 'z', { describe: () => names(informer) })
  t.same([...told.keys()], ['default/z'])
  t.same(problems, [])
})
