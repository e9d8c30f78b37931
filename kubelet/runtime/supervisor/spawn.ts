import type { Readable, Writable } from 'node:stream'
import { readProcess } from '../../../shared/processes.ts'
import type { TerminalSize } from '../runtime.ts'
import type { Tree } from './process-tree.ts'
import { cannotStart, findProgram, type ProgramSpec } from './program.ts'
import type { Pty } from './pty.ts'

/** How a process ended: one of the two is set. */
export interface ProcessEnd {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface SpawnedProcess {
  pid: number
  /** Absent without /proc. */
  startTicks?: number
  /** Absent unless asked for. */
  stdin?: Writable
  stdout: Readable
  stderr: Readable
  /** What it writes to its file 3, where that was asked for; until it ends, nothing of the outputs is lost. */
  report?: Readable
  /** The program itself, where the process only leads to it. */
  main?: { pid: number; startTicks: number }
  ended: Promise<ProcessEnd>
  /** Absent without a terminal. */
  resize?(size: TerminalSize): void
}

/** Starts a program as leader of a session and process group of its own. Throws a StartError. */
export type Spawn = (spec: ProgramSpec, options?: SpawnOptions) => Promise<SpawnedProcess>

export interface SpawnOptions {
  /** With an input that can be written to; else, and by default, it is empty. */
  stdin?: boolean
  /** With an output beside the usual ones, file 3. Default: without. */
  report?: boolean
  /** In a terminal of its own, which shows both outputs as one. Default: false. */
  tty?: boolean
  /** Is told the terminal's path before anything is started. */
  onTerminal?(path: string): void
}

/** Keeps an output that nobody reads yet from being thrown away when the program ends. */
function hold(outputs: readonly Readable[], report: Readable): void {
  const wait = () => undefined
  for (const output of outputs) output.on('readable', wait)
  report.once('close', () => {
    for (const output of outputs) output.off('readable', wait)
  })
}

/**
 * Makes a terminal that of the session, which it becomes when the session's leader opens it, and all that a program has
 * at first; then becomes the program.
 */
const INTO_TERMINAL = 'exec <>"$0" >&0 2>&1; exec "$@"'
/** What upstream's runtimes say that their terminals can do, unless the container says something else. */
const TERMINAL_TYPE = 'xterm'

const plain = (program: string, { argv: [argv0, ...words], env }: ProgramSpec) => ({ program, words, argv0, env })

const inTerminal = ({ path }: Pty, file: string, { argv: [, ...words], env }: ProgramSpec) => ({
  program: '/bin/sh',
  words: ['-c', INTO_TERMINAL, path, file, ...words],
  env: { TERM: TERMINAL_TYPE, ...env },
})

async function terminalFor(onTerminal: (path: string) => void): Promise<Pty> {
  const { openPty } = await import('./pty.ts')
  const pty = openPty()
  onTerminal(pty.path)
  return pty
}

/** How such a process is reached, in place of the usual ways. */
const terminalOf = ({ output, resize, input }: Pty, stdin: boolean) => ({
  ...{ stdout: output, resize },
  ...(stdin && { stdin: input }),
})

/**
 * Loads what it takes to start programs. Apart from the supervisor's own start, since it costs several times as much:
 * a node is Ready before it needs this.
 */
export async function loadSpawn(): Promise<Spawn> {
  const { execa } = await import('execa')
  return async (spec, { stdin = false, report = false, tty = false, onTerminal = () => undefined } = {}) => {
    const file = findProgram(spec)
    const pty = tty ? await terminalFor(onTerminal) : undefined
    const { program, words, ...started } = pty === undefined ? plain(file, spec) : inTerminal(pty, file, spec)
    const child = execa(program, words, {
      ...started,
      cwd: spec.workingDirectory,
      extendEnv: false,
      detached: true,
      stdio: [stdin && !tty ? 'pipe' : 'ignore', 'pipe', 'pipe', ...(report ? ['pipe' as const] : [])],
      encoding: 'buffer',
      // The output goes where it is wanted as it comes; nothing of it is collected.
      buffer: false,
      // An exit code is an expected outcome, and the process is meant to outlive trouble in its parent.
      reject: false,
      cleanup: false,
    })
    if (child.pid === undefined) {
      pty?.discard()
      throw cannotStart(spec.argv[0]!, (await child).originalMessage ?? 'the system refused')
    }
    // Read at once, while the process cannot be gone: even a dead one keeps its entry until this program's event loop runs.
    const startTicks = readProcess(child.pid)?.startTicks
    const ended = new Promise<ProcessEnd>((resolve) => {
      child.nodeChildProcess.once('exit', (code, signal) => {
        pty?.end()
        resolve({ code, signal })
      })
    })
    const reported = report ? (child.stdio[3] as unknown as Readable) : undefined
    if (reported !== undefined) hold([child.stdout, child.stderr], reported)
    return {
      pid: child.pid,
      ...(reported !== undefined && { report: reported }),
      ...(startTicks !== undefined && { startTicks }),
      ...(child.stdin !== null && { stdin: child.stdin }),
      stdout: child.stdout,
      stderr: child.stderr,
      ended,
      ...(pty !== undefined && terminalOf(pty, stdin)),
    }
  }
}

/** The tree that grows from a process. */
export const treeOf = (
  marker: string,
  { pid, startTicks }: Pick<SpawnedProcess, 'pid' | 'startTicks'>,
  endedTicks?: number,
): Tree => ({
  marker,
  ...(startTicks !== undefined && { main: { pid, startTicks } }),
  ...(endedTicks !== undefined && { endedTicks }),
})
