import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Writable } from 'node:stream'

/** First wait before a dead component is started again; doubled for every further death. */
const BACKOFF_FIRST_MS = 100
const BACKOFF_MAX_MS = 5_000
/** A component that lived this long begins with the first wait again. */
const BACKOFF_RESET_MS = 10_000
/** How much of the end of a log is searched for the reason of a failed start. */
const LOG_TAIL_CHARACTERS = 4_000

export interface ComponentSpec {
  /** As shown and as the log file is named: `apiserver`, `node-1`. */
  name: string
  /** The program, a TypeScript or JavaScript file. */
  main: string
  flags: readonly string[]
  logPath: string
  /** Environment beside the launcher's own. */
  env: Readonly<Record<string, string>>
  /** Whether it is started again when it dies. A kubelet is not: a lost node stays lost until it is told otherwise. */
  restart: boolean
}

export type ComponentState = 'starting' | 'running' | 'restarting' | 'dead' | 'stopped'

export interface ComponentStatus {
  name: string
  state: ComponentState
  pid?: number
  restarts: number
  log: string
}

export interface ComponentEvents {
  /** It ended without having been told to; `again` tells whether and when it is started again. */
  onDeath(name: string, how: string, again: { inMs: number } | undefined): void
}

/** How a process ended: `exit code 1` or `SIGKILL`. */
const howEnded = (child: ChildProcess) => child.signalCode ?? `exit code ${child.exitCode}`

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

/**
 * One component as a child process. Its standard input is its lifeline: the pipe closes when the launcher is gone,
 * however it went. Its one line on standard output says that it is ready; its log goes to a file.
 */
export class Component {
  readonly spec: ComponentSpec
  readonly #events: ComponentEvents
  #child: ChildProcess | undefined
  #state: ComponentState = 'stopped'
  #restarts = 0
  #backoffMs = BACKOFF_FIRST_MS
  #restartTimer: NodeJS.Timeout | undefined
  /** The launcher's ends of the lifelines that outlive their process; they close when the launcher goes. */
  readonly #lifelines: Writable[] = []

  constructor(spec: ComponentSpec, events: ComponentEvents) {
    this.spec = spec
    this.#events = events
  }

  get status(): ComponentStatus {
    const pid = this.#child?.pid
    const alive = this.#state === 'running' || this.#state === 'starting'
    return {
      name: this.spec.name,
      state: this.#state,
      ...(alive && pid !== undefined && { pid }),
      restarts: this.#restarts,
      log: this.spec.logPath,
    }
  }

  /** Starts the process; resolves when it says that it is ready, rejects with its last words when it dies before. */
  async start(): Promise<void> {
    this.#state = 'starting'
    const child = this.#spawn()
    this.#child = child
    const startedAt = performance.now()
    const exited = once(child, 'exit')
    const ready = once(createInterface({ input: child.stdout! }), 'line')
    const first = await Promise.race([ready.then(() => 'ready' as const), exited.then(() => 'exited' as const)])
    if (first === 'exited') {
      if (!this.#isStopped()) this.#state = 'dead'
      throw new Error(await lastWords(this.spec.logPath, howEnded(child)))
    }
    if (this.#isStopped()) return
    this.#state = 'running'
    void exited.then(() => this.#died(child, startedAt))
  }

  /** Ends the process with SIGTERM, or another signal, and waits until it is gone. It is not started again. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#state = 'stopped'
    clearTimeout(this.#restartTimer)
    const child = this.#child
    if (child === undefined || hasEnded(child)) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }

  /** A method, since the state may change during every wait. */
  #isStopped(): boolean {
    return this.#state === 'stopped'
  }

  #spawn(): ChildProcess {
    const { main, flags, logPath, env } = this.spec
    const log = openSync(logPath, 'a', 0o600)
    try {
      // A session of its own: Ctrl-C in the terminal reaches the launcher alone, which then ends all in order.
      const child: ChildProcess = spawn(process.execPath, [main, ...flags, '--lifeline'], {
        stdio: ['pipe', 'pipe', log],
        detached: true,
        env: { ...process.env, ...env },
      })
      // A kubelet hands its lifeline on to its supervisor, whose containers outlive it. Node would close the pipe with
      // the kubelet's death, and the supervisor would take that for the death of the launcher.
      if (!this.spec.restart) {
        this.#lifelines.push(child.stdin!)
        child.stdin = null
      }
      return child
    } finally {
      closeSync(log)
    }
  }

  #died(child: ChildProcess, startedAt: number): void {
    if (this.#isStopped() || child !== this.#child) return
    if (!this.spec.restart) {
      this.#state = 'dead'
      this.#events.onDeath(this.spec.name, howEnded(child), undefined)
      return
    }
    if (performance.now() - startedAt > BACKOFF_RESET_MS) this.#backoffMs = BACKOFF_FIRST_MS
    this.#events.onDeath(this.spec.name, howEnded(child), { inMs: this.#backoffMs })
    this.#restartLater()
  }

  #restartLater(): void {
    this.#state = 'restarting'
    const wait = this.#backoffMs
    this.#backoffMs = Math.min(wait * 2, BACKOFF_MAX_MS)
    this.#restartTimer = setTimeout(() => {
      this.#restarts += 1
      this.start().catch((error: Error) => {
        if (this.#isStopped()) return
        this.#events.onDeath(this.spec.name, error.message, { inMs: this.#backoffMs })
        this.#restartLater()
      })
    }, wait)
  }
}

/** What a component that could not start said last: its message for people, or how it ended where it said nothing. */
async function lastWords(logPath: string, how: string): Promise<string> {
  const tail = (await readFile(logPath, 'utf8')).slice(-LOG_TAIL_CHARACTERS)
  const lines = tail.trim().split('\n')
  const last = lines.at(-1) ?? ''
  return last === '' ? `ended with ${how} and said nothing` : last
}
