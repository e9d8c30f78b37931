/**
 * Pseudo-terminals that exist before anything runs in them. node-pty itself starts a program with each and gives none of
 * the files that a container's program may need beside its terminal, so this takes its native part alone.
 */
import { closeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Readable, Writable } from 'node:stream'
import { ReadStream } from 'node:tty'
import type { TerminalSize } from '../runtime.ts'

interface NativePty {
  open(columns: number, rows: number): { master: number; slave: number; pty: string }
  resize(file: number, columns: number, rows: number): void
}

/** What a terminal has until its client says otherwise, as upstream's. */
const FIRST_SIZE: TerminalSize = { columns: 80, rows: 24 }
/** The character by which a terminal says that its input has ended. */
const END_OF_INPUT = Buffer.from([0x04])

export interface Pty {
  /** Path of the program's end. */
  path: string
  output: Readable
  input: Writable
  resize(size: TerminalSize): void
  /**
   * The program has ended: the output ends after what is left of it. Until then the program's end is held open, since a
   * program closes it a moment before it exits, and would be taken for gone.
   */
  end(): void
  /** No program has come to run in it. */
  discard(): void
}

const native = (): NativePty => {
  const ofPackage = createRequire(createRequire(import.meta.url).resolve('@lydell/node-pty'))
  return ofPackage(`@lydell/node-pty-${process.platform}-${process.arch}/pty.node`)
}

export function openPty(): Pty {
  const pty = native()
  const { master, slave, pty: path } = pty.open(FIRST_SIZE.columns, FIRST_SIZE.rows)
  const terminal = new ReadStream(master)
  let isOpen = true
  const output = new Readable({ read: () => terminal.resume() })
  terminal.on('data', (chunk: Buffer) => {
    if (!output.push(chunk)) terminal.pause()
  })
  // A terminal whose last program is gone ends by an error.
  terminal.on('error', () => undefined)
  terminal.once('close', () => {
    isOpen = false
    output.push(null)
  })
  const write = (chunk: Buffer, done: (error?: Error | null) => void) => {
    if (isOpen) terminal.write(chunk, done)
    else done()
  }
  return {
    path,
    output,
    input: new Writable({
      write: (chunk, _encoding, done) => write(chunk, done),
      final: (done) => write(END_OF_INPUT, done),
    }),
    resize({ columns, rows }) {
      if (isOpen) pty.resize(master, columns, rows)
    },
    end: () => closeSync(slave),
    discard() {
      closeSync(slave)
      terminal.destroy()
    },
  }
}
