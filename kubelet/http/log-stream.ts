import { watch } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
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

/** Whether the log was set aside, so that the container now writes to another file. */
async function isSetAside(file: FileHandle, path: string): Promise<boolean> {
  const [mine, current] = await Promise.all([file.stat(), stat(path).catch(whenMissing)])
  return current !== undefined && mine.ino !== current.ino
}

/** The new file is about to be made, or the pod is gone with its directory. */
function whenMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** The bytes of a log from a position; with those that are still to come, until the container has ended. */
async function* readFollowing(first: FileHandle, from: number, { source, signal }: Following): AsyncGenerator<Buffer> {
  const { path } = source
  const { ring, wait } = bell()
  const watchFile = () => watch(path, { persistent: false }, ring)
  const unsubscribe = source.subscribe(ring)
  signal.addEventListener('abort', ring)
  let file = first
  let watcher = watchFile()
  try {
    for (let position = from; !signal.aborted; ) {
      // Asked before reading: what is written before the end, of the container or of this file, is then surely read.
      const [isRunning, hasSuccessor] = await Promise.all([source.isRunning(), isSetAside(file, path)])
      for await (const chunk of readToEnd(file, position)) {
        position += chunk.length
        yield chunk
      }
      if (hasSuccessor) {
        if (file !== first) await file.close()
        file = await open(path)
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
    if (file !== first) await file.close()
  }
}

interface Following {
  source: LogSource
  signal: AbortSignal
}

/**
 * The output of one run of a container, as the options want it. With `follow` it ends after the container has, and when
 * the signal aborts. Whoever reads slowly slows down the reading of the file, not the program.
 */
export async function* readLog(source: LogSource, options: LogOptions, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { follow, tailLines, fromByte = 0, limitBytes = Number.POSITIVE_INFINITY } = options
  const file = await open(source.path)
  try {
    const start = tailLines === undefined ? fromByte : await findTailStart(file, tailLines)
    const render = logRenderer(options)
    let left = limitBytes
    for await (const chunk of follow ? readFollowing(file, start, { source, signal }) : readToEnd(file, start)) {
      const output = render(chunk).subarray(0, left)
      left -= output.length
      if (output.length > 0) yield output
      if (left === 0) return
    }
  } finally {
    await file.close()
  }
}
