/** Watches through the API: what clients are told, in which order, and how it ends. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { createInterface } from 'node:readline'
import t from 'tap'
import { openMemoryStorage } from '../../../apiserver/storage/sqlite-storage.ts'
import { systemClock } from '../../../shared/clock.ts'
import { startTestApiServer, type TestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'

interface Line {
  type: string
  // biome-ignore lint/suspicious/noExplicitAny: objects of any kind, checked by the tests.
  object: any
}

/** Opens a watch; returns a function that reads its next line, which is undefined at its end. */
async function openWatch(server: TestApiServer, query: string, headers: Record<string, string> = {}) {
  const sent = request(new URL(`${MAPS}?watch=1&${query}`, server.url), {
    ca: server.authority.certificate,
    headers: { authorization: `Bearer ${server.token}`, ...headers },
  }).end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  const lines = createInterface({ input: answer })[Symbol.asyncIterator]()
  return {
    answer,
    async next(): Promise<Line | undefined> {
      const { value, done } = await lines.next()
      return done ? undefined : JSON.parse(value)
    },
    close: () => sent.destroy(),
  }
}

const shown = (line: Line | undefined) => line && `${line.type} ${line.object.metadata.name}`

t.test('watches', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const create = async (name: string, labels = {}) =>
    (await server.send('POST', MAPS, { body: { metadata: { name, labels }, data: {} } })).json()
  const label = async (name: string, labels: object) =>
    server.send('PATCH', `${MAPS}/${name}`, {
      body: { metadata: { labels } },
      headers: { 'content-type': 'application/merge-patch+json' },
    })
  const versionNow = async () => (await server.send('GET', MAPS)).json().metadata.resourceVersion

  t.test('from a version: every change after it, and nothing before', async (t) => {
    await create('a')
    const watch = await openWatch(server, `resourceVersion=${await versionNow()}`)
    t.equal(watch.answer.headers['content-type'], 'application/json')
    const created = await create('b')
    const first = await watch.next()
    t.strictSame(first, { type: 'ADDED', object: created })
    await label('b', { x: 'y' })
    t.equal(shown(await watch.next()), 'MODIFIED b')
    await server.send('DELETE', `${MAPS}/b`)
    const deleted = await watch.next()
    t.equal(shown(deleted), 'DELETED b')
    t.ok(
      Number(deleted?.object.metadata.resourceVersion) > Number(created.metadata.resourceVersion),
      'the deletion’s own version',
    )
    watch.close()
  })

  t.test('without a version: first what there is', async (t) => {
    const watch = await openWatch(server, 'fieldSelector=metadata.name%3Da')
    t.equal(shown(await watch.next()), 'ADDED a')
    watch.close()
  })

  t.test('a selector makes objects come and go', async (t) => {
    const watch = await openWatch(server, `labelSelector=in%3Dyes&resourceVersion=${await versionNow()}`)
    await create('c')
    await label('c', { in: 'yes' })
    t.equal(shown(await watch.next()), 'ADDED c')
    await label('c', { other: 'x' })
    t.equal(shown(await watch.next()), 'MODIFIED c')
    await label('c', { in: null })
    const left = await watch.next()
    t.equal(shown(left), 'DELETED c')
    t.strictSame(left?.object.metadata.labels, { in: 'yes', other: 'x' }, 'its last state that matched')
    watch.close()
  })

  t.test('sendInitialEvents: what there is, then a bookmark that says so', async (t) => {
    const watch = await openWatch(
      server,
      'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=other%3Dx',
    )
    t.equal(shown(await watch.next()), 'ADDED c')
    const mark = await watch.next()
    t.match(mark, {
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    })
    await label('c', { third: 'z' })
    t.equal(shown(await watch.next()), 'MODIFIED c')
    watch.close()
  })

  t.test('timeoutSeconds ends it, after a last bookmark', async (t) => {
    const version = await versionNow()
    const watch = await openWatch(server, `timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=${version}`)
    t.match(await watch.next(), { type: 'BOOKMARK', object: { metadata: { resourceVersion: version } } })
    t.equal(await watch.next(), undefined)
  })

  t.test('as a Table: the columns once', async (t) => {
    const watch = await openWatch(server, `resourceVersion=${await versionNow()}`, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    })
    await create('d')
    await create('e')
    const [first, second] = [await watch.next(), await watch.next()]
    t.match(first, {
      type: 'ADDED',
      object: { kind: 'Table', columnDefinitions: [{ name: 'Name' }, {}, {}], rows: [{ cells: ['d', 0, String] }] },
    })
    t.match(second, { object: { columnDefinitions: null, rows: [{ object: { metadata: { name: 'e' } } }] } })
    watch.close()
  })

  t.test('closing the server ends watches', async (t) => {
    const other = await startTestApiServer(testDirectory(t))
    const watch = await openWatch(other, 'resourceVersion=0')
    await other.close()
    while ((await watch.next()) !== undefined);
    t.pass('the watch ended')
  })
})

t.test('a version that is no longer known is an ERROR event', async (t) => {
  const storage = openMemoryStorage()
  await storage.write({ key: '/x/y/z', value: '1', expected: 0 })
  for (let revision = 1; revision < 5; revision++)
    await storage.write({ key: '/x/y/z', value: '1', expected: revision })
  await storage.compact(4)
  const server = await startTestApiServer(testDirectory(t), { storage, clock: systemClock })
  t.teardown(() => server.close())
  const watch = await openWatch(server, 'resourceVersion=1')
  t.equal(watch.answer.statusCode, 200)
  t.match(await watch.next(), { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })
  t.equal(await watch.next(), undefined)
})
