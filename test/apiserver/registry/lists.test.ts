/** Lists through the API: selectors, pages of one snapshot, versions. */
import t from 'tap'
import { openMemoryStorage } from '../../../apiserver/storage/sqlite-storage.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'
const COUNT = 7

interface List {
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number }
  items: { metadata: { name: string } }[]
}
const namesOf = ({ items }: List) => items.map(({ metadata }) => metadata.name)

t.test('lists', async (t) => {
  const storage = openMemoryStorage()
  const server = await startTestApiServer(testDirectory(t), { storage })
  t.teardown(() => server.close())
  const list = async (query: string): Promise<List> => (await server.send('GET', `${MAPS}?${query}`)).json()
  const create = (name: string, labels: object) =>
    server.send('POST', MAPS, { body: { metadata: { name, labels }, data: {} } })
  for (let index = 0; index < COUNT; index++) await create(`m${index}`, { parity: index % 2 === 0 ? 'even' : 'odd' })

  t.test('selectors', async (t) => {
    t.strictSame(namesOf(await list('labelSelector=parity%3Dodd')), ['m1', 'm3', 'm5'])
    t.strictSame(namesOf(await list('labelSelector=parity%20notin%20(odd)')), ['m0', 'm2', 'm4', 'm6'])
    t.strictSame(namesOf(await list('fieldSelector=metadata.name%3Dm3')), ['m3'])
    t.strictSame(namesOf(await list('fieldSelector=metadata.namespace%3Dother')), [])
    t.match(await list('fieldSelector=data.a%3Db'), {
      code: 400,
      message: '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
    })
  })

  t.test('pages show one snapshot, whatever happens in between', async (t) => {
    const first = await list('limit=3')
    t.strictSame(namesOf(first), ['m0', 'm1', 'm2'])
    t.equal(first.metadata.remainingItemCount, COUNT - 3)
    await create('m3a', {})
    await server.send('DELETE', `${MAPS}/m4`)
    const second = await list(`limit=3&continue=${first.metadata.continue}`)
    t.strictSame(namesOf(second), ['m3', 'm4', 'm5'])
    t.equal(second.metadata.resourceVersion, first.metadata.resourceVersion)
    const last = await list(`limit=3&continue=${second.metadata.continue}`)
    t.strictSame(namesOf(last), ['m6'])
    t.notOk('continue' in last.metadata)
    t.strictSame(namesOf(await list('')), ['m0', 'm1', 'm2', 'm3', 'm3a', 'm5', 'm6'])
  })

  t.test('pages of a selection', async (t) => {
    const first = await list('limit=1&labelSelector=parity%3Deven')
    t.strictSame(namesOf(first), ['m0'])
    t.notOk('remainingItemCount' in first.metadata, 'how many more match is unknown')
    await create('n', { parity: 'even' })
    const rest = await list(`limit=9&labelSelector=parity%3Deven&continue=${first.metadata.continue}`)
    t.strictSame(namesOf(rest), ['m2', 'm6'])
  })

  t.test('a token whose snapshot is gone says how to go on', async (t) => {
    const { metadata } = await list('limit=2')
    await create('o', {})
    await storage.compact(await storage.currentRevision())
    const gone = await server.send('GET', `${MAPS}?limit=2&continue=${metadata.continue}`)
    t.match(gone.json(), { code: 410, reason: 'Expired', message: /^The provided continue parameter is too old/ })
    const rest = await list(`limit=9&continue=${gone.json().metadata.continue}`)
    t.strictSame(namesOf(rest), ['m2', 'm3', 'm3a', 'm5', 'm6', 'n', 'o'])
  })

  t.test('resourceVersion', async (t) => {
    const { metadata } = await list('')
    t.equal(namesOf(await list('resourceVersion=0')).length, 9, 'any version')
    t.equal(namesOf(await list(`resourceVersion=${metadata.resourceVersion}`)).length, 9, 'not older than')
    await create('p', {})
    const exact = await list(`resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=Exact`)
    t.equal(exact.metadata.resourceVersion, metadata.resourceVersion)
    t.equal(namesOf(exact).includes('p'), false)
    t.match(await list('resourceVersion=1&resourceVersionMatch=Exact'), { code: 410, reason: 'Expired' })
  })

  t.test('options that make no sense together', async (t) => {
    const refused: [query: string, code: number, message: RegExp | string][] = [
      ['resourceVersionMatch=Exact', 422, /resourceVersionMatch is forbidden unless resourceVersion is provided/],
      ['resourceVersionMatch=Exact&resourceVersion=0', 422, /"exact\\?" is forbidden for resourceVersion/],
      ['resourceVersionMatch=Near&resourceVersion=5', 422, /Unsupported value: "Near"/],
      ['sendInitialEvents=true', 422, /sendInitialEvents is forbidden for list/],
      ['limit=x', 400, /invalid syntax/],
      ['watch=1&resourceVersionMatch=NotOlderThan', 422, /forbidden for watch unless sendInitialEvents is provided/],
    ]
    for (const [query, code, message] of refused) t.match(await list(query), { code, message }, query)
  })
})
