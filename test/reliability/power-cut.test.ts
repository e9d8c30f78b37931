/** Power cuts, shortened; `node test/reliability/main.ts power-cut` makes a thousand. */
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { testDirectory } from '../support/directory.ts'
import { runPowerCuts } from './power-cut.ts'

const seed = Math.floor(Math.random() * 2 ** 31)
/** A container may have strace and not the right to trace. */
const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0
const skip = canTrace ? false : 'strace is not there or may not trace'

t.test(`a power cut takes nothing that was acknowledged (seed ${seed})`, { skip }, async (t) => {
  const result = await runPowerCuts({ directory: testDirectory(t), seed, writes: 400, images: 25 })
  t.strictSame(result.faults, [])
  t.ok(result.acknowledged > 100 && result.incomplete > 10, 'there was something to lose')
})

t.test(`a disk that ignores syncs is found out (seed ${seed})`, { skip }, async (t) => {
  const result = await runPowerCuts({ directory: testDirectory(t), seed, writes: 200, images: 12, isDeaf: true })
  t.ok(result.faults.length > 0)
})
