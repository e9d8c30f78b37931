/** An API server that dies and comes back while clients go on: they ask for its current address. */
import type { ChildProcess } from 'node:child_process'
import { Pool } from 'undici'
import { type ApiProcess, type ApiServerHome, ApiProcess as Process } from '../support/api-process.ts'
import type { Random } from '../support/random.ts'

/** The server that now serves, and connections to it. */
export interface Life {
  url: string
  pool: Pool
  headers: Readonly<Record<string, string>>
}

export interface RestartingServerOptions {
  home: ApiServerHome
  random: Random
  flags?: readonly string[]
  /** Requests that are under way at once at most. */
  connections: number
}

/** How long a start may take that is killed on its way. */
const START_MS = 700

export class RestartingServer {
  readonly #options: RestartingServerOptions
  #process: ApiProcess | undefined
  #life = Promise.withResolvers<Life>()
  #pool: Pool | undefined
  /** How often it was ended while it served, and while it was starting. */
  ends = 0
  endsWhileStarting = 0

  constructor(options: RestartingServerOptions) {
    this.#options = options
    // Nobody may be waiting when a start fails: whoever started it is told.
    this.#life.promise.catch(() => undefined)
  }

  /** The server that serves, or the next one that will. */
  life(): Promise<Life> {
    return this.#life.promise
  }

  async start(): Promise<void> {
    const { home, flags = [], connections } = this.#options
    this.#process = await Process.start(home, { flags })
    this.#serve(this.#process, home, connections)
  }

  /** Ends it, kills it on its way up some of the time, and starts it again. */
  async restart(signal: NodeJS.Signals): Promise<void> {
    const { random, home, flags = [] } = this.#options
    await this.end(signal)
    this.ends++
    while (random.chance(0.15)) {
      this.endsWhileStarting++
      await killOnItsWay(home, flags, random.next() * START_MS)
    }
    await this.start()
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#life = Promise.withResolvers()
    const ended = this.#process?.end(signal)
    await ended
    await this.#pool?.destroy()
  }

  #serve({ url }: ApiProcess, { ca, token }: ApiServerHome, connections: number): void {
    this.#pool = new Pool(url, { connect: { ca }, connections, pipelining: 1 })
    this.#life.resolve({ url, pool: this.#pool, headers: { authorization: `Bearer ${token}` } })
  }
}

async function killOnItsWay(home: ApiServerHome, flags: readonly string[], afterMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const killLater = (child: ChildProcess) => {
    timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
  }
  try {
    const started = await Process.start(home, { flags }, killLater)
    await started.end('SIGKILL')
  } catch (error) {
    // That is what it was killed for; anything that it says itself is a fault.
    if (!(error instanceof Error && error.message === 'the API server ended before it was ready: ')) throw error
  } finally {
    clearTimeout(timer)
  }
}
