/** A disk that becomes full, once; `node test/reliability/main.ts disk-faults` tries this and other faults many times. */
import t from 'tap'
import { testDirectory } from '../support/directory.ts'
import { runDiskFaults } from './disk-faults.ts'

const seed = Math.floor(Math.random() * 2 ** 31)
const skip =
  process.platform === 'linux' && process.getuid?.() === 0 ? false : 'a small file system takes root to mount'

t.test(
  `a full disk refuses writes, keeps what it has, and goes on when there is room (seed ${seed})`,
  { skip },
  async (t) => {
    const { faults } = await runDiskFaults({ directory: testDirectory(t), seed, rounds: 1, kinds: ['full disk'] })
    t.strictSame(faults, [])
  },
)
