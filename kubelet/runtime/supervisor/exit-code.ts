import { constants } from 'node:os'
import type { ProcessEnd } from './spawn.ts'

const SIGNAL_EXIT_BASE = 128

/** Exit code of what SIGKILL ended. */
export const KILLED_EXIT_CODE = SIGNAL_EXIT_BASE + constants.signals.SIGKILL

/** The number of the signal that ended a process, if one did. */
export const signalNumberOf = ({ signal }: ProcessEnd): number | undefined =>
  signal === null ? undefined : constants.signals[signal]

/** The exit code as a shell and upstream give it: 128+n for signal n. */
export function exitCodeOf(end: ProcessEnd): number {
  const signal = signalNumberOf(end)
  return signal === undefined ? end.code! : SIGNAL_EXIT_BASE + signal
}
