/** `subPath`: a part of a volume that is mounted. Never leads out of the volume, neither by `..` nor by a symbolic link. */
import { chmod, lstat, mkdir, realpath, stat } from 'node:fs/promises'
import { join, posix, sep } from 'node:path'
import type { VolumeMount } from '../../shared/api/pod/pod.ts'
import { VolumeError } from './volume-error.ts'

const REFERENCE = /\$\$|\$\(([^)]*)\)/g

/** The path below the volume that a mount names; empty for the whole. Throws a VolumeError. */
export function subPathOf(
  { subPath = '', subPathExpr = '' }: VolumeMount,
  variables: Readonly<Record<string, string>>,
): string {
  const path =
    subPathExpr === ''
      ? subPath
      : subPathExpr.replace(REFERENCE, (token, name: string | undefined) => {
          if (name === undefined) return '$'
          if (!Object.hasOwn(variables, name)) throw new VolumeError(`missing value for ${JSON.stringify(name)}`)
          return variables[name] ?? token
        })
  if (posix.isAbsolute(path)) throw new VolumeError(`error SubPath \`${path}\` must not be an absolute path`)
  if (path.split('/').includes('..')) {
    throw new VolumeError(`unable to provision SubPath \`${path}\`: must not contain '..'`)
  }
  if (path.includes('\0')) throw new VolumeError('unable to provision SubPath: must not contain a null byte')
  return path
}

const isWithin = (path: string, directory: string) => path === directory || path.startsWith(directory + sep)

const isExpected = (error: unknown) =>
  ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'EEXIST', 'ENAMETOOLONG'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  )

/** Makes what is missing of a path, one directory after another, through no link that leads out of the volume, and returns where it leads. */
async function makeBelow(volumePath: string, path: string): Promise<string> {
  const root = await realpath(volumePath)
  const { mode } = await stat(root)
  let at = root
  for (const part of path.split('/').filter((name) => name !== '' && name !== '.')) {
    const next = join(at, part)
    const isThere = await lstat(next).then(
      () => true,
      (error) => {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
        return false
      },
    )
    if (!isThere) {
      await mkdir(next)
      await chmod(next, mode & 0o7777)
    }
    at = await realpath(next)
    if (!isWithin(at, root)) throw new VolumeError('it leads out of the volume')
  }
  return at
}

/**
 * The file or directory behind a path of a volume, with all links resolved; a missing one is made as a directory. What
 * goes wrong is told without details, which could tell a pod about the node's files.
 */
export async function resolveSubPath(
  volumePath: string,
  path: string,
  { mount, container }: { mount: string; container: string },
): Promise<string> {
  const of = `volumeMount ${JSON.stringify(mount)} of container ${JSON.stringify(container)}`
  try {
    // What was checked is what is mounted: the links may lead elsewhere by now.
    return await makeBelow(volumePath, path)
  } catch (error) {
    if (error instanceof VolumeError) throw new VolumeError(`failed to prepare subPath for ${of}`)
    if (isExpected(error)) throw new VolumeError(`failed to create subPath directory for ${of}`)
    throw error
  }
}
