/** The proofs by `kill -9` and by disturbed watches, shortened; `node test/reliability/main.ts` runs them in full. */
import t from 'tap'
import { testDirectory } from '../support/directory.ts'
import { runChurn } from './churn.ts'
import { KILLS, WATCHES } from './proofs.ts'

const { report: _, ...kills } = KILLS
const { report: __, ...watches } = WATCHES
/** A run of its own each time; a failure names it. */
const seed = Math.floor(Math.random() * 2 ** 31)

t.test(`a server that is killed loses nothing that it acknowledged (seed ${seed})`, async (t) => {
  const short = { kills: 2, writers: 16, watches: 2, lifeMsMax: 500 }
  const result = await runChurn({ ...kills, ...short, directory: testDirectory(t), seed })
  t.strictSame(result.faults, [])
  t.ok(result.acknowledged > 0 && result.deliveries > 0, 'something was written and seen')
})

t.test(`disturbed watches see every change once, or are told to list again (seed ${seed})`, async (t) => {
  const short = { kills: 1, deliveries: 8000, writers: 16, watches: 4, lifeMsMax: 600, cutBytesMax: 200_000 }
  const result = await runChurn({ ...watches, ...short, directory: testDirectory(t), seed, pauseMsMax: 200 })
  t.strictSame(result.faults, [])
  t.ok(result.deliveries >= 8000 && result.connections > 8, 'watches were cut off')
})
