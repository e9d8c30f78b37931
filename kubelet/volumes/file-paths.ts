/**
 * Paths of files below a volume. The API refuses what leads out of one already; the kubelet does so again, since what
 * it writes to its own disk must not hang on the checks of another process. Pure.
 */
import { posix } from 'node:path'
import { VolumeError } from './volume-error.ts'

/** Longest path below a volume, as upstream's. */
const PATH_MAX = 4096
const NAME_MAX = 255

/** The path as it is written below the volume: no `.`, no double slashes. Throws a VolumeError for one that leads elsewhere. */
export function pathInVolume(path: string): string {
  if (path === '') throw new VolumeError('invalid path: must not be empty: ""')
  if (posix.isAbsolute(path)) throw new VolumeError(`invalid path: must be relative path: ${path}`)
  if (path.length > PATH_MAX) {
    throw new VolumeError(`invalid path: must be less than or equal to ${PATH_MAX} characters: ${path}`)
  }
  const parts = path.split('/')
  if (parts.includes('..')) throw new VolumeError(`invalid path: must not contain '..': ${path}`)
  if (path.startsWith('..')) throw new VolumeError(`invalid path: must not start with '..': ${path}`)
  const long = parts.find((part) => Buffer.byteLength(part) > NAME_MAX)
  if (long !== undefined) {
    throw new VolumeError(`invalid path: filenames must be less than or equal to ${NAME_MAX} characters: ${path}`)
  }
  if (path.includes('\0')) throw new VolumeError('invalid path: must not contain a null byte')
  const normal = posix.normalize(path).replace(/\/$/, '')
  // `./..x` is `..x` in the end, and `.` is the volume itself.
  if (normal === '.') throw new VolumeError(`invalid path: must name a file: ${path}`)
  if (normal.startsWith('..')) throw new VolumeError(`invalid path: must not start with '..': ${path}`)
  return normal
}
