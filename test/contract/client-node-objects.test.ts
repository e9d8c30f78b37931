/** The official JavaScript client's interface for objects of any kind, and its log reader on a real kubelet. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import {
  ApiException,
  CoreV1Api,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  Log,
  PatchStrategy,
} from '@kubernetes/client-node'
import t from 'tap'
import { createAuthority } from '../../shared/certificates/authority.ts'
import { startTestApiServer } from '../support/api-server.ts'
import { testDirectory } from '../support/directory.ts'
import { startTestKubelet } from '../support/kubelet.ts'
import { until } from '../support/until.ts'

interface Map extends KubernetesObject {
  data?: Record<string, string>
}

const map = (name: string, data: Record<string, string>): Map & { metadata: { name: string } } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
})

/** The error that a call fails with. */
const errorOf = async (call: Promise<unknown>): Promise<ApiException<unknown>> => {
  const [result] = await Promise.allSettled([call])
  if (result.status === 'rejected' && result.reason instanceof ApiException) return result.reason
  throw new Error('the call was not refused by the server')
}

t.test('objects of any kind', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const config = new KubeConfig()
  config.loadFromFile(server.kubeconfig)
  const objects = KubernetesObjectApi.makeApiClient(config)

  t.test('create, read, list, replace, delete', async (t) => {
    const header = map('any', {})
    const created = await objects.create(map('any', { a: '1' }))
    t.match(created, { kind: 'ConfigMap', data: { a: '1' }, metadata: { uid: String, creationTimestamp: Date } })
    t.same(await objects.read(header), created)
    const replaced = await objects.replace({ ...created, data: { a: '2' } })
    t.same(replaced.data, { a: '2' })
    const { items } = await objects.list<Map>('v1', 'ConfigMap', 'default')
    t.same(
      items.map(({ metadata, data }) => [metadata?.name, data]),
      [['any', { a: '2' }]],
    )
    t.match(await objects.delete(header), { kind: 'Status', status: 'Success' })
    t.equal((await errorOf(objects.read(header))).code, 404)
  })

  t.test('patches of every type', async (t) => {
    await objects.create(map('patched', { a: '1', b: '2' }))
    const patch = (data: object, strategy: PatchStrategy) =>
      objects.patch({ ...map('patched', {}), data } as Map, undefined, undefined, 'contract', undefined, strategy)
    t.same((await patch({ a: null }, PatchStrategy.MergePatch)).data, { b: '2' })
    t.same((await patch({ c: '3' }, PatchStrategy.StrategicMergePatch)).data, { b: '2', c: '3' })
  })

  t.test('server-side apply', async (t) => {
    const apply = (data: Record<string, string>, manager: string, force?: boolean) =>
      objects.patch(map('applied', data), undefined, undefined, manager, force, PatchStrategy.ServerSideApply)
    const created = await apply({ a: '1', b: '1' }, 'one')
    t.match(created, {
      data: { a: '1', b: '1' },
      metadata: { managedFields: [{ manager: 'one', operation: 'Apply' }] },
    })
    t.ok(created.metadata!.managedFields![0]!.time instanceof Date)
    const conflict = await errorOf(apply({ a: '2' }, 'two'))
    t.equal(conflict.code, 409)
    t.match(JSON.parse(String(conflict.body)), {
      reason: 'Conflict',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' }] },
    })
    t.same((await apply({ a: '2' }, 'two', true)).data, { a: '2', b: '1' })
    t.same((await apply({}, 'one')).data, { a: '2' }, 'what nobody applies any longer is gone')
  })

  t.test('cluster-scoped objects, and kinds that are not there', async (t) => {
    await objects.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'made' } })
    t.match(await objects.read({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'made' } }), {
      status: { phase: 'Active' },
    })
    const unknown = objects.create({ apiVersion: 'v1', kind: 'Nothing', metadata: { name: 'x' } })
    await t.rejects(unknown, /Unrecognized API version and kind: v1 Nothing/)
  })

  t.test('objects of other groups', async (t) => {
    const metadata = { name: 'any', namespace: 'default' }
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: { holderIdentity: 'me' } }
    t.match(await objects.create(lease), { spec: { holderIdentity: 'me' } })
    t.match(await objects.list('coordination.k8s.io/v1', 'Lease'), { items: [{ metadata: { name: 'any' } }] })
  })
})

t.test('logs', async (t) => {
  const directory = testDirectory(t)
  const authority = await createAuthority('kubelets')
  const [serving, identity] = await Promise.all([
    authority.issue({ commonName: 'system:node:node-1', usages: ['server'], hosts: ['127.0.0.1'] }),
    authority.issue({ commonName: 'kube-apiserver-kubelet-client', usages: ['client'] }),
  ])
  const server = await startTestApiServer(directory, { kubelet: identity })
  t.teardown(() => server.close())
  const file = (name: string, text: string) => {
    writeFileSync(join(directory, name), text, { mode: 0o600 })
    return join(directory, name)
  }
  const kubelet = await startTestKubelet(directory, {
    kubeconfig: server.kubeconfig,
    flags: [
      `--tls-cert-file=${file('kubelet.crt', serving.certificate)}`,
      `--tls-private-key-file=${file('kubelet.key', serving.key)}`,
      `--client-ca-file=${file('kubelet-ca.crt', authority.certificate)}`,
    ],
  })
  t.teardown(() => kubelet.stop())
  const config = new KubeConfig()
  config.loadFromFile(server.kubeconfig)
  const core = config.makeApiClient(CoreV1Api)
  const script = 'console.log("one"); console.log("two"); setInterval(() => {}, 1e6)'
  const containers = [{ name: 'c', image: 'none', command: ['node', '-e', script] }]
  const target = { name: 'talks', namespace: 'default' }
  await core.createNamespacedPod({
    namespace: 'default',
    body: {
      metadata: { name: 'talks' },
      spec: { nodeName: kubelet.name, containers, terminationGracePeriodSeconds: 0 },
    },
  })
  const isRunning = async () => (await core.readNamespacedPod(target)).status?.phase === 'Running'
  await until(isRunning, { describe: () => kubelet.log() })
  await until(async () => (await core.readNamespacedPodLog(target)).includes('two'))
  t.equal(await core.readNamespacedPodLog({ ...target, tailLines: 1 }), 'two\n')

  const stream = new PassThrough()
  await new Log(config).log('default', 'talks', 'c', stream, { follow: true })
  const missing = await errorOf(new Log(config).log('default', 'talks', 'other', new PassThrough()))
  t.equal(missing.code, 400, 'a container that is not there')
  await core.deleteNamespacedPod(target)
  t.equal(Buffer.concat(await stream.toArray()).toString(), 'one\ntwo\n', 'a log is followed to its end')
})
