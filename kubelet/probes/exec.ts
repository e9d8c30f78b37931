import type { Runtime } from '../runtime/runtime.ts'
import { failure, type Outcome, SUCCESS } from './outcome.ts'

/** Runs a program beside the container. Exit code 0 is success; otherwise what it printed is the message. */
export async function probeExec(
  runtime: Pick<Runtime, 'exec'>,
  runId: string,
  { command, timeoutMs }: { command: readonly string[]; timeoutMs: number },
): Promise<Outcome> {
  const { exitCode, output, timedOut } = await runtime.exec(runId, command, { timeoutMs })
  if (timedOut) {
    return failure(`command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s`)
  }
  return exitCode === 0 ? SUCCESS : failure(output.trimEnd())
}
