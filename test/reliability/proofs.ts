/** The proofs and their full lengths; the tests run some of them shortened. */
import { type ChurnOptions, runChurn } from './churn.ts'
import { runDiskFaults } from './disk-faults.ts'
import { runHistories } from './histories.ts'
import { runKubeletKills } from './kubelet-kills/kubelet-kills.ts'
import { runLeaders } from './leaders.ts'
import { runPowerCuts } from './power-cut.ts'

export interface ProofOptions {
  /** An empty directory of its own. */
  directory: string
  seed: number
  /** Share of the full length. */
  scale: number
}

export interface Proof {
  name: string
  description: string
  run(options: ProofOptions): Promise<{ faults: readonly string[] }>
}

const showProgress = (line: string) => process.stderr.isTTY && process.stderr.write(`\r${line}  `)

/** Rounds of eleven pods each. */
const KUBELET_ROUNDS = 50

/** Each brings two leaders down. */
const LEADER_ROUNDS = 40

/** Writers and watches under `kill -9`. */
export const KILLS: Omit<ChurnOptions, 'directory' | 'seed'> = {
  writers: 64,
  watches: 4,
  kills: 200,
  deliveries: 0,
  lifeMsMax: 1000,
  politeShare: 0,
  mayExpire: false,
  report: showProgress,
}

/** Watches under everything that can happen to them. */
export const WATCHES: Omit<ChurnOptions, 'directory' | 'seed'> = {
  writers: 32,
  watches: 12,
  kills: 30,
  deliveries: 1_000_000,
  lifeMsMax: 10000,
  politeShare: 0.5,
  cutBytesMax: 2_000_000,
  pauseMsMax: 1500,
  serverFlags: ['--etcd-compaction-interval=1s'],
  mayExpire: true,
  report: showProgress,
}

export const PROOFS: readonly Proof[] = [
  {
    name: 'kubelet',
    description: 'a kubelet is killed with SIGKILL in every phase of its pods, and on its way up',
    run: ({ directory, seed, scale }) =>
      runKubeletKills({ directory, seed, rounds: Math.ceil(KUBELET_ROUNDS * scale), report: showProgress }),
  },
  {
    name: 'leaders',
    description: 'of two controller managers and two schedulers the leaders are killed or frozen, over and over',
    run: ({ directory, seed, scale }) =>
      runLeaders({ directory, seed, rounds: Math.ceil(LEADER_ROUNDS * scale), report: showProgress }),
  },
  {
    name: 'kill',
    description: 'the API server is killed with SIGKILL under writers and watches',
    run: ({ directory, seed, scale }) => runChurn({ ...KILLS, directory, seed, kills: Math.ceil(KILLS.kills * scale) }),
  },
  {
    name: 'watch',
    description: 'watches that are cut off, slow, and expire, on a server that restarts and compacts',
    run: ({ directory, seed, scale }) =>
      runChurn({
        ...WATCHES,
        directory,
        seed,
        kills: Math.ceil(WATCHES.kills * scale),
        deliveries: WATCHES.deliveries * scale,
      }),
  },
  {
    name: 'histories',
    description: 'what concurrent clients are told is linearizable, also when the server is killed meanwhile',
    run: ({ directory, seed, scale }) =>
      runHistories({
        directory,
        seed,
        clients: 12,
        rounds: Math.ceil(500 * scale),
        operations: 25,
        killShare: 0.2,
        report: showProgress,
      }),
  },
  {
    name: 'power-cut',
    description: 'the power goes at any moment: what was not synced is lost in any part',
    run: ({ directory, seed, scale }) =>
      runPowerCuts({ directory, seed, writes: 2500, images: Math.ceil(1000 * scale), report: showProgress }),
  },
  {
    name: 'disk-faults',
    description: 'the disk is full, fails to sync, or may not be written for a while (needs root and strace)',
    run: ({ directory, seed, scale }) =>
      runDiskFaults({ directory, seed, rounds: Math.ceil(20 * scale), report: showProgress }),
  },
]
