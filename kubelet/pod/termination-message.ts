/** What an ended run left to say: its termination log, or the end of its log, as upstream's `getTerminationMessage`. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Container } from '../../shared/api/pod/pod.ts'
import { logRenderer } from '../http/log-records.ts'
import { setAsideNumbers, setAsidePath } from '../runtime/supervisor/log-files.ts'
import type { ContainerRun } from './world.ts'

/** The last bytes of a termination log that count. */
const FILE_BYTES_MAX = 4096
/** The last of a log that stand in for it. */
const LOG_BYTES_MAX = 2048
const LOG_LINES_MAX = 80
/** How much of a log is read for that: more than so many records and one long piece of a line take. */
const LOG_READ_BYTES = 64 * 1024
const NEWLINE = 0x0a

/** What a program may have put in the place of a file is neither followed nor waited for. */
const FILE_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** The end of a file; nothing where there is none. */
async function tailOf(path: string, bytesMax: number): Promise<Buffer> {
  try {
    await using file = await open(path, FILE_ONLY)
    const stat = await file.stat()
    if (!stat.isFile()) throw new Error('it is not a file')
    const { size } = stat
    const tail = Buffer.alloc(Math.min(size, bytesMax))
    const { bytesRead } = await file.read(tail, 0, tail.length, size - tail.length)
    return tail.subarray(0, bytesRead)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

/** Cuts to the last bytes, without leaving a part of a character in front. */
function lastBytes(data: Buffer, bytesMax: number): string {
  let from = Math.max(0, data.length - bytesMax)
  if (from > 0) while (from < data.length && (data[from]! & 0xc0) === 0x80) from++
  return data.subarray(from).toString()
}

/** The last lines of the program's output, both streams as they came. */
async function endOfLog(path: string): Promise<string> {
  let records = await tailOf(path, LOG_READ_BYTES)
  const aside = setAsideNumbers(path).at(-1)
  if (records.length < LOG_READ_BYTES && aside !== undefined) {
    records = Buffer.concat([await tailOf(setAsidePath(path, aside), LOG_READ_BYTES), records])
  }
  const output = logRenderer({ timestamps: false })(records)
  let from = output.length
  for (let lines = 0; lines < LOG_LINES_MAX && from > 0; lines++) {
    // (`lastIndexOf` takes a negative position for one from the end.)
    from = from < 2 ? 0 : output.lastIndexOf(NEWLINE, from - 2) + 1
  }
  return lastBytes(output.subarray(from), LOG_BYTES_MAX)
}

/** The message of an ended run; empty where it left none. `path`: its termination log. */
export async function terminationMessage(
  run: Pick<ContainerRun, 'exitCode' | 'logPath'>,
  { terminationMessagePolicy }: Pick<Container, 'terminationMessagePolicy'>,
  path: string,
): Promise<string> {
  let written: string
  try {
    // One byte more, by which a file that is cut is told from one that is not.
    written = lastBytes(await tailOf(path, FILE_BYTES_MAX + 1), FILE_BYTES_MAX)
  } catch (error) {
    // It was the program's to do with as it likes.
    return `Error on reading termination log ${path}: ${(error as Error).message}`
  }
  if (written !== '' || terminationMessagePolicy !== 'FallbackToLogsOnError' || run.exitCode === 0) return written
  return endOfLog(run.logPath)
}
