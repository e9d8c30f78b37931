import { chmod, lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Makes the directories of a tree writable for their owner; links are not followed. */
async function unlock(path: string): Promise<void> {
  try {
    const stat = await lstat(path)
    if (!stat.isDirectory()) return
    await chmod(path, stat.mode | 0o700)
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (entry.isDirectory()) await unlock(join(path, entry.name))
    }
  } catch (error) {
    // Somebody else removes it as well.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** Removes a tree, also one whose directories a container has made read-only. One that is not there is no error. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true })
  } catch (error) {
    if (!['EACCES', 'EPERM', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    await unlock(path)
    await rm(path, { recursive: true, force: true })
  }
}
