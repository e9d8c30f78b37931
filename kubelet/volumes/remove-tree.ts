import { randomBytes } from 'node:crypto'
import { chmod, lstat, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Directories with longer paths are moved: a name fits behind shorter ones on every system. */
const PATH_BYTES_MAX = 3000

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? ''

/** Makes the directories of a tree writable for their owner, as far as paths lead; links are not followed. */
async function unlock(path: string): Promise<void> {
  try {
    const stat = await lstat(path)
    if (!stat.isDirectory()) return
    await chmod(path, stat.mode | 0o700)
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (entry.isDirectory()) await unlock(join(path, entry.name))
    }
  } catch (error) {
    // Somebody else removes it as well; or it is still to be raised.
    if (!['ENOENT', 'ENAMETOOLONG'].includes(codeOf(error))) throw error
  }
}

/**
 * Moves what lies so deep that no path leads there to the top of the tree. A program comes there step by step, or moves a
 * deep tree into another one.
 */
async function raise(top: string, path: string = top): Promise<void> {
  try {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue
      const below = join(path, entry.name)
      if (Buffer.byteLength(below) < PATH_BYTES_MAX) await raise(top, below)
      else await rename(below, join(top, randomBytes(16).toString('hex')))
    }
  } catch (error) {
    // A removal that has failed in one place goes on for a moment in others.
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

/**
 * Removes a tree, also one whose directories a container has made read-only, or deeper than paths can be. One that is not
 * there is no error.
 */
export async function removeTree(path: string): Promise<void> {
  for (let isUnlocked = false; ; isUnlocked = true) {
    try {
      await rm(path, { recursive: true, force: true })
      return
    } catch (error) {
      const isTooDeep = codeOf(error) === 'ENAMETOOLONG'
      const isLocked = !isUnlocked && ['EACCES', 'EPERM', 'ENOTEMPTY'].includes(codeOf(error))
      if (!isTooDeep && !isLocked) throw error
      await unlock(path)
      if (isTooDeep) await raise(path)
    }
  }
}
