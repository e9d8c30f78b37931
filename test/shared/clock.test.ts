import t from 'tap'
import { delay, systemClock } from '../../shared/clock.ts'

t.test('a wait that is longer than the host’s timers can hold', async (t) => {
  let isOver = false
  const cancels = [2 ** 31, Number.POSITIVE_INFINITY].map((ms) =>
    systemClock.after(ms, () => {
      isOver = true
    }),
  )
  // One that is too long would end before all others.
  await delay(systemClock, 20, new AbortController().signal)
  t.notOk(isOver)
  for (const cancel of cancels) cancel()
})
