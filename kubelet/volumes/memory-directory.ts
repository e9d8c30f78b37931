/**
 * Where a node keeps what must not reach a disk: Secrets, tokens, and emptyDir volumes of the medium `Memory`. Linux has
 * a file system in memory that every user may use, so that nothing need be mounted, and nothing mounted is left behind:
 * a directory there, with mode 0700, in one that all nodes of a user share, so that this one alone has to be hidden from
 * containers that see the machine's memory. `memory` in the node's root directory leads to the node's. Where there is no
 * such file system, `memory` is a directory of the disk. A node whose own directory was removed while it ran cannot
 * be followed to its memory any more: `.node` in there says whose it was, and the next node of this user removes it.
 */
import { type Stats, statfsSync } from 'node:fs'
import { lstat, mkdir, mkdtemp, readdir, readlink, rm, rmdir, symlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
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

function ignore(error: unknown, ...codes: readonly string[]): void {
  if (!codes.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
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

/** The directory in memory with those of all nodes of this user. */
export const nodesMemory = (shared = SHARED_MEMORY): string => join(shared, `${PREFIX}${process.getuid?.()}`)

/** A new directory among those of all nodes. The last of these to go takes the one around them along, so it may vanish. */
async function makeDirectory(all: string): Promise<string> {
  for (;;) {
    await mkdir(all, { mode: 0o700 }).catch((error) => ignore(error, 'EEXIST'))
    const stat = await statIfThere(all)
    if (stat !== undefined && !isOwn(stat))
      throw Object.assign(new Error(`${all} is somebody else's`), { code: 'EPERM' })
    try {
      return await mkdtemp(`${all}/`)
    } catch (error) {
      ignore(error, 'ENOENT')
    }
  }
}

/** Takes a directory away, and the one around it if that was the last. */
async function removeDirectory(directory: string): Promise<void> {
  await removeTree(directory)
  await rmdir(dirname(directory)).catch((error) => ignore(error, 'ENOTEMPTY', 'ENOENT'))
}

/** Makes a directory and the link to it. Kubelet and supervisor may do so at once: then the first link counts. */
async function makeInMemory(link: string, shared: string): Promise<string> {
  const directory = await makeDirectory(nodesMemory(shared))
  try {
    await symlink(directory, link)
  } catch (error) {
    ignore(error, 'EEXIST')
    await removeDirectory(directory)
    return readlink(link)
  }
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
  const all = nodesMemory(shared)
  for (const name of isOwn(await statIfThere(all)) ? await readdir(all) : []) {
    const directory = join(all, name)
    const owner = await ownerOf(directory)
    if (owner?.host === hostname() && !(await isLed(directory, owner))) await removeDirectory(directory)
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
  return dirname(target) === nodesMemory(shared) && isOwn(await statIfThere(target)) ? target : undefined
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
      // What leads nowhere any more.
      await rm(link, { force: true })
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
  await (directory === join(rootDirectory, MEMORY_LINK) ? removeTree(directory) : removeDirectory(directory))
  await rm(join(rootDirectory, MEMORY_LINK), { recursive: true, force: true })
}
