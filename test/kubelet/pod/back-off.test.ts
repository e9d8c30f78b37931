import fc from 'fast-check'
import t from 'tap'
import { type BackOff, nextBackOff, restartAtMs } from '../../../kubelet/pod/back-off.ts'

const LIMITS = { initialMs: 10_000, maxMs: 300_000 }

t.test('waits of a container that ends at once: 0, 10, 20 … 300 s', async (t) => {
  let backOff: BackOff | undefined
  let nowMs = 0
  const waits = Array.from({ length: 8 }, () => {
    const atMs = restartAtMs(backOff, nowMs, LIMITS)
    const wait = (atMs - nowMs) / 1000
    backOff = nextBackOff(backOff, nowMs, atMs, LIMITS)
    nowMs = atMs
    return wait
  })
  t.strictSame(waits, [0, 10, 20, 40, 80, 160, 300, 300])
})

t.test('no wait is longer than the cap, and none is negative', async () => {
  const moments = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { maxLength: 20 })
  fc.assert(
    fc.property(moments, (ranForMs) => {
      let backOff: BackOff | undefined
      let nowMs = 0
      return ranForMs.every((ranMs) => {
        const endedAtMs = nowMs + ranMs
        const wait = restartAtMs(backOff, endedAtMs, LIMITS) - endedAtMs
        nowMs = endedAtMs + wait
        backOff = nextBackOff(backOff, endedAtMs, nowMs, LIMITS)
        return wait >= 0 && wait <= LIMITS.maxMs
      })
    }),
  )
})
