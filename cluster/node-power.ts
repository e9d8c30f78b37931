/**
 * Ends a node's processes from outside, whether or not its kubelet lives: its supervisor owns them, and says in
 * `supervisor.pid` who it is.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readFileIfThere } from '../shared/private-files.ts'
import { isAlive, readProcess } from '../shared/processes.ts'

const POLL_MS = 10

const SUPERVISOR = fileURLToPath(new URL('../kubelet/runtime/supervisor/main.ts', import.meta.url))

/** Whether there is a process of this PID, asked without /proc. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** Whether the process lives that this PID was given to then. Without /proc, where there is no start time, the PID has to do. */
function isSupervisor(pid: number, startTicks: number): boolean {
  const found = readProcess(pid)
  if (found === undefined) return startTicks === 0 && exists(pid)
  return found.startTicks === startTicks && isAlive(found)
}

/** What a supervisor says of itself while it runs; it takes the file away when it ends in order. */
async function readIdentity(nodeDirectory: string): Promise<{ pid: number; startTicks: number } | undefined> {
  const text = await readFileIfThere(join(nodeDirectory, 'supervisor.pid'))
  if (text === undefined) return undefined
  const [pid, startTicks] = text.trim().split(' ').map(Number)
  return { pid: pid!, startTicks: startTicks! }
}

/** The process of the node's supervisor, where one runs. */
export async function runningSupervisor(nodeDirectory: string): Promise<number | undefined> {
  const identity = await readIdentity(nodeDirectory)
  return identity !== undefined && isSupervisor(identity.pid, identity.startTicks) ? identity.pid : undefined
}

/** Whether a node has processes, or may have: its supervisor runs, or has not ended in order. */
export async function mayHaveProcesses(nodeDirectory: string): Promise<boolean> {
  return (await readIdentity(nodeDirectory)) !== undefined
}

/**
 * Starts a supervisor in the place of one that was killed: it begins by killing what that one has left. So nothing runs
 * on when a supervisor was killed together with its kubelet.
 */
async function succeed(nodeDirectory: string): Promise<void> {
  const child = spawn(process.execPath, [SUPERVISOR, `--root-dir=${nodeDirectory}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  await once(child.stdout, 'data')
  child.stdout.destroy()
  child.unref()
}

/** Ends a node's supervisor, or the successor of one that was killed; nothing is left of one that ended in order. */
async function signalSupervisor(nodeDirectory: string, signal: NodeJS.Signals): Promise<void> {
  const last = await readIdentity(nodeDirectory)
  if (last === undefined) return
  if (!isSupervisor(last.pid, last.startTicks)) await succeed(nodeDirectory)
  const { pid, startTicks } = (await readIdentity(nodeDirectory)) ?? last
  if (!isSupervisor(pid, startTicks)) return
  process.kill(pid, signal)
  while (isSupervisor(pid, startTicks)) await wait(POLL_MS)
}

/** Kills all of a node's containers and its supervisor at once; resolves when they are gone. */
export const killNode = (nodeDirectory: string): Promise<void> => signalSupervisor(nodeDirectory, 'SIGUSR2')

/** Ends a node's containers in order, and its supervisor; resolves when they are gone. */
export const stopSupervisor = (nodeDirectory: string): Promise<void> => signalSupervisor(nodeDirectory, 'SIGTERM')

/** Ends whatever still runs of the nodes below a directory, which may not exist: a cluster that was killed with its supervisors. */
export async function endLeftovers(nodesDirectory: string): Promise<void> {
  if (!existsSync(nodesDirectory)) return
  const names = await readdir(nodesDirectory)
  await Promise.all(names.map((name) => killNode(join(nodesDirectory, name))))
}
