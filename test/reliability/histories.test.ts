/** Concurrent reads and writes, shortened; `node test/reliability/main.ts histories` runs them in full. */
import t from 'tap'
import { testDirectory } from '../support/directory.ts'
import { runHistories } from './histories.ts'

const seed = Math.floor(Math.random() * 2 ** 31)

t.test(`what concurrent clients are told is linearizable (seed ${seed})`, async (t) => {
  const result = await runHistories({
    ...{ directory: testDirectory(t), seed },
    ...{ clients: 8, rounds: 5, operations: 15, killShare: 0.3 },
  })
  t.strictSame(result.faults, [])
  t.ok(result.operations > 200, 'there is something to judge')
})
