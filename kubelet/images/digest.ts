import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

const EXECUTABLE_BITS = 0o111

async function describe(path: string): Promise<string> {
  const stat = await lstat(path)
  if (stat.isSymbolicLink()) return `link ${JSON.stringify(await readlink(path))}`
  if (stat.isDirectory()) return `directory ${await digestOfTree(path)}`
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return `file ${(stat.mode & EXECUTABLE_BITS) === 0 ? 'plain' : 'executable'} ${hash.digest('hex')}`
}

/**
 * The digest of a directory: names, contents, links and whether files are executable. Times and owners do not count, so
 * that the same sources always give the same image.
 */
export async function digestOfTree(directory: string): Promise<string> {
  const hash = createHash('sha256')
  for (const name of (await readdir(directory)).sort()) {
    hash.update(`${JSON.stringify(name)} ${await describe(join(directory, name))}\n`)
  }
  return hash.digest('hex')
}
