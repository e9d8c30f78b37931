/** Processes that stand still (SIGSTOP). */
import { spawn } from 'node:child_process'

/**
 * Waits for the end of its input, which comes with the death of the launcher, and lets the processes go on: they then
 * notice that death, and end. Without it a frozen process would outlive its launcher for ever.
 */
const GUARD = 'read -r _; kill -CONT "$@"'

export interface Frozen {
  /** Lets the processes go on. One that has ended meanwhile is no error. */
  thaw(): void
}

function goOn(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Stops processes where they stand. Throws where one of them does not exist. */
export function freeze(pids: readonly number[]): Frozen {
  const guard = spawn('/bin/sh', ['-c', GUARD, 'sh', ...pids.map(String)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Ctrl-C in the terminal is not meant for it.
    detached: true,
  })
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  return {
    thaw() {
      for (const pid of pids) goOn(pid)
      guard.kill('SIGKILL')
    },
  }
}
