import t from 'tap'
import { createTaintTimes } from '../../../controller-manager/tainteviction/taint-times.ts'
import { at, node, START_MS } from '../objects.ts'

const taint = (timeAdded?: string) => ({
  key: 'k',
  effect: 'NoExecute',
  ...(timeAdded !== undefined && { timeAdded }),
})

t.test('a taint counts from when it was seen, or from its own time after a restart', async (t) => {
  let nowMs = START_MS + 100_500
  const times = createTaintTimes(() => nowMs)
  const fresh = node('n', { taints: [taint(at(100))] })
  times.observe(fresh)
  nowMs += 10_000
  times.observe(fresh)
  t.equal(times.sinceMs(fresh, taint(at(100))), START_MS + 100_500, 'to the millisecond')

  const restarted = createTaintTimes(() => nowMs)
  restarted.observe(fresh)
  t.equal(restarted.sinceMs(fresh, taint(at(100))), START_MS + 101_000, 'at most a second late, never early')

  const timeless = node('m', { taints: [taint()] })
  times.observe(timeless)
  nowMs += 1_000
  t.equal(times.sinceMs(timeless, taint()), nowMs - 1_000)
  times.observe(node('m'))
  times.observe(timeless)
  t.equal(times.sinceMs(timeless, taint()), nowMs, 'taken away and set again')
  times.forget(timeless)
  t.equal(times.sinceMs(timeless, taint()), nowMs)
})
