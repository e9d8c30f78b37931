import { type Clock, delay } from '../../../shared/clock.ts'
import { hasEnvironment, readProcesses } from '../../../shared/processes.ts'
import { membersOf, type Tree } from './process-tree.ts'

/** Pause between two looks at the process table: the killed need a moment to go. */
const ROUND_MS = 5
/** After this many rounds (about 10 s) what is left cannot be killed: it hangs in the kernel, or is not ours to kill. */
const ROUNDS_MAX = 2_000

/** Sends a signal to a process, or to a group where `target` is negative; false where there is none any more. */
export function signal(target: number, name: NodeJS.Signals | number): boolean {
  try {
    return process.kill(target, name)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // ESRCH: it has ended meanwhile. EPERM: it took another user's identity (setuid), so the kernel protects it from us.
    if (code === 'ESRCH' || code === 'EPERM') return false
    throw error
  }
}

/**
 * SIGKILLs all processes of some trees, also those that left their process group, and looks again until none is left:
 * a process may have forked between the look and the signal. Resolves with the PIDs that would not go.
 */
export async function killTrees(trees: readonly Tree[], clock: Clock): Promise<number[]> {
  const never = new AbortController().signal
  for (let round = 0; ; round++) {
    const table = readProcesses()
    const left = new Set(trees.flatMap((tree) => membersOf(tree, table, hasEnvironment)).map(({ pid }) => pid))
    if (left.size === 0 || round === ROUNDS_MAX) return [...left]
    for (const pid of left) signal(pid, 'SIGKILL')
    await delay(clock, ROUND_MS, never)
  }
}
