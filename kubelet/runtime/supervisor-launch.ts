import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { socketAddress } from '../../shared/unix-socket.ts'
import { pathsOf } from './supervisor/paths.ts'

const SUPERVISOR = fileURLToPath(new URL('supervisor/main.ts', import.meta.url))

/**
 * It holds a few kilobytes per container, so the heap stays small whatever comes through it. A small young generation
 * keeps a flood of log lines from spreading over fresh memory.
 */
const HEAP_FLAGS = ['--max-old-space-size=128', '--max-semi-space-size=1']

export interface LaunchOptions {
  rootDirectory: string
  /** Whether this process's standard input is the launcher's lifeline, which the supervisor then watches as well. */
  hasLifeline: boolean
}

/** Connects to the supervisor of a node, or returns undefined where none answers. */
export async function connectSupervisor(rootDirectory: string): Promise<Socket | undefined> {
  const { path, release } = socketAddress(pathsOf(rootDirectory).socket)
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return socket
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined
    throw error
  } finally {
    release()
  }
}

/**
 * Starts a supervisor as a process of its own session, which lives on when this one ends, and resolves when it serves.
 * It first kills what a predecessor has left.
 */
export async function launchSupervisor({ rootDirectory, hasLifeline }: LaunchOptions): Promise<void> {
  const { log: logPath } = pathsOf(rootDirectory)
  const log = openSync(logPath, 'a', 0o600)
  const flags = [`--root-dir=${rootDirectory}`, ...(hasLifeline ? ['--lifeline'] : [])]
  const child = spawn(process.execPath, [...HEAP_FLAGS, SUPERVISOR, ...flags], {
    detached: true,
    stdio: [hasLifeline ? 'inherit' : 'ignore', 'pipe', log],
  })
  closeSync(log)
  const exited = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the supervisor ended at its start (${signal ?? `exit code ${code}`}): see ${logPath}`)
  })
  try {
    // Whatever it writes first is its line that it is ready.
    await Promise.race([once(child.stdout!, 'data'), exited])
  } finally {
    // A later exit is noticed by the closed connection.
    exited.catch(() => undefined)
    child.stdout!.destroy()
    child.unref()
  }
}
