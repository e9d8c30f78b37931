import type { FileHandle } from 'node:fs/promises'
import { closesLine } from './log-records.ts'

const NEWLINE = 0x0a
/** How much is read at once, from the end towards the beginning. */
const BLOCK_BYTES = 64 * 1024

/** The last line end before `position`, or -1. (`lastIndexOf` takes a negative position for one from the end.) */
const lineEndBefore = (data: Buffer, position: number) => (position <= 0 ? -1 : data.lastIndexOf(NEWLINE, position - 1))

/** Counts the lines that are still wanted, from the last one on. */
interface Count {
  left: number
}

/** Where the last lines begin in a file; undefined where they begin before it. */
async function findStartIn(file: FileHandle, count: Count): Promise<number | undefined> {
  const { size } = await file.stat()
  /** The record whose beginning has not been read yet, with its line end and what follows the last one. */
  let carry: Buffer = Buffer.alloc(0)
  for (let unseen = size; unseen > 0; ) {
    const block = Buffer.alloc(Math.min(BLOCK_BYTES, unseen))
    unseen -= block.length
    await file.read(block, 0, block.length, unseen)
    const data = Buffer.concat([block, carry])
    let end = lineEndBefore(data, data.length)
    for (let start = lineEndBefore(data, end); end !== -1; start = lineEndBefore(data, end)) {
      if (start === -1 && unseen > 0) break
      // This record ends a line. If all lines wanted come after it, they begin here.
      if (closesLine(data.subarray(start + 1, end)) && count.left-- === 0) return unseen + end + 1
      end = start
    }
    carry = end === -1 ? data : data.subarray(0, end + 1)
  }
  return undefined
}

/**
 * Where the last `lines` lines of a program's output begin in the files of its log: those files, and the position in the
 * first of them. Reads only as much as that takes.
 */
export async function findTailStart(
  files: readonly FileHandle[],
  lines: number,
): Promise<{ files: readonly FileHandle[]; position: number }> {
  const newest = files.length - 1
  if (lines === 0) return { files: files.slice(newest), position: (await files[newest]!.stat()).size }
  const count = { left: lines }
  for (let index = newest; index >= 0; index--) {
    const position = await findStartIn(files[index]!, count)
    if (position !== undefined) return { files: files.slice(index), position }
  }
  return { files, position: 0 }
}
