import type { Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** What `stat` counts blocks in. */
const BLOCK_BYTES = 512

/** What `work` finds, or nothing where the file has gone meanwhile, must not be looked at, or lies deeper than paths lead. */
async function ifThere<Value>(work: Promise<Value>): Promise<Value | undefined> {
  try {
    return await work
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined
    throw error
  }
}

/**
 * Whether the files below a directory take more than `limitBytes`, as `du` counts: blocks on disk, a file of several
 * names once. Looks no further than to the answer, follows no links, and goes through one directory at a time, so that a
 * volume of a million files does not keep the kubelet from its work.
 */
export async function takesMoreThan(directory: string, limitBytes: number, signal: AbortSignal): Promise<boolean> {
  const seen = new Set<number>()
  let bytes = 0
  const count = (stat: Stats) => {
    if (stat.nlink > 1 && !stat.isDirectory()) {
      if (seen.has(stat.ino)) return
      seen.add(stat.ino)
    }
    bytes += stat.blocks * BLOCK_BYTES
  }
  const directories = [directory]
  for (let next = directories.pop(); next !== undefined && !signal.aborted; next = directories.pop()) {
    for (const entry of (await ifThere(readdir(next, { withFileTypes: true }))) ?? []) {
      const path = join(next, entry.name)
      const stat = await ifThere(lstat(path))
      if (stat !== undefined) count(stat)
      if (bytes > limitBytes) return true
      if (entry.isDirectory()) directories.push(path)
    }
  }
  return false
}
