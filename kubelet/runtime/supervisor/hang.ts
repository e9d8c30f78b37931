/** Stops the processes of containers where they stand, and lets them go on. */
import { type Clock, delay } from '../../../shared/clock.ts'
import { hasEnvironment, type ProcessInfo, readProcesses } from '../../../shared/processes.ts'
import { signal } from './kill.ts'
import { membersOf, type Tree } from './process-tree.ts'

/** Pause between two looks at the process table. */
const ROUND_MS = 5
/** After this many rounds (about 2 s) whatever still runs is in the kernel's hands and stops when it comes back. */
const ROUNDS_MAX = 400

const members = (trees: readonly Tree[]): ProcessInfo[] => {
  const table = readProcesses()
  return trees.flatMap((tree) => membersOf(tree, table, hasEnvironment))
}

const isStopped = ({ state }: ProcessInfo) => state === 'T' || state === 't'

/** Stops all processes of some trees, and looks again until none runs: one may have forked before its signal came. */
export async function hangTrees(trees: readonly Tree[], clock: Clock): Promise<void> {
  const never = new AbortController().signal
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const running = members(trees).filter((info) => !isStopped(info))
    if (running.length === 0) return
    for (const { pid } of running) signal(pid, 'SIGSTOP')
    await delay(clock, ROUND_MS, never)
  }
}

/** Lets all stopped processes of some trees go on. */
export function thawTrees(trees: readonly Tree[]): void {
  for (const { pid } of members(trees).filter(isStopped)) signal(pid, 'SIGCONT')
}
