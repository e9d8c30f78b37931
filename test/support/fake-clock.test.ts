import t from 'tap'
import { delay } from '../../shared/clock.ts'
import { createFakeClock } from './fake-clock.ts'

t.test('timers run at their instant, in order, and what they set as well', async (t) => {
  const clock = createFakeClock(0)
  const seen: [string, number][] = []
  const note = (name: string) => seen.push([name, clock.nowMs()])
  clock.after(20, () => note('b'))
  clock.after(10, () => {
    note('a')
    clock.after(5, () => note('nested'))
  })
  clock.after(12, () => note('cancelled'))()
  delay(clock, 30, new AbortController().signal).then(() => note('delay'))
  await clock.advance(25)
  t.same(seen, [
    ['a', 10],
    ['nested', 15],
    ['b', 20],
  ])
  t.equal(clock.pending, 1)
  await clock.advance(5)
  t.same(seen.at(-1), ['delay', 30])
  t.equal(clock.nowMs(), 30)
})
