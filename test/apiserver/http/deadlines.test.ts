import t from 'tap'
import { createDeadlines, parseTimeout } from '../../../apiserver/http/deadlines.ts'
import { createFakeClock } from '../../support/fake-clock.ts'

t.test('those that do not end in time are told so, each at its own time', async (t) => {
  const clock = createFakeClock(0)
  const deadlines = createDeadlines(clock, 100)
  const passed: [name: string, atMs: number, reason: string][] = []
  const start = (name: string, timeoutMs?: number) =>
    deadlines.start(timeoutMs, ({ reason }) => passed.push([name, clock.nowMs(), reason]))
  const first = start('first')
  await clock.advance(30)
  const second = start('second')
  const ended = start('ended')
  const short = start('short', 20)
  const endedShort = start('ended short', 20)
  start('longer than all', 5000)
  deadlines.end(ended)
  deadlines.end(endedShort)
  await clock.advance(1000)
  t.strictSame(passed, [
    ['short', 50, 'Timeout'],
    ['first', 100, 'Timeout'],
    ['second', 130, 'Timeout'],
    ['longer than all', 130, 'Timeout'],
  ])
  t.strictSame(
    [first, second, ended, short].map(({ isOver }) => isOver),
    [true, true, false, true],
  )
  t.equal(clock.pending, 0, 'no timer is left')
})

t.test('one timer serves all, and is gone after close', async (t) => {
  const clock = createFakeClock(0)
  const deadlines = createDeadlines(clock, 100)
  for (let count = 0; count < 10; count++) deadlines.start(undefined, () => t.fail('closed'))
  t.equal(clock.pending, 1)
  deadlines.close()
  await clock.advance(1000)
})

t.test('the timeout of a query', async (t) => {
  t.strictSame(['30s', '1m30s', '500ms', '', '0', undefined].map(parseTimeout), [
    30_000,
    90_000,
    500,
    undefined,
    undefined,
    undefined,
  ])
  for (const text of ['soon', '-1s', '10', 'NaN'])
    t.throws(() => parseTimeout(text), { reason: 'BadRequest', message: /invalid duration/ }, text)
})
