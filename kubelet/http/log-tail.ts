import type { FileHandle } from 'node:fs/promises'
import { closesLine } from './log-records.ts'

const NEWLINE = 0x0a
/** How much is read at once, from the end towards the beginning. */
const BLOCK_BYTES = 64 * 1024

/** The last line end before `position`, or -1. (`lastIndexOf` takes a negative position for one from the end.) */
const lineEndBefore = (data: Buffer, position: number) => (position <= 0 ? -1 : data.lastIndexOf(NEWLINE, position - 1))

/** Where the last `lines` lines of a program's output begin in its log. Reads only as much of the file as that takes. */
export async function findTailStart(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat()
  if (lines === 0) return size
  let left = lines
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
      if (closesLine(data.subarray(start + 1, end)) && left-- === 0) return unseen + end + 1
      end = start
    }
    carry = end === -1 ? data : data.subarray(0, end + 1)
  }
  return 0
}
