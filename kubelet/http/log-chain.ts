/** The files of one run's log as their reader sees them: in order, however often they are set aside meanwhile. */
import { type FileHandle, open, stat } from 'node:fs/promises'
import { setAsideNumbers, setAsidePath } from '../runtime/supervisor/log-files.ts'

/** A missing file: the oldest are removed at any time, and the newest is about to be made, or gone with its pod. */
function whenMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

const openIfThere = (path: string) => open(path).catch(whenMissing)
const inodeAt = async (path: string) => (await stat(path).catch(whenMissing))?.ino
const inodeOf = async (file: FileHandle) => (await file.stat()).ino

export const closeAll = (files: Iterable<FileHandle>): Promise<unknown> =>
  Promise.all([...files].map((file) => file.close()))

/**
 * Opens what there is of a log, oldest first, for the caller to close; at least one file. Rejects where there is none.
 */
export async function openLogFiles(path: string): Promise<FileHandle[]> {
  // Opened first: what is set aside after that is found again among those that are.
  const last = await open(path)
  const found = await Promise.all(setAsideNumbers(path).map((number) => openIfThere(setAsidePath(path, number))))
  const older = found.filter((file) => file !== undefined)
  const inodes = await Promise.all([...older, last].map(inodeOf))
  const isTwice = inodes.indexOf(inodes.at(-1)!) < older.length
  if (!isTwice) return [...older, last]
  await last.close()
  return older
}

/** The file that came after this one, for the caller to close; undefined while this one is written to. */
export async function openSuccessor(path: string, file: FileHandle): Promise<FileHandle | undefined> {
  const mine = await inodeOf(file)
  for (;;) {
    const newest = await inodeAt(path)
    if (newest === undefined || newest === mine) return undefined
    const numbers = setAsideNumbers(path)
    const inodes = await Promise.all(numbers.map((number) => inodeAt(setAsidePath(path, number))))
    // A file that is gone by now was older than all that are there.
    const next = numbers[inodes.indexOf(mine) + 1]
    const successor = await openIfThere(next === undefined ? path : setAsidePath(path, next))
    // The newest may have been set aside as well since it was looked at.
    if (successor !== undefined && (next !== undefined || (await inodeOf(successor)) === newest)) return successor
    await successor?.close()
  }
}
