import { watch } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { closeAll, openLogFiles, openSuccessor } from './log-chain.ts'
import type { LogOptions } from './log-options.ts'
import { logRenderer } from './log-records.ts'
import { findTailStart } from './log-tail.ts'

const CHUNK_BYTES = 64 * 1024

/** One run of a container, as a reader of its log sees it. */
export interface LogSource {
  path: string
  /** Whether more may be written. Everything is in the file before this turns false. */
  isRunning(): Promise<boolean>
  /** Calls back when `isRunning` may have changed. Returns a function that ends it. */
  subscribe(onChange: () => void): () => void
}

/** Something that is waited for again and again: a ring between two waits ends the second at once. */
function bell() {
  let { promise, resolve } = Promise.withResolvers<void>()
  return {
    ring: () => resolve(),
    async wait() {
      await promise
      ;({ promise, resolve } = Promise.withResolvers<void>())
    },
  }
}

async function* readToEnd(file: FileHandle, from: number): AsyncGenerator<Buffer> {
  for (let position = from; ; ) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position)
    if (bytesRead === 0) return
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/** Where a reader begins. */
export interface LogStart {
  /** The first of these that is of interest, and all that come after it. */
  files: readonly FileHandle[]
  /** In the first of them. */
  position: number
  /** Ends all reading from here. */
  close(): Promise<unknown>
}

/** Opens a log for one or more readers that begin at the same place. Default: at its beginning. */
export async function openLogAt(path: string, { tailLines }: Pick<LogOptions, 'tailLines'>): Promise<LogStart> {
  const opened = await openLogFiles(path)
  const close = () => closeAll(opened)
  try {
    const start = tailLines === undefined ? { files: opened, position: 0 } : await findTailStart(opened, tailLines)
    return { ...start, close }
  } catch (error) {
    await close()
    throw error
  }
}

interface Following {
  source: LogSource
  signal: AbortSignal
}

/** The bytes of a file from a position, and of those that come after it, until the container has ended. */
async function* readFollowing(first: FileHandle, from: number, { source, signal }: Following): AsyncGenerator<Buffer> {
  const { path } = source
  const { ring, wait } = bell()
  const watchFile = () => watch(path, { persistent: false }, ring)
  // First, since it alone can fail: the file may be gone, or the machine have no more watches.
  let watcher = watchFile()
  const unsubscribe = source.subscribe(ring)
  signal.addEventListener('abort', ring)
  let file = first
  let successor: FileHandle | undefined
  try {
    for (let position = from; !signal.aborted; ) {
      // Asked before reading: what is written before the end, of the container or of this file, is then surely read.
      const isRunning = await source.isRunning()
      successor = await openSuccessor(path, file)
      for await (const chunk of readToEnd(file, position)) {
        position += chunk.length
        yield chunk
      }
      if (successor !== undefined) {
        if (file !== first) await file.close()
        file = successor
        successor = undefined
        watcher.close()
        watcher = watchFile()
        position = 0
      } else if (isRunning) await wait()
      else return
    }
  } finally {
    signal.removeEventListener('abort', ring)
    watcher.close()
    unsubscribe()
    await successor?.close()
    if (file !== first) await file.close()
  }
}

async function* readFiles({ files, position }: LogStart, following: Following | undefined): AsyncGenerator<Buffer> {
  const last = files.length - 1
  for (const [index, file] of files.entries()) {
    const from = index === 0 ? position : 0
    if (index === last && following !== undefined) yield* readFollowing(file, from, following)
    else yield* readToEnd(file, from)
  }
}

/**
 * The output of one run of a container from a start, as the options want it. With `follow` it ends after the container
 * has, and when the signal aborts. Whoever reads slowly slows down the reading of the file, not the program.
 */
export async function* readLogFrom(
  start: LogStart,
  options: Omit<LogOptions, 'previous' | 'tailLines'>,
  { source, signal }: Following,
): AsyncGenerator<Buffer> {
  const { follow, limitBytes = Number.POSITIVE_INFINITY } = options
  const render = logRenderer(options)
  let left = limitBytes
  for await (const chunk of readFiles(start, follow ? { source, signal } : undefined)) {
    const output = render(chunk).subarray(0, left)
    left -= output.length
    if (output.length > 0) yield output
    if (left === 0) return
  }
}

/** The output of one run of a container, as the options want it. */
export async function* readLog(source: LogSource, options: LogOptions, signal: AbortSignal): AsyncGenerator<Buffer> {
  const start = await openLogAt(source.path, options)
  try {
    yield* readLogFrom(start, options, { source, signal })
  } finally {
    await start.close()
  }
}
