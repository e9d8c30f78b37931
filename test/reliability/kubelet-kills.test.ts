/** A kubelet that is killed in every phase of its pods, shortened; `node test/reliability/main.ts kubelet` does it at length. */
import t from 'tap'
import { testDirectory } from '../support/directory.ts'
import { runKubeletKills } from './kubelet-kills/kubelet-kills.ts'

const seed = Math.floor(Math.random() * 2 ** 31)

t.test(
  `a kubelet that is killed restarts nothing, starts nothing twice and leaves nothing (seed ${seed})`,
  async (t) => {
    const { faults, kills } = await runKubeletKills({ directory: testDirectory(t), seed, rounds: 1 })
    t.strictSame(faults, [])
    t.ok(kills > 0)
  },
)
