/** Programs that run beside a container's own with somebody at their other end. They are children of the kubelet itself. */
import { randomBytes } from 'node:crypto'
import { PassThrough, type Readable } from 'node:stream'
import { type Clock, delay } from '../../shared/clock.ts'
import type { ExecStream, ExecStreamOptions } from './runtime.ts'
import { EXEC_MARKER } from './supervisor/exec.ts'
import { exitCodeOf } from './supervisor/exit-code.ts'
import { killTrees } from './supervisor/kill.ts'
import type { ProgramSpec } from './supervisor/program.ts'
import { loadSpawn, treeOf } from './supervisor/spawn.ts'

/**
 * How long after a program's end its outputs may be silent until they are closed: a process that it has left in the
 * background may hold them open for ever.
 */
const SILENCE_MS = 500

interface Options extends ExecStreamOptions {
  clock: Clock
}

/**
 * A program's output, to be read at any time: the output itself would be thrown away if the program ended before
 * somebody began to read. Ends when it stays silent after the program's end; one whose reader is slow is not silent.
 */
function outputOf(source: Readable, programEnd: Promise<unknown>, clock: Clock): Readable {
  const output = source.pipe(new PassThrough())
  const closed = new AbortController()
  source.once('close', () => {
    closed.abort()
    output.end()
  })
  const isEmpty = () => source.readableLength + output.readableLength === 0
  const watchSilence = async () => {
    while (!source.closed) {
      const wasEmpty = isEmpty()
      // It is closed meanwhile: nothing is left to do.
      await delay(clock, SILENCE_MS, closed.signal).catch(() => undefined)
      if (wasEmpty && isEmpty()) source.destroy()
    }
  }
  void programEnd.then(watchSilence)
  return output
}

async function startPiped(spec: ProgramSpec, { stdin, clock }: Options): Promise<Omit<ExecStream, 'kill'> & Started> {
  const spawn = await loadSpawn()
  const child = await spawn(spec, { stdin })
  // Its program has ended or does not read: what is written then has nowhere to go.
  child.stdin?.on('error', () => undefined)
  return {
    process: child,
    ...(child.stdin !== undefined && { stdin: child.stdin }),
    stdout: outputOf(child.stdout, child.ended, clock),
    stderr: outputOf(child.stderr, child.ended, clock),
    resize: () => undefined,
    exited: child.ended.then(exitCodeOf),
  }
}

interface Started {
  process: { pid: number; startTicks?: number }
}

/** Starts a program. Throws a StartError. */
export async function startExecStream(program: ProgramSpec, options: Options): Promise<ExecStream> {
  const id = randomBytes(16).toString('hex')
  const spec = { ...program, env: { ...program.env, [EXEC_MARKER]: id } }
  const start = options.tty ? (await import('./terminal.ts')).startInTerminal : startPiped
  const { process, ...stream } = await start(spec, options)
  const tree = treeOf(`${EXEC_MARKER}=${id}`, process)
  return {
    ...stream,
    async kill() {
      await killTrees([tree], options.clock)
    },
  }
}
