/** Watches, informers and a small controller written with the official JavaScript client. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  CoreV1Api,
  KubeConfig,
  ListWatch,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1ConfigMap,
  type V1Pod,
  Watch,
} from '@kubernetes/client-node'
import t, { type Test } from 'tap'
import { openSqliteStorage } from '../../apiserver/storage/sqlite-storage.ts'
import { startGarbageCollector } from '../../controller-manager/garbagecollector/controller.ts'
import { startManager } from '../controller-manager/running-controllers.ts'
import { startTestApiServer, type TestApiServer } from '../support/api-server.ts'
import { testDirectory } from '../support/directory.ts'
import { until } from '../support/until.ts'

const namespace = 'default'
const MAPS = '/api/v1/namespaces/default/configmaps'
const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)

function clientOf({ kubeconfig }: TestApiServer) {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  return { config, core: config.makeApiClient(CoreV1Api) }
}

const createMap = (core: CoreV1Api, name: string, labels: Record<string, string> = {}) =>
  core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels } } })

const labelMap = (core: CoreV1Api, name: string, labels: Record<string, string | null>) =>
  core.patchNamespacedConfigMap({ name, namespace, body: { metadata: { labels } } }, merge)

async function start(t: Test) {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  return { server, ...clientOf(server) }
}

t.test('a watch', async (t) => {
  const { config, core } = await start(t)
  const { metadata } = await core.listNamespacedConfigMap({ namespace })
  const seen: string[] = []
  const { promise: ended, resolve: end } = Promise.withResolvers<unknown>()
  await new Watch(config).watch(
    MAPS,
    {
      resourceVersion: metadata!.resourceVersion,
      labelSelector: 'in=yes',
      timeoutSeconds: 1,
      allowWatchBookmarks: true,
    },
    (type, { metadata: { name = '' } }) => seen.push(`${type} ${name}`.trim()),
    end,
  )
  await createMap(core, 'other')
  await createMap(core, 'm', { in: 'yes' })
  await labelMap(core, 'm', { more: 'yes' })
  await labelMap(core, 'm', { in: null })
  await labelMap(core, 'm', { in: 'yes' })
  await core.deleteNamespacedConfigMap({ name: 'm', namespace })
  t.equal(await ended, null, 'the server ends it in good order')
  t.same(seen, ['ADDED m', 'MODIFIED m', 'DELETED m', 'ADDED m', 'DELETED m', 'BOOKMARK'])
})

t.test('a watch that is refused', async (t) => {
  const { config } = await start(t)
  const { promise: ended, resolve: end } = Promise.withResolvers<unknown>()
  await new Watch(config).watch(MAPS, { labelSelector: 'in (' }, () => t.fail('nothing is sent'), end)
  t.match(await ended, { statusCode: 400 })
})

/** What an informer has told, one line per change. */
function follow(informer: Pick<ListWatch<V1ConfigMap>, 'on'>): string[] {
  const told: string[] = []
  for (const verb of ['add', 'update', 'delete'] as const)
    informer.on(verb, ({ metadata }) => told.push(`${verb} ${metadata!.name}`))
  return told
}

t.test('an informer over the end of watches, of the server, and of its history', async (t) => {
  const directory = testDirectory(t)
  const database = join(directory, 'database')
  const first = await startTestApiServer(directory, { storage: openSqliteStorage(database) })
  const serving = await first.authority.issue({
    commonName: 'kube-apiserver',
    usages: ['server'],
    hosts: ['127.0.0.1'],
  })
  const { config, core } = clientOf(first)
  /** The same server as a client sees it, in a new process. */
  const restart = (name: string, storage = openSqliteStorage(database)) => {
    mkdirSync(join(directory, name))
    return startTestApiServer(join(directory, name), {
      storage,
      port: Number(new URL(first.url).port),
      tls: { ...serving, clientAuthority: first.authority.certificate },
    })
  }
  let lists = 0
  const list = () => {
    lists++
    return core.listNamespacedConfigMap({ namespace })
  }
  const informer = new ListWatch<V1ConfigMap>(
    `${MAPS}?timeoutSeconds=1`,
    new Watch(config),
    list,
    false,
    undefined,
    undefined,
    { delayFn: async () => undefined },
  )
  const told = follow(informer)
  // A program waits a moment after an error, then starts its informer again.
  let isOver = false
  informer.on('error', () => isOver || setTimeout(() => informer.start(), 20))
  let connects = 0
  informer.on('connect', () => connects++)
  t.teardown(() => {
    isOver = true
    return informer.stop()
  })
  const toBe = async (...wanted: string[]) => {
    await until(() => told.length >= wanted.length, { describe: () => told })
    t.same(told.splice(0), wanted)
  }

  await createMap(core, 'a')
  await informer.start()
  await toBe('add a')
  await createMap(core, 'b')
  await labelMap(core, 'b', { x: 'y' })
  await core.deleteNamespacedConfigMap({ name: 'b', namespace })
  await toBe('add b', 'update b', 'delete b')

  const before = connects
  await until(() => connects > before)
  await labelMap(core, 'a', { seen: 'later' })
  await toBe('update a')
  t.equal(lists, 1, 'the next watch goes on where the last one ended')

  await first.close()
  const second = await restart('second')
  await labelMap(core, 'a', { seen: 'after' })
  await createMap(core, 'c')
  await toBe('update a', 'add c')
  t.equal(lists, 1, 'so does a watch on a server that has been started again')

  await second.close()
  const storage = openSqliteStorage(database)
  for (let expected = 0, count = 0; count < 3; count++) {
    const result = await storage.write({ key: '/other/things/x', value: '{}', expected })
    if (result.written) expected = result.revision
  }
  await storage.compact(await storage.currentRevision())
  const third = await restart('third', storage)
  t.teardown(() => third.close())
  await until(() => lists > 1)
  await createMap(core, 'd')
  await toBe('add d')
  t.equal(lists, 2, 'a version that is no longer known makes it list again')
  t.same(
    informer
      .list(namespace)
      .map(({ metadata }) => metadata!.name)
      .sort(),
    ['a', 'c', 'd'],
  )
})

/** A controller as programs have them: a ConfigMap for every pod that asks for one, with the pod's phase. */
function startController(config: KubeConfig) {
  const core = config.makeApiClient(CoreV1Api)
  const labelSelector = 'wants=map'
  const informer = makeInformer<V1Pod>(
    config,
    '/api/v1/pods',
    () => core.listPodForAllNamespaces({ labelSelector }),
    labelSelector,
  )
  const failures: unknown[] = []
  const reconcile = async ({ metadata, status }: V1Pod) => {
    const { name, namespace, uid } = metadata!
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: name!, uid: uid! }]
    const data = { phase: status?.phase ?? '' }
    const target = { name: `of-${name}`, namespace: namespace! }
    try {
      await core.createNamespacedConfigMap({
        namespace: namespace!,
        body: { metadata: { name: target.name, ownerReferences }, data },
      })
    } catch (error) {
      if ((error as { code?: number }).code !== 409) throw error
      await core.patchNamespacedConfigMap({ ...target, body: { data } }, merge)
    }
  }
  const act = (pod: V1Pod) => {
    reconcile(pod).catch((error) => failures.push(error))
  }
  informer.on('add', act)
  informer.on('update', act)
  return { informer, failures }
}

t.test('a controller', async (t) => {
  const { server, config, core } = await start(t)
  const manager = startManager(server, [startGarbageCollector])
  t.teardown(() => manager.close())
  const { informer, failures } = startController(config)
  await informer.start()
  t.teardown(() => informer.stop())
  const createPod = (name: string, labels: Record<string, string>) =>
    core.createNamespacedPod({
      namespace,
      body: { metadata: { name, labels }, spec: { containers: [{ name: 'c', image: 'x' }] } },
    })
  const maps = async () =>
    (await core.listNamespacedConfigMap({ namespace })).items.map(
      ({ metadata, data }) => `${metadata!.name} ${data!.phase}`,
    )
  const toBe = (...wanted: string[]) =>
    until(async () => (await maps()).join() === wanted.join(), { describe: async () => [await maps(), failures] })

  await createPod('one', { wants: 'map' })
  await createPod('two', {})
  await toBe('of-one Pending')
  await core.patchNamespacedPodStatus({ name: 'one', namespace, body: { status: { phase: 'Running' } } }, merge)
  await toBe('of-one Running')
  await core.patchNamespacedPod({ name: 'two', namespace, body: { metadata: { labels: { wants: 'map' } } } }, merge)
  await toBe('of-one Running', 'of-two Pending')
  await core.deleteNamespacedPod({ name: 'one', namespace })
  await toBe('of-two Pending')
  t.same(failures, [])
})
