import t from 'tap'
import { createExpectations } from '../../../shared/controller/expectations.ts'
import { createFakeClock } from '../../support/fake-clock.ts'

t.test('a key is stale until the cache shows what was done', async (t) => {
  const expectations = createExpectations({ clock: createFakeClock() })
  t.ok(expectations.isSatisfied('rc'))
  expectations.expectCreation('rc', 'a')
  expectations.expectDeletion('rc', 'b')
  expectations.expectCreation('other', 'c')
  t.notOk(expectations.isSatisfied('rc'))
  expectations.creationObserved('a')
  expectations.creationObserved('unrelated')
  t.notOk(expectations.isSatisfied('rc'))
  expectations.creationObserved('b')
  t.notOk(expectations.isSatisfied('rc'), 'a deletion is not a creation')
  expectations.deletionObserved('b')
  t.ok(expectations.isSatisfied('rc'))
  t.notOk(expectations.isSatisfied('other'), 'each key for itself')
  expectations.deletionObserved('c')
  t.ok(expectations.isSatisfied('other'), 'created and deleted before the cache showed it')
})

t.test('after five minutes the cache is believed', async (t) => {
  const clock = createFakeClock()
  const expectations = createExpectations({ clock })
  expectations.expectCreation('rc', 'a')
  await clock.advance(5 * 60_000 - 1)
  t.notOk(expectations.isSatisfied('rc'))
  await clock.advance(1)
  t.ok(expectations.isSatisfied('rc'))
  expectations.expectCreation('rc', 'b')
  expectations.creationObserved('a')
  t.notOk(expectations.isSatisfied('rc'), 'what was given up has no effect later')
  expectations.forget('rc')
  t.ok(expectations.isSatisfied('rc'))
})
