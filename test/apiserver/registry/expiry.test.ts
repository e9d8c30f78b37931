import t from 'tap'
import type { CachedObject } from '../../../apiserver/cache/cache.ts'
import { findExpired } from '../../../apiserver/registry/expiry.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { createFakeClock } from '../../support/fake-clock.ts'

const cached = (key: string, revision: number) => ({ key, revision }) as CachedObject

t.test('an object’s time begins with its last write', async (t) => {
  const firstSeen = new Map()
  const find = (objects: CachedObject[], nowMs: number) =>
    findExpired({ objects, firstSeen, nowMs, ttlMs: 100 }).map(({ key }) => key)
  t.strictSame(find([cached('a', 1), cached('b', 2)], 0), [])
  t.strictSame(find([cached('a', 1), cached('b', 3)], 60), [], 'b was written again')
  t.strictSame(find([cached('a', 1), cached('b', 3)], 100), ['a'])
  t.strictSame(find([cached('b', 3)], 159), [])
  t.strictSame([...firstSeen.keys()], ['b'], 'what is gone is forgotten')
  t.strictSame(find([cached('b', 3)], 160), ['b'])
})

t.test('the server removes events whose time is over', async (t) => {
  const clock = createFakeClock()
  const server = await startTestApiServer(testDirectory(t), { clock, eventTtlSeconds: 60 })
  t.teardown(() => server.close())
  const path = '/api/v1/namespaces/default/events'
  const event = { metadata: { name: 'e' }, involvedObject: { namespace: 'default' }, type: 'Normal', reason: 'Test' }
  t.equal((await server.send('POST', path, { body: event })).status, 201)
  for (let waitedMs = 0; waitedMs < 80_000; waitedMs += 10_000) {
    await clock.advance(10_000)
    await server.send('GET', path)
  }
  while ((await server.send('GET', `${path}/e`)).status !== 404) await new Promise((resolve) => setImmediate(resolve))
  t.pass('it is gone')
})
