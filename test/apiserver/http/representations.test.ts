/** Tables and bare metadata of every kind, of objects, lists and watches. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { createInterface } from 'node:readline'
import t from 'tap'
import { collectionPathOf } from '../../../apiserver/http/resource-endpoints.ts'
import { ALL_VERBS } from '../../../shared/api/kind.ts'
import { builtInKinds } from '../../../shared/api/kinds.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

const as = (form: string) => `application/json;as=${form};v=v1;g=meta.k8s.io,application/json`

t.test('representations', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())

  /** The objects of a watch, as far as they come in time. */
  async function watch(path: string, accept: string) {
    const sent = request(new URL(path, server.url), {
      ca: server.authority.certificate,
      headers: { authorization: `Bearer ${server.token}`, accept },
    }).end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    const lines: string[] = []
    for await (const line of createInterface({ input: answer })) lines.push(line)
    return lines.map((line) => JSON.parse(line))
  }

  for (const kind of builtInKinds) {
    const { verbs = ALL_VERBS, plural } = kind
    if (!verbs.includes('list')) continue
    const path = collectionPathOf(kind).replace(':namespace', 'default')
    t.test(plural, async (t) => {
      const get = async (accept: string) => (await server.send('GET', path, { headers: { accept } })).json()
      const table = await get(as('Table'))
      t.match(table, { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: String } })
      for (const column of table.columnDefinitions)
        t.match(column, { name: String, type: String, format: String, description: /./, priority: Number }, column.name)
      for (const { cells } of table.rows) t.equal(cells.length, table.columnDefinitions.length)
      t.match(await get(as('PartialObjectMetadataList')), {
        kind: 'PartialObjectMetadataList',
        metadata: { resourceVersion: String },
      })
      t.match(await get('application/json'), { kind: `${kind.kind}List` })
    })
  }

  t.test('watches', async (t) => {
    const query =
      'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1'
    const path = `/api/v1/namespaces?${query}&fieldSelector=metadata.name%3Ddefault`
    const [tables, partial, whole] = await Promise.all([
      watch(path, as('Table')),
      watch(path, as('PartialObjectMetadata')),
      watch(path, 'application/json'),
    ])
    t.match(tables, [
      {
        type: 'ADDED',
        object: {
          kind: 'Table',
          columnDefinitions: [{ name: 'Name' }, {}, {}],
          rows: [{ cells: ['default', 'Active', String] }],
        },
      },
      { type: 'BOOKMARK', object: { kind: 'Table' } },
    ])
    const added = { type: 'ADDED', object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' } }
    const mark = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' }
    t.match(partial, [added, { type: 'BOOKMARK', object: mark }])
    t.notOk('spec' in partial[0].object)
    t.match(whole, [
      { object: { kind: 'Namespace', spec: Object } },
      { type: 'BOOKMARK', object: { kind: 'Namespace' } },
    ])
    for (const lines of [tables, partial, whole])
      t.match(lines[1].object.metadata, {
        annotations: { 'k8s.io/initial-events-end': 'true' },
        resourceVersion: /^\d+$/,
      })
  })
})
