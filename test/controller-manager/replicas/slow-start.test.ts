import t from 'tap'
import { slowStart } from '../../../controller-manager/replicas/slow-start.ts'
import { settle } from '../../support/fake-clock.ts'

t.test('batches double while all goes well', async (t) => {
  let running = 0
  const batches: number[] = []
  const result = await slowStart(10, async () => {
    running++
    await settle()
    if (running > 0) batches.push(running)
    running = 0
  })
  t.same(batches, [1, 2, 4, 3])
  t.same(result, { succeeded: 10 })
})

t.test('the first batch with a failure is the last', async (t) => {
  let calls = 0
  const error = new Error('no')
  const result = await slowStart(100, async () => {
    calls++
    if (calls >= 3) throw error
  })
  t.same(result, { succeeded: 2, failure: { error } })
  t.equal(calls, 3)
  t.same(await slowStart(0, () => Promise.reject(error)), { succeeded: 0 })
})
