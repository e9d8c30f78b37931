/** The official JavaScript client against the real API server: its typed interfaces, discovery, and errors. */
import {
  ApiException,
  ApisApi,
  CoordinationV1Api,
  CoreApi,
  CoreV1Api,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1ConfigMap,
  V1MicroTime,
  type V1ReplicationController,
  type V1Status,
  VersionApi,
} from '@kubernetes/client-node'
import t, { type Test } from 'tap'
import { startTestApiServer, type TestApiServer } from '../support/api-server.ts'
import { testDirectory } from '../support/directory.ts'

const namespace = 'default'

const as = (type: string) => setHeaderOptions('Content-Type', type)

function configOf({ kubeconfig }: TestApiServer): KubeConfig {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  return config
}

/** What a call is refused with. */
async function refusal(t: Test, call: Promise<unknown>): Promise<{ code: number; status: V1Status }> {
  try {
    await call
  } catch (error) {
    if (!(error instanceof ApiException)) throw error
    // The client hands over the body of statuses that it has no type for as text.
    const status = typeof error.body === 'string' ? JSON.parse(error.body) : error.body
    return { code: error.code, status }
  }
  t.fail('the call is refused')
  return { code: 0, status: {} }
}

const controller = (name: string): V1ReplicationController => ({
  metadata: { name },
  spec: {
    replicas: 2,
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'main', image: 'luksa/kubia', ports: [{ containerPort: 8080 }] }] },
    },
  },
})

t.test('the typed client', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const config = configOf(server)
  const core = config.makeApiClient(CoreV1Api)

  const createMap = (name: string, labels: Record<string, string> = {}) =>
    core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels }, data: { name } } })
  const namesOf = ({ items }: { items: V1ConfigMap[] }) => items.map(({ metadata }) => metadata?.name)

  t.test('create, read, replace, delete', async (t) => {
    const before = Date.now()
    const created = await createMap('life')
    t.match(created, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'life', namespace },
      data: { name: 'life' },
    })
    const { creationTimestamp } = created.metadata!
    t.ok(creationTimestamp instanceof Date, 'times are dates')
    t.ok(Math.abs(creationTimestamp!.getTime() - before) < 10_000)
    t.same(await core.readNamespacedConfigMap({ name: 'life', namespace }), created)
    const replaced = await core.replaceNamespacedConfigMap({
      name: 'life',
      namespace,
      body: { ...created, data: { name: 'other' } },
    })
    t.same(replaced.data, { name: 'other' })
    t.not(replaced.metadata!.resourceVersion, created.metadata!.resourceVersion)
    const stale = await refusal(t, core.replaceNamespacedConfigMap({ name: 'life', namespace, body: created }))
    t.match(stale, { code: 409, status: { reason: 'Conflict', details: { name: 'life', kind: 'configmaps' } } })
    const deleted = await core.deleteNamespacedConfigMap({ name: 'life', namespace })
    t.match(deleted, { kind: 'Status', status: 'Success', details: { name: 'life', kind: 'configmaps', uid: String } })
    t.match(await refusal(t, core.readNamespacedConfigMap({ name: 'life', namespace })), {
      code: 404,
      status: { kind: 'Status', reason: 'NotFound', message: 'configmaps "life" not found', code: 404 },
    })
  })

  t.test('refusals', async (t) => {
    await createMap('taken')
    t.match(await refusal(t, createMap('taken')), { code: 409, status: { reason: 'AlreadyExists' } })
    t.match(await refusal(t, createMap('Not_A_Name')), {
      code: 422,
      status: { reason: 'Invalid', details: { causes: [{ reason: 'FieldValueInvalid', field: 'metadata.name' }] } },
    })
    const strict = core.createNamespacedConfigMap({
      namespace,
      fieldValidation: 'Sometimes',
      body: { metadata: { name: 'x' } },
    })
    t.match(await refusal(t, strict), { code: 422, status: { reason: 'Invalid' } })
    const elsewhere = core.createNamespacedConfigMap({ namespace: 'nowhere', body: { metadata: { name: 'x' } } })
    t.match(await refusal(t, elsewhere), { code: 404, status: { message: 'namespaces "nowhere" not found' } })
    config.users.push({ name: 'nobody', token: 'wrong' })
    config.contexts.push({ name: 'nobody', cluster: 'test', user: 'nobody' })
    const stranger = new KubeConfig()
    stranger.loadFromOptions({ ...config, currentContext: 'nobody' })
    const unauthorized = stranger.makeApiClient(CoreV1Api).listNode()
    t.match(await refusal(t, unauthorized), { code: 401 })
  })

  t.test('lists', async (t) => {
    for (const index of [0, 1, 2, 3, 4]) await createMap(`list-${index}`, { set: 'list', odd: String(index % 2 === 1) })
    const list = (labelSelector: string, more: object = {}) =>
      core.listNamespacedConfigMap({ namespace, labelSelector, ...more })
    t.same(namesOf(await list('set=list,odd=true')), ['list-1', 'list-3'])
    t.same(namesOf(await list('set in (list,none),odd notin (true)')), ['list-0', 'list-2', 'list-4'])
    t.same(namesOf(await list('set', { fieldSelector: 'metadata.name=list-2' })), ['list-2'])
    t.same(namesOf(await list('set', { fieldSelector: 'metadata.name!=list-2' })).length, 4)
    const first = await list('set=list', { limit: 2 })
    await core.deleteNamespacedConfigMap({ name: 'list-3', namespace })
    const second = await list('set=list', { limit: 2, _continue: first.metadata!._continue })
    const third = await list('set=list', { limit: 2, _continue: second.metadata!._continue })
    t.same([first, second, third].flatMap(namesOf), ['list-0', 'list-1', 'list-2', 'list-3', 'list-4'])
    t.equal(third.metadata!.resourceVersion, first.metadata!.resourceVersion, 'one snapshot')
    const all = await core.listConfigMapForAllNamespaces({ labelSelector: 'set=list' })
    t.same(namesOf(all), ['list-0', 'list-1', 'list-2', 'list-4'])
    const page = await core.listConfigMapForAllNamespaces({ limit: 1 })
    t.equal(page.metadata!.remainingItemCount, (await core.listConfigMapForAllNamespaces()).items.length - 1)
    t.match(await refusal(t, list('set in (')), { code: 400, status: { reason: 'BadRequest' } })
  })

  t.test('patches of every type', async (t) => {
    const name = 'patched'
    await core.createNamespacedReplicationController({ namespace, body: controller(name) })
    const patch = (body: object, type: string) =>
      core.patchNamespacedReplicationController({ name, namespace, body }, as(type))
    const merged = await patch({ spec: { replicas: 4 }, metadata: { labels: { a: 'b' } } }, PatchStrategy.MergePatch)
    t.match(merged, { spec: { replicas: 4 }, metadata: { labels: { a: 'b', app: name } } })
    const operations = [
      { op: 'test', path: '/spec/replicas', value: 4 },
      { op: 'remove', path: '/metadata/labels/a' },
      { op: 'replace', path: '/spec/replicas', value: 5 },
    ]
    const edited = await patch(operations, PatchStrategy.JsonPatch)
    t.same([edited.spec!.replicas, edited.metadata!.labels], [5, { app: name }])
    const image = { spec: { template: { spec: { containers: [{ name: 'main', image: 'luksa/kubia:v2' }] } } } }
    const strategic = await patch(image, PatchStrategy.StrategicMergePatch)
    t.match(strategic.spec!.template!.spec!.containers, [{ image: 'luksa/kubia:v2', ports: [{ containerPort: 8080 }] }])
    t.equal(strategic.metadata!.generation, 4, 'every change of the spec is a generation')
    t.match(await refusal(t, patch(operations, PatchStrategy.JsonPatch)), { code: 422, status: { reason: 'Invalid' } })
    t.match(await refusal(t, patch({}, 'text/plain')), { code: 415, status: { reason: 'UnsupportedMediaType' } })
  })

  t.test('status and scale are parts of their own', async (t) => {
    const name = 'parts'
    const target = { name, namespace }
    const created = await core.createNamespacedReplicationController({ namespace, body: controller(name) })
    const body = { ...created, spec: { ...created.spec, replicas: 9 }, status: { replicas: 1, observedGeneration: 1 } }
    const written = await core.replaceNamespacedReplicationControllerStatus({ ...target, body })
    t.match(written, { spec: { replicas: 2 }, status: { replicas: 1, observedGeneration: 1 } })
    const whole = await core.replaceNamespacedReplicationController({
      ...target,
      body: { ...written, spec: { ...written.spec, replicas: 3 }, status: { replicas: 7 } },
    })
    t.match(whole, { spec: { replicas: 3 }, status: { replicas: 1 }, metadata: { generation: 2 } })
    t.same((await core.readNamespacedReplicationControllerStatus(target)).status, whole.status)
    const scale = await core.readNamespacedReplicationControllerScale(target)
    t.match(scale, { kind: 'Scale', spec: { replicas: 3 }, status: { replicas: 1, selector: 'app=parts' } })
    const scaled = await core.replaceNamespacedReplicationControllerScale({
      ...target,
      body: { ...scale, spec: { replicas: 6 } },
    })
    t.equal(scaled.spec!.replicas, 6)
    const patched = await core.patchNamespacedReplicationControllerScale(
      { ...target, body: { spec: { replicas: 8 } } },
      as(PatchStrategy.MergePatch),
    )
    t.equal(patched.spec!.replicas, 8)
    t.match(await core.readNamespacedReplicationController(target), { spec: { replicas: 8 }, status: { replicas: 1 } })
  })

  t.test('dry runs leave no trace', async (t) => {
    const { metadata } = await core.listNamespacedConfigMap({ namespace })
    const dry = { namespace, dryRun: 'All' }
    t.match(await core.createNamespacedConfigMap({ ...dry, body: { metadata: { name: 'dry' } } }), {
      metadata: { name: 'dry', uid: String },
    })
    const name = 'list-0'
    await core.patchNamespacedConfigMap({ ...dry, name, body: { data: null } }, as(PatchStrategy.MergePatch))
    await core.replaceNamespacedConfigMap({ ...dry, name, body: { metadata: { name } } })
    await core.deleteNamespacedConfigMap({ ...dry, name })
    await core.deleteCollectionNamespacedConfigMap(dry)
    t.equal((await core.listNamespacedConfigMap({ namespace })).metadata!.resourceVersion, metadata!.resourceVersion)
  })

  t.test('deletion: preconditions, finalizers, collections', async (t) => {
    const name = 'held'
    const body = { metadata: { name, finalizers: ['example.com/hold'], labels: { set: 'held' } } }
    const { metadata } = await core.createNamespacedConfigMap({ namespace, body })
    const wrong = core.deleteNamespacedConfigMap({ name, namespace, body: { preconditions: { uid: 'another' } } })
    t.match(await refusal(t, wrong), { code: 409, status: { reason: 'Conflict' } })
    await core.deleteNamespacedConfigMap({ name, namespace, body: { preconditions: { uid: metadata!.uid! } } })
    const marked = await core.readNamespacedConfigMap({ name, namespace })
    t.ok(marked.metadata!.deletionTimestamp instanceof Date)
    await core.patchNamespacedConfigMap(
      { name, namespace, body: { metadata: { finalizers: null } } },
      as(PatchStrategy.MergePatch),
    )
    t.match(await refusal(t, core.readNamespacedConfigMap({ name, namespace })), { code: 404 })
    await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: 'set=list,odd=false' })
    t.same(namesOf(await core.listNamespacedConfigMap({ namespace, labelSelector: 'set=list' })), ['list-1'])
  })

  t.test('pods: bytes, quantities, graceful deletion', async (t) => {
    await core.createNamespacedSecret({ namespace, body: { metadata: { name: 's' }, stringData: { key: 'value' } } })
    const secret = await core.readNamespacedSecret({ name: 's', namespace })
    t.same(secret.data, { key: Buffer.from('value').toString('base64') })
    const pod = await core.createNamespacedPod({
      namespace,
      body: {
        metadata: { generateName: 'made-' },
        spec: { nodeName: 'node-1', containers: [{ name: 'c', image: 'x', resources: { requests: { cpu: '0.5' } } }] },
      },
    })
    const name = pod.metadata!.name!
    t.match(name, /^made-[a-z0-9]{5}$/)
    t.same(pod.spec!.containers[0]!.resources!.requests, { cpu: '500m' })
    await core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: 30 })
    t.equal((await core.readNamespacedPod({ name, namespace })).metadata!.deletionGracePeriodSeconds, 30)
    await core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: 0 })
    t.match(await refusal(t, core.readNamespacedPod({ name, namespace })), { code: 404 })
  })

  t.test('other groups: leases with microseconds', async (t) => {
    const coordination = config.makeApiClient(CoordinationV1Api)
    const renewTime = new V1MicroTime('2026-01-02T03:04:05.678Z')
    const spec = { holderIdentity: 'me', leaseDurationSeconds: 15, renewTime }
    const created = await coordination.createNamespacedLease({ namespace, body: { metadata: { name: 'lead' }, spec } })
    t.match(created, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec: { holderIdentity: 'me' } })
    t.equal(String(created.spec!.renewTime), '2026-01-02T03:04:05.678000Z')
  })

  t.test('version and discovery', async (t) => {
    t.match(await config.makeApiClient(VersionApi).getCode(), {
      major: '1',
      minor: /^\d+$/,
      gitVersion: /^v1\.\d+\.\d+/,
    })
    const resources = await core.getAPIResources()
    const pods = resources.resources.find(({ name }) => name === 'pods')
    t.match(pods, { namespaced: true, kind: 'Pod', shortNames: ['po'], singularName: 'pod' })
    const groups = await config.makeApiClient(ApisApi).getAPIVersions()
    t.ok(groups.groups.some(({ name }) => name === 'coordination.k8s.io'))
    t.match(await config.makeApiClient(CoreApi).getAPIVersions(), { versions: ['v1'] })
  })
})
