/** Programs in a terminal of their own. */
import { closeSync, constants, openSync } from 'node:fs'
import { Readable, Writable } from 'node:stream'
import { type IPty, spawn } from '@lydell/node-pty'
import { readProcess } from '../../shared/processes.ts'
import type { ExecStream } from './runtime.ts'
import { findProgram, type ProgramSpec } from './supervisor/program.ts'

/** What upstream's runtimes say that their terminals can do, unless the container says something else. */
const TERMINAL_TYPE = 'xterm'
/** The character by which a terminal says that its input has ended. */
const END_OF_INPUT = Buffer.from([0x04])
const SIGNAL_EXIT_BASE = 128

/**
 * Holds the program's end of a terminal open. A program closes it a moment before it exits, and if nobody else had it
 * open, the terminal would be taken down around a program that still runs, by a signal that hides its exit code.
 */
function holdOpen(terminal: IPty): number {
  // The types leave the name out.
  const { ptsName } = terminal as unknown as { ptsName: string }
  return openSync(ptsName, constants.O_RDWR | constants.O_NOCTTY)
}

/** A terminal's output, which is read no faster than it is taken. */
function outputOf(terminal: IPty): Readable {
  const output = new Readable({ read: () => terminal.resume() })
  // The type speaks of text only, but there is none without an encoding.
  terminal.onData((chunk: string | Buffer) => {
    if (!output.push(chunk)) terminal.pause()
  })
  return output
}

function inputOf(terminal: IPty): Writable {
  const write = (chunk: Buffer) => terminal.write(chunk as unknown as string)
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      write(chunk)
      done()
    },
    final(done) {
      write(END_OF_INPUT)
      done()
    },
  })
}

/** Starts a program that leads a session in a new terminal. Throws a StartError. */
export async function startInTerminal(
  spec: ProgramSpec,
  { stdin }: { stdin: boolean },
): Promise<Omit<ExecStream, 'kill'> & { process: { pid: number; startTicks?: number } }> {
  const file = findProgram(spec)
  const { TERM = TERMINAL_TYPE } = spec.env
  const terminal = spawn(file, spec.argv.slice(1), {
    name: TERM,
    cwd: spec.workingDirectory,
    env: { ...spec.env },
    encoding: null,
  })
  const held = holdOpen(terminal)
  const startTicks = readProcess(terminal.pid)?.startTicks
  const stdout = outputOf(terminal)
  let hasEnded = false
  const exited = new Promise<number>((resolve) => {
    terminal.onExit(({ exitCode, signal = 0 }) => {
      hasEnded = true
      closeSync(held)
      stdout.push(null)
      resolve(signal === 0 ? exitCode : SIGNAL_EXIT_BASE + signal)
    })
  })
  return {
    process: { pid: terminal.pid, ...(startTicks !== undefined && { startTicks }) },
    ...(stdin && { stdin: inputOf(terminal) }),
    stdout,
    resize({ columns, rows }) {
      if (!hasEnded) terminal.resize(columns, rows)
    },
    exited,
  }
}
