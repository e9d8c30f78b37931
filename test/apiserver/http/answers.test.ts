/** How answers look: representations, sizes, warnings, discovery, and what is refused before any handler. */

import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

t.test('answers', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const { send } = server
  await send('POST', MAPS, { body: { metadata: { name: 'a' }, data: { x: '1', y: '2' } } })

  t.test('Tables', async (t) => {
    const table = (await send('GET', MAPS, { headers: { accept: TABLE } })).json()
    t.match(table, {
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      columnDefinitions: [
        { name: 'Name', type: 'string', format: 'name', priority: 0 },
        { name: 'Data', format: '' },
        { name: 'Age' },
      ],
      rows: [
        {
          cells: ['a', 2, /^\d+s$/],
          object: { kind: 'PartialObjectMetadata', metadata: { name: 'a', namespace: 'default' } },
        },
      ],
    })
    t.notOk('data' in table.rows[0].object)
    const one = (await send('GET', `${MAPS}/a?includeObject=Object`, { headers: { accept: TABLE } })).json()
    t.match(one.rows, [{ cells: ['a', 2, String], object: { kind: 'ConfigMap', data: { x: '1' } } }])
    const none = (await send('GET', `${MAPS}?includeObject=None`, { headers: { accept: TABLE } })).json()
    t.equal(none.rows[0].object, null)
    t.match((await send('GET', `${MAPS}?includeObject=All`, { headers: { accept: TABLE } })).json(), { code: 400 })
    t.match((await send('GET', `${MAPS}/none`, { headers: { accept: TABLE } })).json(), { kind: 'Status', code: 404 })
  })

  t.test('metadata alone', async (t) => {
    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
    t.match((await send('GET', MAPS, { headers: { accept } })).json(), {
      kind: 'PartialObjectMetadataList',
      items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'a' } }],
    })
  })

  t.test('YAML', async (t) => {
    const answer = await send('GET', `${MAPS}/a`, { headers: { accept: 'application/yaml' } })
    t.equal(answer.headers['content-type'], 'application/yaml')
    t.match(answer.text, /^kind: ConfigMap\n/)
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from-yaml\ndata:\n  k: v\n'
    const created = await send('POST', MAPS, { body, headers: { 'content-type': 'application/yaml' } })
    t.match(created.json(), { metadata: { name: 'from-yaml' }, data: { k: 'v' } })
  })

  t.test('for people', async (t) => {
    const plain = await send('GET', `${MAPS}/a`)
    t.equal(plain.text.trim().split('\n').length, 1)
    for (const [path, headers] of [
      [`${MAPS}/a?pretty=true`, {}],
      [`${MAPS}/a`, { 'user-agent': 'curl/8.0' }],
    ] as const) {
      const pretty = await send('GET', path, { headers })
      t.match(pretty.text, /^{\n {2}"kind": "ConfigMap",\n/)
      t.strictSame(pretty.json(), plain.json())
    }
    t.equal((await send('GET', `${MAPS}/a?pretty=false`, { headers: { 'user-agent': 'curl/8.0' } })).text, plain.text)
  })

  t.test('unknown fields', async (t) => {
    const body = { metadata: { name: 'w' }, bogus: 1 }
    const dry = (query: string) => send('POST', `${MAPS}?dryRun=All${query}`, { body })
    t.equal((await dry('')).headers.warning, '299 - "unknown field \\"bogus\\""')
    t.equal((await dry('&fieldValidation=Ignore')).headers.warning, undefined)
    t.match((await dry('&fieldValidation=Strict')).json(), {
      code: 400,
      message: /strict decoding error: unknown field "bogus"/,
    })
    t.match((await dry('&fieldValidation=Maybe')).json(), {
      code: 422,
      message: /supported values: "Ignore", "Strict", "Warn"/,
    })
  })

  t.test('large answers are compressed for those who take it', async (t) => {
    await send('POST', MAPS, { body: { metadata: { name: 'big' }, data: { x: 'y'.repeat(200_000) } } })
    const sent = request(new URL(`${MAPS}/big`, server.url), {
      ca: server.authority.certificate,
      headers: { authorization: `Bearer ${server.token}`, 'accept-encoding': 'gzip' },
    }).end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    t.equal(answer.headers['content-encoding'], 'gzip')
    const packed = Buffer.concat(await answer.toArray())
    t.ok(packed.length < 10_000)
    t.match(JSON.parse(gunzipSync(packed).toString()), { metadata: { name: 'big' } })
    t.equal((await send('GET', `${MAPS}/big`)).headers['content-encoding'], undefined)
    await send('DELETE', `${MAPS}/big`)
  })

  t.test('a body that is too large', async (t) => {
    const { status, json } = await send('POST', MAPS, { body: 'x'.repeat(3 * 1024 * 1024 + 1) })
    t.equal(status, 413)
    t.match(json(), { reason: 'RequestEntityTooLarge', message: 'Request entity too large: limit is 3145728' })
  })

  t.test('paths that are not there', async (t) => {
    t.equal((await send('GET', '/nothing')).text, '404 page not found\n')
    t.equal((await send('GET', '/apis/nosuch.k8s.io/v1/things')).text, '404 page not found\n')
    for (const path of ['/api/v1/things', '/api/v1/namespaces/default/things/x', `${MAPS}/a/status`])
      t.match((await send('GET', path)).json(), {
        code: 404,
        message: 'the server could not find the requested resource',
      })
    t.match((await send('DELETE', '/api/v1/namespaces')).json(), { code: 405, reason: 'MethodNotAllowed' })
    t.match((await send('POST', '/api/v1/configmaps', { body: {} })).json(), { code: 405 })
    t.equal((await send('GET', `${MAPS}/${'n'.repeat(253)}`)).json().code, 404, 'the longest name there can be')
  })

  t.test('a slash at the end of a path', async (t) => {
    for (const path of ['/api', '/apis', '/api/v1', '/apis/apps', '/apis/apps/v1', '/version', MAPS, `${MAPS}/a`]) {
      const answer = await send('GET', `${path}/`)
      t.equal(answer.status, 200, path)
      t.same(answer.json(), (await send('GET', path)).json(), path)
    }
  })

  t.test('the root says what there is', async (t) => {
    const { paths } = (await send('GET', '/')).json()
    for (const path of ['/api', '/api/v1', '/apis/apps', '/apis/apps/v1', '/healthz', '/openapi/v3', '/version'])
      t.ok(paths.includes(path), path)
    for (const path of paths) t.equal((await send('GET', path)).status, 200, path)
  })

  t.test('discovery', async (t) => {
    const core = (await send('GET', '/api/v1')).json()
    const pods = core.resources.filter(({ name }: { name: string }) => name.startsWith('pods'))
    t.match(pods, [
      { name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', shortNames: ['po'], categories: ['all'] },
      { name: 'pods/attach', kind: 'PodAttachOptions', verbs: ['create', 'get'] },
      { name: 'pods/binding', kind: 'Binding', verbs: ['create'] },
      { name: 'pods/eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
      { name: 'pods/exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
      { name: 'pods/log', verbs: ['get'] },
      { name: 'pods/portforward', kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
      { name: 'pods/proxy', kind: 'PodProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
      { name: 'pods/status', verbs: ['get', 'patch', 'update'] },
    ])
    t.strictSame(pods[0].verbs, ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'])
    const { kind, groups } = (await send('GET', '/apis')).json()
    t.equal(kind, 'APIGroupList')
    t.ok(groups.some(({ name }: { name: string }) => name === 'coordination.k8s.io'))
    t.match((await send('GET', '/apis/coordination.k8s.io')).json(), {
      kind: 'APIGroup',
      preferredVersion: { version: 'v1' },
    })
    for (const version of ['v2', 'v2beta1']) {
      const accept = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList,application/json`
      const answer = await send('GET', '/api', { headers: { accept } })
      t.match(answer.headers['content-type'], `v=${version};as=APIGroupDiscoveryList`)
      t.match(answer.json(), {
        kind: 'APIGroupDiscoveryList',
        items: [{ versions: [{ version: 'v1', freshness: 'Current' }] }],
      })
    }
    t.match((await send('GET', '/api')).json(), { kind: 'APIVersions', versions: ['v1'] })
  })
})
