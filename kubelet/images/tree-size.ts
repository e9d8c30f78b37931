import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** The bytes of all files below a directory. */
export async function treeSize(directory: string): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) bytes += await treeSize(path)
    else bytes += (await lstat(path)).size
  }
  return bytes
}
