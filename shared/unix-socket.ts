import { closeSync, openSync } from 'node:fs'
import { basename, dirname, relative } from 'node:path'

/** Longest path of a Unix socket that every system takes (macOS allows 103 bytes, Linux 107). */
const SOCKET_PATH_BYTES_MAX = 103

const fits = (path: string) => Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX

/**
 * A path by which the kernel takes a Unix socket, however long the path of its directory is; `release` gives back what
 * it needs, once the socket listens or is connected. On Linux a directory that is held open has a short name in /proc.
 * Throws where the path is too long and there is no way round.
 */
export function socketAddress(path: string): { path: string; release(): void } {
  const release = () => undefined
  if (fits(path)) return { path, release }
  const short = relative(process.cwd(), path)
  if (fits(short)) return { path: short, release }
  if (process.platform !== 'linux') throw new Error(`the path ${path} is too long for a Unix socket`)
  const held = openSync(dirname(path), 'r')
  return { path: `/proc/self/fd/${held}/${basename(path)}`, release: () => closeSync(held) }
}
