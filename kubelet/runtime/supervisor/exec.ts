import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../shared/clock.ts'
import type { ExecResult } from '../runtime.ts'
import { exitCodeOf } from './exit-code.ts'
import { killTrees } from './kill.ts'
import { drain } from './output.ts'
import type { Tree } from './process-tree.ts'
import type { ProgramSpec } from './program.ts'
import { type Spawn, treeOf } from './spawn.ts'

/** Longest output that is kept, as of upstream's exec probes. What comes after it is read and dropped. */
export const EXEC_OUTPUT_BYTES_MAX = 10 * 1024

/** The environment entry that all processes of one exec inherit. */
export const EXEC_MARKER = 'KUBEPROC_EXEC_ID'

/**
 * Runs a program to its end. Processes that it leaves in the background go on as part of the container, but a program
 * that runs out of time takes all of its processes along. `onStart` hears of its tree, to kill it with the container.
 */
export async function runExec(
  spawn: Spawn,
  { argv, env, workingDirectory }: ProgramSpec,
  { timeoutMs, clock, onStart }: { timeoutMs: number; clock: Clock; onStart(tree: Tree): void },
): Promise<ExecResult> {
  const id = randomBytes(16).toString('hex')
  const child = await spawn({ argv, workingDirectory, env: { ...env, [EXEC_MARKER]: id } })
  const tree = treeOf(`${EXEC_MARKER}=${id}`, child)
  onStart(tree)

  const output: Buffer[] = []
  let kept = 0
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      const part = chunk.subarray(0, EXEC_OUTPUT_BYTES_MAX - kept)
      kept += part.length
      if (part.length > 0) output.push(part)
    })
  }

  let timedOut = false
  const cancelTimeout = clock.after(timeoutMs, () => {
    timedOut = true
    void killTrees([tree], clock)
  })
  await drain([child.stdout, child.stderr], child.ended, clock)
  cancelTimeout()
  return { exitCode: exitCodeOf(await child.ended), output: Buffer.concat(output).toString(), timedOut }
}
