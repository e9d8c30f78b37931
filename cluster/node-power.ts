/**
 * Ends a node's processes from outside, whether or not its kubelet lives: its supervisor owns them, and says in
 * `supervisor.pid` who it is.
 */
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { readProcess } from '../shared/processes.ts'
import { readFileIfThere } from './files.ts'

const POLL_MS = 10

/** The supervisor's process, or undefined where none lives. The start time tells it from a stranger that got its PID. */
async function findSupervisor(nodeDirectory: string): Promise<number | undefined> {
  const text = await readFileIfThere(join(nodeDirectory, 'supervisor.pid'))
  if (text === undefined) return undefined
  const [pid, startTicks] = text.trim().split(' ').map(Number)
  return isAlive(pid!) && (readProcess(pid!)?.startTicks ?? 0) === startTicks ? pid : undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

async function signalSupervisor(nodeDirectory: string, signal: NodeJS.Signals): Promise<void> {
  const pid = await findSupervisor(nodeDirectory)
  if (pid === undefined) return
  process.kill(pid, signal)
  while ((await findSupervisor(nodeDirectory)) === pid) await wait(POLL_MS)
}

/** Kills all of a node's containers and its supervisor at once; resolves when they are gone. */
export const killNode = (nodeDirectory: string): Promise<void> => signalSupervisor(nodeDirectory, 'SIGUSR2')

/** Ends a node's containers in order, and its supervisor; resolves when they are gone. */
export const stopSupervisor = (nodeDirectory: string): Promise<void> => signalSupervisor(nodeDirectory, 'SIGTERM')
