/**
 * Container logs in the CRI's format, one line each: `2026-11-24T02:25:30.123456789Z stdout F text`. A line longer than
 * 16 KiB is written in pieces tagged `P`, the last one `F`. Memory per stream is bounded by one such piece.
 */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from '../../../shared/clock.ts'
import { DEFAULT_LOG_LIMITS, type LogLimits, setAsideNumbers, setAsidePath } from './log-files.ts'

export type StreamName = 'stdout' | 'stderr'

/** Longest piece of a line, as containerd cuts it. */
export const PIECE_BYTES = 16 * 1024

const NEWLINE = 0x0a
const LINE_END = Buffer.from('\n')

/** Timestamps in nanoseconds: the clock's milliseconds, refined by a counter, so that they only rise unless the clock is set back. */
function nanosecondClock(clock: Clock, counter: () => bigint = process.hrtime.bigint): () => string {
  let lastMs = -1
  let since = 0n
  return () => {
    const nowMs = clock.nowMs()
    if (nowMs !== lastMs) {
      lastMs = nowMs
      since = counter()
    }
    const passed = Number(counter() - since)
    return `${new Date(nowMs).toISOString().slice(0, 23)}${String(Math.min(passed, 999_999)).padStart(6, '0')}Z`
  }
}

export interface LogStream {
  write(chunk: Buffer): void
  /** Writes what the program left without a line end. */
  end(): void
}

export interface LogFile {
  /** `onLine` sees every line (or piece) of the stream as it is written, without its line end. */
  stream(name: StreamName, onLine?: (line: Buffer) => void): LogStream
  close(): void
}

interface Sink {
  now(): string
  append(parts: readonly Buffer[]): void
  onLine: ((line: Buffer) => void) | undefined
}

/** Makes log lines of a stream's bytes. */
function lineSplitter(name: StreamName, { now, append, onLine }: Sink): LogStream {
  let pending: Buffer = Buffer.alloc(0)
  return {
    write(chunk) {
      const data = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
      const prefix = `${now()} ${name}`
      const full = Buffer.from(`${prefix} F `)
      const partial = Buffer.from(`${prefix} P `)
      const parts: Buffer[] = []
      let from = 0
      for (;;) {
        const newline = data.indexOf(NEWLINE, from)
        const end = newline === -1 ? data.length : newline
        for (; end - from > PIECE_BYTES; from += PIECE_BYTES) {
          parts.push(partial, data.subarray(from, from + PIECE_BYTES), LINE_END)
        }
        if (newline === -1) break
        parts.push(full, data.subarray(from, newline + 1))
        onLine?.(data.subarray(from, newline))
        from = newline + 1
      }
      // A copy, since the rest would keep the whole chunk in memory.
      pending = Buffer.from(data.subarray(from))
      if (parts.length > 0) append(parts)
    },
    end() {
      if (pending.length === 0) return
      onLine?.(pending)
      append([Buffer.from(`${now()} ${name} F `), pending, LINE_END])
      pending = Buffer.alloc(0)
    },
  }
}

interface LogOptions {
  clock: Clock
  /** Default: upstream's. */
  limits?: LogLimits
  /** Hears of the first of several failures to write. */
  onError(error: Error): void
}

/**
 * Opens a log for appending. Writes are synchronous: a line is in the file before anything later happens, above all
 * before the program's exit is told. A full disk must not stop the program: lines are dropped until writing works again.
 */
export function openLog(path: string, { clock, limits = DEFAULT_LOG_LIMITS, onError }: LogOptions): LogFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const open = () => openSync(path, 'a', 0o600)
  let file = open()
  let { size } = fstatSync(file)
  const setAside = setAsideNumbers(path)
  const now = nanosecondClock(clock)
  let isFailing = false

  const rotate = () => {
    size = 0 // Also where it fails: the old file is written on, and the next try comes as late.
    const number = (setAside.at(-1) ?? 0) + 1
    renameSync(path, setAsidePath(path, number))
    setAside.push(number)
    const old = file
    file = open()
    closeSync(old)
    while (setAside.length >= limits.filesMax) rmSync(setAsidePath(path, setAside.shift()!), { force: true })
  }

  const append = (parts: readonly Buffer[]) => {
    try {
      const bytes = Buffer.concat(parts)
      if (size > 0 && size + bytes.length > limits.bytesMax) rotate()
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
      size += bytes.length
      isFailing = false
    } catch (error) {
      if (!isFailing) onError(error as Error)
      isFailing = true
    }
  }

  return { stream: (name, onLine) => lineSplitter(name, { now, append, onLine }), close: () => closeSync(file) }
}
