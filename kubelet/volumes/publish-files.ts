/**
 * Brings the files of a volume to what they are to be, so that a reader sees all of the old or all of the new ones and
 * never a mixture: upstream's `AtomicWriter`. The volume's directory holds
 *   ..2026_01_31_09_30_00.4f2a/   the files, never changed once they are complete
 *   ..data -> ..2026_…            replaced by rename: the one moment at which everything changes
 *   NAME -> ..data/NAME           for each file or directory at the top
 */
import { randomBytes } from 'node:crypto'
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Ownership } from './ownership.ts'
import { ownTree } from './ownership.ts'
import type { ProjectedFile, ProjectedFiles } from './projected-file.ts'

const CURRENT = '..data'
const DIRECTORY_MODE = 0o755

const isMissing = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')

async function unlessMissing<Value>(work: Promise<Value>): Promise<Value | undefined> {
  try {
    return await work
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** The paths of all files below a directory, relative to it. */
async function pathsBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(directory.length + 1))
}

const bytesOf = ({ data }: ProjectedFile) => (typeof data === 'string' ? Buffer.from(data) : data)

async function isSameFile(path: string, file: ProjectedFile, ownership: Ownership): Promise<boolean> {
  const mode = file.mode | (ownership.groupId === undefined ? 0 : ownership.fileMode)
  try {
    const [stat, data] = await Promise.all([lstat(path), readFile(path)])
    return (stat.mode & 0o777) === mode && data.equals(bytesOf(file))
  } catch (error) {
    // Of a mode by which not even its owner may read it: written again, to be sure.
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return false
    throw error
  }
}

/** Whether a complete directory of files holds exactly these. */
async function holds(directory: string, files: ProjectedFiles, ownership: Ownership): Promise<boolean> {
  const paths = await unlessMissing(pathsBelow(directory))
  if (paths === undefined || paths.length !== files.size) return false
  const same = await Promise.all(
    paths.map(async (path) => {
      const file = files.get(path)
      return file !== undefined && isSameFile(join(directory, path), file, ownership)
    }),
  )
  return same.every(Boolean)
}

/** All directories on the way to a file, the outer ones first. */
const directoriesOf = (path: string): string[] => {
  const above = dirname(path)
  return above === '.' ? [] : [...directoriesOf(above), above]
}

async function writeAll(directory: string, files: ProjectedFiles): Promise<void> {
  for (const path of new Set([...files.keys()].flatMap(directoriesOf))) {
    await mkdir(join(directory, path))
    await chmod(join(directory, path), DIRECTORY_MODE)
  }
  for (const [path, file] of files) {
    const target = join(directory, path)
    await writeFile(target, file.data, { mode: 0o600, flag: 'wx' })
    // Afterwards, since the process's mask takes away from what a file is made with.
    await chmod(target, file.mode)
    if (file.userId !== undefined) await chown(target, file.userId, -1)
  }
}

/** The name of a generation of files, as upstream's: a time, for whoever looks, and something that makes it unique. */
const generationPrefix = (nowMs: number) =>
  `..${new Date(nowMs).toISOString().slice(0, 19).replaceAll('-', '_').replace('T', '_').replaceAll(':', '_')}.`

/** Makes `path` a link to `target`, whatever it was before, in one step. */
async function relink(target: string, path: string): Promise<void> {
  const temporary = join(dirname(path), `..link-${randomBytes(6).toString('hex')}`)
  await symlink(target, temporary)
  await rename(temporary, path)
}

/** The links at the top that users see: added for what is new, removed for what is gone. */
async function linkTops(directory: string, files: ProjectedFiles): Promise<void> {
  const wanted = new Set([...files.keys()].map((path) => path.split('/')[0]!))
  const present = await readdir(directory)
  for (const name of wanted) if (!present.includes(name)) await symlink(join(CURRENT, name), join(directory, name))
  // Names that begin with two dots are this file's own.
  const obsolete = present.filter((name) => !name.startsWith('..') && !wanted.has(name))
  await Promise.all(obsolete.map((name) => rm(join(directory, name), { recursive: true, force: true })))
}

/** Generations other than the current one: older ones, and drafts of a kubelet that died while it wrote. */
async function removeOthers(directory: string, current: string): Promise<void> {
  const others = (await readdir(directory)).filter(
    (name) => name.startsWith('..') && name !== CURRENT && name !== current,
  )
  await Promise.all(others.map((name) => rm(join(directory, name), { recursive: true, force: true })))
}

/**
 * Publishes `files` in `directory`, which must exist. Their paths must have passed `pathInVolume`. Does nothing, and
 * returns false, where the directory holds them already.
 */
export async function publishFiles(
  directory: string,
  files: ProjectedFiles,
  { nowMs, ownership }: { nowMs: number; ownership: Ownership },
): Promise<boolean> {
  const current = await unlessMissing(readlink(join(directory, CURRENT)))
  if (current !== undefined && (await holds(join(directory, current), files, ownership))) {
    await linkTops(directory, files)
    return false
  }
  const generation = await mkdtemp(join(directory, generationPrefix(nowMs)))
  const name = generation.slice(directory.length + 1)
  await chmod(generation, DIRECTORY_MODE)
  await writeAll(generation, files)
  await ownTree(generation, ownership)
  await relink(name, join(directory, CURRENT))
  await linkTops(directory, files)
  await removeOthers(directory, name)
  return true
}
