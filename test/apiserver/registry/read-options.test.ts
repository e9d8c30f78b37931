/** Which versions reads show: every combination of `resourceVersion`, `resourceVersionMatch`, `limit` and `continue`. */
import t from 'tap'
import { openMemoryStorage } from '../../../apiserver/storage/sqlite-storage.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { until } from '../../support/until.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'

interface List {
  metadata: { resourceVersion: string; continue?: string }
  items: { metadata: { name: string } }[]
}

t.test('versions of reads', async (t) => {
  const storage = openMemoryStorage()
  const clock = createFakeClock()
  const server = await startTestApiServer(testDirectory(t), { storage, clock })
  t.teardown(() => server.close())
  const get = (query: string, path = MAPS) => server.send('GET', `${path}?${query}`)
  const create = async (name: string): Promise<string> =>
    (await server.send('POST', MAPS, { body: { metadata: { name } } })).json().metadata.resourceVersion
  const [first, second, third] = [await create('a'), await create('b'), await create('c')]
  // Something else has been written since.
  await server.send('POST', '/api/v1/namespaces/default/secrets', { body: { metadata: { name: 's' } } })
  const now = (await get('')).json().metadata.resourceVersion
  const future = String(Number(now) + 1000)

  t.test('lists', async (t) => {
    const all = 'a b c'
    const cases: [query: string, names: string, version: string | undefined][] = [
      ['', all, now],
      ['limit=2', 'a b', now],
      ['limit=0', all, now],
      ['resourceVersion=0', all, now],
      ['resourceVersion=0&limit=1', all, now],
      ['resourceVersion=0&resourceVersionMatch=NotOlderThan', all, now],
      [`resourceVersion=${first}`, all, now],
      [`resourceVersion=${first}&resourceVersionMatch=NotOlderThan`, all, now],
      [`resourceVersion=${first}&resourceVersionMatch=NotOlderThan&limit=1`, 'a', now],
      [`resourceVersion=${first}&resourceVersionMatch=Exact`, 'a', first],
      [`resourceVersion=${second}&resourceVersionMatch=Exact`, 'a b', second],
      [`resourceVersion=${second}&resourceVersionMatch=Exact&limit=1`, 'a', second],
      [`resourceVersion=${second}&limit=5`, 'a b', second],
      [`resourceVersion=${third}&resourceVersionMatch=Exact&labelSelector=x`, '', third],
    ]
    for (const [query, names, version] of cases) {
      const { metadata, items }: List = (await get(query)).json()
      t.equal(items.map(({ metadata: { name } }) => name).join(' '), names, query)
      t.equal(metadata.resourceVersion, version, query)
    }
  })

  t.test('pages go on with the version that the first one had', async (t) => {
    for (const query of ['limit=1', `resourceVersion=${second}&resourceVersionMatch=Exact&limit=1`]) {
      const { metadata }: List = (await get(query)).json()
      for (const more of ['', '&resourceVersion=0']) {
        const next: List = (await get(`limit=1&continue=${metadata.continue}${more}`)).json()
        t.same(
          next.items.map(({ metadata: { name } }) => name),
          ['b'],
        )
        t.equal(next.metadata.resourceVersion, metadata.resourceVersion)
      }
    }
  })

  t.test('single objects', async (t) => {
    for (const query of ['', 'resourceVersion=0', `resourceVersion=${first}`, `resourceVersion=${now}`])
      t.match((await get(query, `${MAPS}/c`)).json(), { metadata: { name: 'c', resourceVersion: third } }, query)
  })

  t.test('a version that is still to come is waited for, then refused', async (t) => {
    const wanted = String(Number(now) + 1)
    const waiting = get(`resourceVersion=${wanted}`)
    await create('d')
    t.match((await waiting).json(), { metadata: { resourceVersion: wanted } })
    const before = clock.pending
    const waitingInVain = [
      get(`resourceVersion=${future}`),
      get(`resourceVersion=${future}&resourceVersionMatch=Exact`),
      get(`resourceVersion=${future}`, `${MAPS}/a`),
      get(`watch=1&resourceVersion=${future}`),
    ]
    await until(() => clock.pending >= before + waitingInVain.length)
    await clock.advance(3_000)
    for (const answer of await Promise.all(waitingInVain)) {
      t.equal(answer.status, 504)
      t.equal(answer.headers['retry-after'], '1')
      t.match(answer.json(), {
        reason: 'Timeout',
        message: new RegExp(`^Timeout: Too large resource version: ${future}, current: \\d+$`),
        details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }] },
      })
    }
  })

  t.test('what makes no sense', async (t) => {
    const { metadata }: List = (await get('limit=1')).json()
    const page = `continue=${metadata.continue}`
    const match = 'resourceVersionMatch'
    const cases: [query: string, code: number, message: string][] = [
      [`${match}=Exact`, 422, `${match}: Forbidden: ${match} is forbidden unless resourceVersion is provided`],
      [`${match}=NotOlderThan`, 422, `${match}: Forbidden: ${match} is forbidden unless resourceVersion is provided`],
      [
        `${match}=Exact&resourceVersion=0`,
        422,
        `${match}: Forbidden: ${match} "exact" is forbidden for resourceVersion "0"`,
      ],
      [
        `${match}=Near&resourceVersion=5`,
        422,
        `${match}: Unsupported value: "Near": supported values: "Exact", "NotOlderThan", ""`,
      ],
      [
        `${page}&${match}=Exact&resourceVersion=5`,
        422,
        `${match}: Forbidden: ${match} is forbidden when continue is provided`,
      ],
      [`${page}&resourceVersion=5`, 400, 'specifying resource version is not allowed when using continue'],
      ['sendInitialEvents=true', 422, 'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'],
      [
        'watch=1&sendInitialEvents=true',
        422,
        `${match}: Forbidden: sendInitialEvents requires setting ${match} to NotOlderThan`,
      ],
      [
        `watch=1&resourceVersion=5&${match}=NotOlderThan`,
        422,
        `${match}: Forbidden: ${match} is forbidden for watch unless sendInitialEvents is provided`,
      ],
      [
        `watch=1&sendInitialEvents=true&resourceVersion=5&${match}=Exact`,
        422,
        `[${match}: Forbidden: sendInitialEvents requires setting ${match} to NotOlderThan, ${match}: Unsupported value: "Exact": supported values: "NotOlderThan"]`,
      ],
      [
        `watch=1&sendInitialEvents=true&${match}=NotOlderThan&${page}`,
        422,
        `${match}: Forbidden: ${match} is forbidden when continue is provided`,
      ],
      [
        'resourceVersion=-1',
        500,
        'resourceVersion: Invalid value: "-1": strconv.ParseUint: parsing "-1": invalid syntax',
      ],
    ]
    for (const [query, code, message] of cases) {
      const answer = await get(query)
      t.equal(answer.status, code, query)
      t.equal(answer.json().message, code === 422 ? `ListOptions.meta.k8s.io "" is invalid: ${message}` : message)
    }
  })

  t.test('versions that are gone', async (t) => {
    await storage.compact(await storage.currentRevision())
    const answer = await get(`resourceVersion=${first}&resourceVersionMatch=Exact`)
    t.equal(answer.status, 410)
    t.match(answer.json(), {
      kind: 'Status',
      status: 'Failure',
      reason: 'Expired',
      message: new RegExp(`^The provided resource version is too old: ${first} \\(\\d+\\)$`),
      code: 410,
    })
    t.equal((await get(`resourceVersion=${first}`)).status, 200, 'not older than: what is current will do')
  })
})
