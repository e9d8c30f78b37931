/** hostPath volumes: what is checked or made before the mount, in upstream's words. */
import { type Stats, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import type { HostPathVolumeSource } from '../../shared/api/pod/pod.ts'
import { VolumeError } from './volume-error.ts'

interface Check {
  is(stat: Stats): boolean
  /** What the path has to be. */
  what: string
}

const DIRECTORY: Check = { is: (stat) => stat.isDirectory(), what: 'a directory' }
const FILE: Check = { is: (stat) => stat.isFile(), what: 'a file' }

const CHECKS: Readonly<Record<string, Check>> = {
  Directory: DIRECTORY,
  DirectoryOrCreate: DIRECTORY,
  File: FILE,
  FileOrCreate: FILE,
  Socket: { is: (stat) => stat.isSocket(), what: 'a socket file' },
  CharDevice: { is: (stat) => stat.isCharacterDevice(), what: 'a character device' },
  BlockDevice: { is: (stat) => stat.isBlockDevice(), what: 'a block device' },
}

const CREATE_DIRECTORY = new Set(['', 'DirectoryOrCreate'])

function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    if (code === 'ENOTDIR') return undefined
    throw new VolumeError(`hostPath ${JSON.stringify(path)} cannot be looked at: ${code}`)
  }
}

/** Makes what is missing. Its parent must be there for a file, as upstream. */
async function create(path: string, type: string): Promise<void> {
  try {
    if (CREATE_DIRECTORY.has(type)) await mkdir(path, { recursive: true, mode: 0o755 })
    else if (type === 'FileOrCreate') await writeFile(path, '', { mode: 0o644, flag: 'a' })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why: Record<string, string> = {
      ENOENT: 'no such file or directory',
      EACCES: 'permission denied',
      ENOTDIR: 'not a directory',
      EEXIST: 'file exists',
      EROFS: 'read-only file system',
    }
    throw new VolumeError(`${type === 'FileOrCreate' ? 'open' : 'mkdir'} ${path}: ${why[code ?? ''] ?? message}`)
  }
}

/**
 * Checks and makes the path by its type, and returns it. A path of no type is not checked; where nothing is, the runtime
 * makes a directory, as containerd does. Throws a VolumeError.
 */
export async function setUpHostPath({ path, type = '' }: HostPathVolumeSource): Promise<string> {
  if (path.includes('\0')) throw new VolumeError('hostPath must not contain a null byte')
  if (statIfThere(path) === undefined) await create(path, type)
  if (type === '') return path
  const check = CHECKS[type]
  if (check === undefined) throw new VolumeError(`${type} is an invalid volume type`)
  const stat = statIfThere(path)
  if (stat === undefined || !check.is(stat))
    throw new VolumeError(`hostPath type check failed: ${path} is not ${check.what}`)
  return path
}
