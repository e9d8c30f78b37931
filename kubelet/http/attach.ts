/** `attach`: what a container's own program says from now on, and what it is told. */
import type { Writable } from 'node:stream'
import type { Clock } from '../../shared/clock.ts'
import type { Runtime, Terminal } from '../runtime/runtime.ts'
import type { StreamQuery } from './exec-target.ts'
import { findLogSource } from './log-source.ts'
import { type LogSource, openLogAt, readLogFrom } from './log-stream.ts'
import type { Output, Peer } from './peer.ts'
import type { FindRefusal, ServeStream } from './stream-handler.ts'
import { failureStatus, SUCCESS } from './stream-status.ts'

/**
 * A container that is younger has its output repeated from the beginning: who starts it to watch it, as `kubectl run -it`
 * does, is attached a moment after its program has begun, and would miss what a short one has to say.
 */
const NEW_MS = 1_000

interface Attached {
  query: StreamQuery
  /** The container has just been started. */
  isNew: boolean
}

/** For a client's terminal, which expects of a program's terminal that lines begin at the left. */
async function* withReturns(output: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of output) yield Buffer.from(chunk.toString('latin1').replaceAll('\n', '\r\n'), 'latin1')
}

/** The container's input, which ends with its client. */
function inputOf(runtime: Pick<Runtime, 'openInput'>, { gone }: Peer, id: string): Writable {
  const stdin = runtime.openInput(id)
  // The container is gone, which its outputs tell.
  stdin.on('error', () => undefined)
  const end = () => void stdin.end()
  if (gone.aborted) end()
  else gone.addEventListener('abort', end, { once: true })
  return stdin
}

type AttachRuntime = Pick<Runtime, 'list' | 'openInput' | 'openTerminal' | 'subscribe'>

/** The program's own terminal: everything that is written there, as it is written. */
async function attachTerminal(peer: Peer, terminal: Terminal, query: StreamQuery): Promise<void> {
  await peer.announce(query)
  if (query.stdout) await peer.send('stdout', terminal.output)
  else for await (const _unwanted of terminal.output) if (peer.gone.aborted) return
}

/**
 * The outputs of a program without a terminal are read from its log, so they come line by line, and both as they were
 * written; a client's terminal is shown them as one.
 */
async function attachLog(peer: Peer, source: LogSource, { query, isNew }: Attached): Promise<void> {
  // A client that has been told that it is attached misses nothing from then on.
  const start = await openLogAt(source.path, isNew ? {} : { tailLines: 0 })
  try {
    await peer.announce(query)
    const read = (stream?: Output) => {
      const options = { follow: true, timestamps: false, ...(stream && { stream }) }
      return readLogFrom(start, options, { source, signal: peer.gone })
    }
    const outputs = (['stdout', 'stderr'] as const).filter((output) => query[output])
    await Promise.all(
      query.tty ? [peer.send('stdout', withReturns(read()))] : outputs.map((output) => peer.send(output, read(output))),
    )
  } finally {
    await start.close()
  }
}

/** A container that has ended, which its status does not say yet, in the words of upstream's runtime. */
export const attachRefusal =
  (runtime: Pick<Runtime, 'list'>): FindRefusal =>
  async (id) => {
    const isOver = (await runtime.list()).some((one) => one.id === id && one.state === 'exited')
    return isOver ? 'container is in CONTAINER_EXITED state' : undefined
  }

/**
 * A client that leaves changes nothing for the container but the end of an input that is to be written to once. One that
 * comes too late is told so: `kubectl run` then shows the log.
 */
export const createAttach =
  (runtime: AttachRuntime, clock: Clock): ServeStream =>
  async (peer, { id, query }) => {
    const fail = (why: string) => peer.conclude(failureStatus(`error attaching to container: ${why}`))
    const source = await findLogSource(runtime, id)
    if (source === undefined) return fail(`container ${id} is not running`)
    const isNew = clock.nowMs() - source.startedAtMs < NEW_MS
    let terminal: Terminal | undefined
    try {
      terminal = await runtime.openTerminal(id, { fromStart: isNew })
    } catch (error) {
      return fail((error as Error).message)
    }
    const stdin = query.stdin ? inputOf(runtime, peer, id) : undefined
    peer.receive({ ...(stdin !== undefined && { stdin }), resize: (size) => terminal?.resize(size) })
    if (terminal === undefined) await attachLog(peer, source, { query, isNew })
    else await attachTerminal(peer, terminal, query)
    if (!peer.gone.aborted) await peer.conclude(SUCCESS)
  }
