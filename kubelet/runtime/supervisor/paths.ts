import { closeSync, openSync } from 'node:fs'
import { join, relative } from 'node:path'

/** The Unix socket in a node's root directory on which the supervisor serves kubelets. */
export const SOCKET_NAME = 'supervisor.sock'

/** The supervisor's files in a node's root directory. */
export const pathsOf = (rootDirectory: string) => ({
  /** Its PID, a space, and its start time in clock ticks (0 without /proc): the second proves that the first is still it. */
  pid: join(rootDirectory, 'supervisor.pid'),
  /** What it has to complain about. */
  log: join(rootDirectory, 'supervisor.log'),
  /** Records of its containers. */
  containers: join(rootDirectory, 'containers'),
})

/** Longest path of a Unix socket that every system takes (macOS allows 103 bytes, Linux 107). */
const SOCKET_PATH_BYTES_MAX = 103

const fits = (path: string) => Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX

/**
 * A path by which the kernel takes the supervisor's socket, however long the directory's own path is; `release` gives
 * back what it needs. On Linux a directory that is held open has a short name in /proc.
 */
export function socketAddress(rootDirectory: string): { path: string; release(): void } {
  const release = () => undefined
  const path = join(rootDirectory, SOCKET_NAME)
  if (fits(path)) return { path, release }
  const short = relative(process.cwd(), path)
  if (fits(short)) return { path: short, release }
  if (process.platform !== 'linux') throw new Error(`the path ${path} is too long for a Unix socket`)
  const held = openSync(rootDirectory, 'r')
  return { path: `/proc/self/fd/${held}/${SOCKET_NAME}`, release: () => closeSync(held) }
}
