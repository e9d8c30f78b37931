/** Kinds that come and go while the server runs and clients are connected. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import pino from 'pino'
import t, { type Test } from 'tap'
import type { Kind, KubeObject } from '../../shared/api/kind.ts'
import { discoverResources } from '../../shared/client/discovery.ts'
import type { Resource } from '../../shared/client/resource.ts'
import { configMaps } from '../../shared/client/resources.ts'
import { systemClock } from '../../shared/clock.ts'
import { createInformer } from '../../shared/controller/informer.ts'
import { startTestApiServer } from '../support/api-server.ts'
import { testDirectory } from '../support/directory.ts'
import { type Widget, widget } from '../support/kinds.ts'
import { until } from '../support/until.ts'

const execute = promisify(execFile)
const hasKubectl = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'kubectl')))

const kind = widget as unknown as Kind
const widgets: Resource<Widget> = {
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
}
const WIDGETS = '/apis/example.com/v1/namespaces/default/widgets'
const AGGREGATED = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' }

const draft = (name: string, spec: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name, namespace: 'default' },
  spec,
})

async function start(t: Test) {
  const directory = testDirectory(t)
  const server = await startTestApiServer(directory)
  t.teardown(() => server.close())
  const follow = <Object extends KubeObject>(resource: Resource<Object>) => {
    const stop = new AbortController()
    const informer = createInformer({
      client: server.client,
      resource,
      clock: systemClock,
      logger: pino({ enabled: false }),
    })
    const done = informer.run(stop.signal)
    t.teardown(async () => {
      stop.abort()
      await done
    })
    return informer
  }
  const kubectl = async (...args: string[]) => {
    const env = { ...process.env, KUBECONFIG: server.kubeconfig }
    const { stdout, stderr } = await execute('kubectl', [`--cache-dir=${join(directory, 'cache')}`, ...args], { env })
    return stdout + stderr
  }
  return { server, follow, kubectl }
}

t.test('a kind that comes is served like any other, and vanishes again', async (t) => {
  const { server, follow } = await start(t)
  const others = follow(configMaps)
  const early = follow(widgets)
  await others.synced
  t.equal((await server.send('GET', WIDGETS)).status, 404)

  await server.registerKind(kind)
  await server.send('POST', WIDGETS, { body: draft('a', { size: 3 }) })
  t.match((await server.send('GET', `${WIDGETS}/a`)).json(), { kind: 'Widget', spec: { size: 3 } })
  t.match((await server.send('POST', WIDGETS, { body: draft('b', { size: -1 }) })).json(), {
    code: 422,
    message: 'Widget.example.com "b" is invalid: spec.size: Invalid value: -1: must not be negative',
  })
  const patched = await server.send('PATCH', `${WIDGETS}/a`, {
    body: { spec: { colour: 'red' } },
    headers: { 'content-type': 'application/merge-patch+json' },
  })
  t.match(patched.json(), { spec: { size: 3, colour: 'red' }, metadata: { generation: 2 } })
  await until(() => early.store.list().some(({ metadata }) => metadata.generation === 2))
  t.ok((await discoverResources(server.client)).some(({ plural }) => plural === 'widgets'))

  const body = await server.client.request('GET', '/apis/example.com')
  t.match(body, { kind: 'APIGroup', name: 'example.com', preferredVersion: { version: 'v1' } })

  await server.unregisterKind(kind)
  await until(() => !early.isConnected)
  for (const path of [WIDGETS, `${WIDGETS}/a`, '/apis/example.com', '/apis/example.com/v1'])
    t.equal((await server.send('GET', path)).status, 404, path)
  t.notOk((await discoverResources(server.client)).some(({ plural }) => plural === 'widgets'))
  t.ok(others.isConnected, 'others do not notice')

  await server.registerKind(kind)
  t.match((await server.send('GET', `${WIDGETS}/a`)).json(), { spec: { size: 3 } }, 'what was stored is there again')
  await until(() => early.isConnected)
})

t.test('two kinds of one name', async (t) => {
  const { server } = await start(t)
  await t.rejects(server.registerKind({ ...kind, group: '', plural: 'pods' }), { message: '/pods is served already' })
  const inOtherGroup: Kind = { ...kind, plural: 'pods', kind: 'Pod', singular: 'pod' }
  const both = await Promise.allSettled([server.registerKind(inOtherGroup), server.registerKind(inOtherGroup)])
  t.same(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  await server.send('POST', '/apis/example.com/v1/namespaces/default/pods', {
    body: { metadata: { name: 'mine' }, spec: {} },
  })
  t.match((await server.send('GET', '/apis/example.com/v1/pods')).json(), { items: [{ metadata: { name: 'mine' } }] })
  t.match((await server.send('GET', '/api/v1/pods')).json(), { kind: 'PodList', items: [] })
  await t.rejects(async () => server.unregisterKind({ group: 'example.com', plural: 'widgets' }))
})

t.test('documents of what is served change, and only then', async (t) => {
  const { server } = await start(t)
  const tags = async () => {
    const paths = ['/apis', '/openapi/v3', '/openapi/v2'] as const
    const answers = paths.map((path) => server.send('GET', path, { headers: path === '/apis' ? AGGREGATED : {} }))
    return (await Promise.all(answers)).map(({ headers }) => headers.etag!)
  }
  const before = await tags()
  t.same(await tags(), before)
  const known = await server.send('GET', '/apis', { headers: { ...AGGREGATED, 'if-none-match': before[0]! } })
  t.equal(known.status, 304)

  await server.registerKind(kind)
  const during = await tags()
  for (const [index, tag] of during.entries()) t.not(tag, before[index])
  t.match((await server.send('GET', '/openapi/v3/apis/example.com/v1')).json(), {
    components: { schemas: { 'com.example.v1.Widget': { description: /has not known/ } } },
  })
  await server.unregisterKind(kind)
  t.same(await tags(), before)
})

t.test('kubectl meets a kind that comes', { skip: !hasKubectl && 'kubectl is not installed' }, async (t) => {
  const { server, kubectl } = await start(t)
  await t.rejects(kubectl('get', 'widgets'), /doesn't have a resource type "widgets"/)
  await server.registerKind(kind)
  t.match(await kubectl('api-resources', '--cached=false'), /widgets +wd +example.com\/v1 +true +Widget/)
  await server.send('POST', WIDGETS, { body: draft('a') })
  t.match(await kubectl('get', 'wd'), /NAME +SIZE\na +1\n/)
  t.match(await kubectl('get', 'all'), /widget.example.com\/a +1\n/)
  t.match(await kubectl('explain', 'widget.spec.size'), /FIELD: size <integer>/)
  t.match(await kubectl('delete', 'widget', 'a'), 'widget.example.com "a" deleted')
})
