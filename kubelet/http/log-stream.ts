import { watch } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
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

/** The bytes of a log from a position; with those that are still to come, until the container has ended. */
async function* readFollowing(file: FileHandle, from: number, { source, signal }: Following): AsyncGenerator<Buffer> {
  const { ring, wait } = bell()
  const unsubscribe = source.subscribe(ring)
  const watcher = watch(source.path, { persistent: false }, ring)
  signal.addEventListener('abort', ring)
  try {
    for (let position = from; !signal.aborted; ) {
      // Asked before reading: what a container writes before its end is then surely read.
      const isRunning = await source.isRunning()
      for await (const chunk of readToEnd(file, position)) {
        position += chunk.length
        yield chunk
      }
      if (!isRunning) return
      await wait()
    }
  } finally {
    signal.removeEventListener('abort', ring)
    watcher.close()
    unsubscribe()
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
  const { follow, tailLines, limitBytes = Number.POSITIVE_INFINITY } = options
  const file = await open(source.path)
  try {
    const start = tailLines === undefined ? 0 : await findTailStart(file, tailLines)
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
