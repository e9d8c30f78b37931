/**
 * Where a node keeps what must not reach a disk: Secrets, tokens, and emptyDir volumes of the medium `Memory`. Linux has
 * a file system in memory that every user may use, so that nothing need be mounted, and nothing mounted is left behind:
 * a directory there, of a name that nobody can guess, with mode 0700. `memory` in the node's root directory leads to it.
 * Where there is none, `memory` is a directory of the disk. A node whose own directory was removed while it ran cannot
 * be followed to its memory any more: `.node` in there says whose it was, and the next node of this user removes it.
 */
import { randomBytes } from 'node:crypto'
import { type Stats, statfsSync } from 'node:fs'
import { lstat, mkdir, mkdtemp, readdir, readlink, rename, rm, symlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { readFileIfThere, writePrivateFile } from '../../shared/private-files.ts'
import { MEMORY_LINK } from './paths.ts'
import { removeTree } from './remove-tree.ts'

const SHARED_MEMORY = '/dev/shm'
/** `statfs` type of tmpfs. */
const TMPFS = 0x01021994
const PREFIX = 'kubeproc-'
const OWNER_FILE = '.node'

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/** Whether a directory is this user's alone: what anybody else could have put there is not used. */
const isOwn = (stat: Stats | undefined): boolean =>
  stat?.isDirectory() === true && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0

function isMemory(path: string): boolean {
  try {
    return statfsSync(path).type === TMPFS
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

async function makeInMemory(link: string, shared: string): Promise<string> {
  const directory = await mkdtemp(join(shared, PREFIX))
  const temporary = `${link}-${randomBytes(6).toString('hex')}`
  await symlink(directory, temporary)
  await rename(temporary, link)
  // Last: one that nobody is named in is not judged by others.
  const owner: Owner = { host: hostname(), link }
  await writePrivateFile(join(directory, OWNER_FILE), JSON.stringify(owner))
  return directory
}

/** Whose a directory is. The host, since others may share its memory but not its files. */
interface Owner {
  host: string
  link: string
}

async function ownerOf(directory: string): Promise<Owner | undefined> {
  if (!isOwn(await statIfThere(directory))) return undefined
  const text = await readFileIfThere(join(directory, OWNER_FILE))
  return text === undefined ? undefined : (JSON.parse(text) as Owner)
}

/** Whether a node's directory still leads here. */
async function isLed(directory: string, { link }: Owner): Promise<boolean> {
  const stat = await statIfThere(link)
  return stat?.isSymbolicLink() === true && (await readlink(link)) === directory
}

/** Removes what nodes of this host and user have left whose own directories are gone. */
async function removeLeft(shared: string): Promise<void> {
  for (const name of (await readdir(shared)).filter((entry) => entry.startsWith(PREFIX))) {
    const directory = join(shared, name)
    const owner = await ownerOf(directory)
    if (owner?.host === hostname() && !(await isLed(directory, owner))) await removeTree(directory)
  }
}

interface Where {
  /** Directory of the file system in memory that all users share. */
  shared?: string
}

/** The node's directory in memory, where it has one. */
export async function findMemoryDirectory(
  rootDirectory: string,
  { shared = SHARED_MEMORY }: Where = {},
): Promise<string | undefined> {
  const link = join(rootDirectory, MEMORY_LINK)
  const stat = await statIfThere(link)
  if (stat?.isDirectory()) return link
  if (!stat?.isSymbolicLink()) return undefined
  const target = await readlink(link)
  return target.startsWith(join(shared, PREFIX)) && isOwn(await statIfThere(target)) ? target : undefined
}

/** The node's directory in memory: the one that it has, or a new one. */
export async function openMemoryDirectory(
  rootDirectory: string,
  { shared = SHARED_MEMORY }: Where = {},
): Promise<string> {
  const known = await findMemoryDirectory(rootDirectory, { shared })
  if (known !== undefined) return known
  const link = join(rootDirectory, MEMORY_LINK)
  if (isMemory(shared)) {
    try {
      await removeLeft(shared)
      return await makeInMemory(link, shared)
    } catch (error) {
      // Not writable, or full: the disk has to do.
      if (!['EACCES', 'EROFS', 'ENOSPC', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
  await rm(link, { force: true })
  await mkdir(link, { recursive: true, mode: 0o700 })
  return link
}

/** Removes the node's directory in memory, as the end of power would. */
export async function removeMemoryDirectory(rootDirectory: string, where: Where = {}): Promise<void> {
  const directory = await findMemoryDirectory(rootDirectory, where)
  if (directory === undefined) return
  await removeTree(directory)
  await rm(join(rootDirectory, MEMORY_LINK), { recursive: true, force: true })
}
