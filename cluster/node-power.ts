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
import { readProcess } from '../shared/processes.ts'
import { readFileIfThere } from './files.ts'

const POLL_MS = 10

const SUPERVISOR = fileURLToPath(new URL('../kubelet/runtime/supervisor/main.ts', import.meta.url))

/** Letters of `/proc/PID/stat` for processes that have ended. */
const DEAD_STATES = ['Z', 'X']

/** The supervisor's process, or undefined where none lives. The start time tells it from a stranger that got its PID. */
async function findSupervisor(nodeDirectory: string): Promise<number | undefined> {
  const text = await readFileIfThere(join(nodeDirectory, 'supervisor.pid'))
  if (text === undefined) return undefined
  const [pid, startTicks] = text.trim().split(' ').map(Number)
  if (!isAlive(pid!)) return undefined
  const found = readProcess(pid!)
  // Without /proc the PID has to do. A dead process keeps its PID until its parent takes notice.
  if (found === undefined) return startTicks === 0 ? pid : undefined
  return found.startTicks === startTicks && !DEAD_STATES.includes(found.state) ? pid : undefined
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

/**
 * Starts a supervisor where there is none but records of containers are: it begins by killing what its predecessor has
 * left. So nothing runs on when a supervisor was killed together with its kubelet.
 */
async function clearUp(nodeDirectory: string): Promise<number | undefined> {
  if (!existsSync(join(nodeDirectory, 'containers'))) return undefined
  const child = spawn(process.execPath, [SUPERVISOR, `--root-dir=${nodeDirectory}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  await once(child.stdout, 'data')
  child.stdout.destroy()
  child.unref()
  return child.pid
}

async function signalSupervisor(nodeDirectory: string, signal: NodeJS.Signals): Promise<void> {
  const pid = (await findSupervisor(nodeDirectory)) ?? (await clearUp(nodeDirectory))
  if (pid === undefined) return
  process.kill(pid, signal)
  while ((await findSupervisor(nodeDirectory)) === pid) await wait(POLL_MS)
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
