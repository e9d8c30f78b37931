/** One round; `node test/reliability/main.ts leaders` runs many. */
import t from 'tap'
import { testDirectory } from '../support/directory.ts'
import { runLeaders } from './leaders.ts'

t.test('leaders are killed and frozen: another takes over, and nothing is missing or twice', async (t) => {
  const { kills, freezes, faults } = await runLeaders({ directory: testDirectory(t), seed: 1, rounds: 1 })
  t.strictSame(faults, [])
  t.strictSame({ kills, freezes }, { kills: 1, freezes: 1 })
})
