import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Writable } from 'node:stream'
import { ClusterError } from './cluster-error.ts'
import { type Frozen, freeze } from './frozen.ts'

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
  /** Flags of Node.js itself. */
  nodeFlags?: readonly string[]
  logPath: string
  /** Environment beside the launcher's own. */
  env: Readonly<Record<string, string>>
  /** Whether it is started again when it dies. A kubelet is not: a lost node stays lost until it is told otherwise. */
  restart: boolean
}

export type ComponentState = 'starting' | 'running' | 'frozen' | 'restarting' | 'dead' | 'stopped'

const HAS_PROCESS: readonly ComponentState[] = ['starting', 'running', 'frozen']

export interface ComponentStatus {
  name: string
  state: ComponentState
  pid?: number
  restarts: number
  log: string
  /** Of a node whose way to the API server is cut or slowed: how. */
  disturbance?: string
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
  readonly #events: ComponentEvents
  #spec: ComponentSpec
  #child: ChildProcess | undefined
  #state: ComponentState = 'stopped'
  #changed = Promise.withResolvers<void>()
  /** Whether it is meant to run. It may change during every wait. */
  #isWanted = false
  #restarts = 0
  #backoffMs = BACKOFF_FIRST_MS
  #restartTimer: NodeJS.Timeout | undefined
  #frozen: Frozen | undefined
  /** The launcher's ends of the lifelines that outlive their process; they close when the launcher goes. */
  readonly #lifelines: Writable[] = []

  constructor(spec: ComponentSpec, events: ComponentEvents) {
    this.#spec = spec
    this.#events = events
  }

  get spec(): ComponentSpec {
    return this.#spec
  }

  get status(): ComponentStatus {
    const pid = this.#child?.pid
    return {
      name: this.spec.name,
      state: this.#state,
      ...(HAS_PROCESS.includes(this.#state) && pid !== undefined && { pid }),
      restarts: this.#restarts,
      log: this.spec.logPath,
    }
  }

  /** Resolves when its state changes next. */
  get changed(): Promise<void> {
    return this.#changed.promise
  }

  /**
   * Starts the process, as `spec` says from now on; resolves when it says that it is ready, rejects with its last words
   * when it dies before. Throws a ClusterError where it has a process already.
   */
  async start(spec: ComponentSpec = this.#spec): Promise<void> {
    if (this.#state === 'frozen') throw new ClusterError(`${spec.name} is frozen: thaw it`)
    if (HAS_PROCESS.includes(this.#state)) throw new ClusterError(`${spec.name} is running already`)
    clearTimeout(this.#restartTimer)
    this.#spec = spec
    this.#isWanted = true
    this.#enter('starting')
    const child = this.#spawn()
    this.#child = child
    const startedAt = performance.now()
    const exited = once(child, 'exit')
    const ready = once(createInterface({ input: child.stdout! }), 'line')
    const first = await Promise.race([ready.then(() => 'ready' as const), exited.then(() => 'exited' as const)])
    if (first === 'exited') {
      if (this.#isWanted) this.#enter('dead')
      throw new Error(await lastWords(this.spec.logPath, howEnded(child)))
    }
    if (!this.#isWanted) return
    this.#enter('running')
    void exited.then(() => this.#died(child, startedAt))
  }

  /** Ends the process with SIGTERM, or another signal, and waits until it is gone. It is not started again. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#isWanted = false
    this.#enter('stopped')
    clearTimeout(this.#restartTimer)
    const child = this.#child
    if (child === undefined || hasEnded(child)) return
    const exited = once(child, 'exit')
    child.kill(signal)
    this.#goOn()
    await exited
  }

  /** Ends the process with SIGKILL. It is not started again. Throws a ClusterError where there is nothing to kill. */
  async kill(): Promise<void> {
    if (['dead', 'stopped'].includes(this.#state)) throw new ClusterError(`${this.spec.name} does not run`)
    await this.stop('SIGKILL')
    this.#enter('dead')
  }

  /** Stops the process where it stands. Throws a ClusterError where it does not run. */
  freeze(): void {
    if (this.#state === 'frozen') throw new ClusterError(`${this.spec.name} is frozen already`)
    if (this.#state !== 'running') throw new ClusterError(`${this.spec.name} does not run`)
    this.#frozen = freeze([this.#child!.pid!])
    this.#enter('frozen')
  }

  /** Lets a frozen process go on. Throws a ClusterError where it is not frozen. */
  thaw(): void {
    if (this.#state !== 'frozen') throw new ClusterError(`${this.spec.name} is not frozen`)
    this.#goOn()
    this.#enter('running')
  }

  #enter(state: ComponentState): void {
    this.#state = state
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  #goOn(): void {
    this.#frozen?.thaw()
    this.#frozen = undefined
  }

  #spawn(): ChildProcess {
    const { main, flags, nodeFlags = [], logPath, env } = this.spec
    const log = openSync(logPath, 'a', 0o600)
    try {
      // A session of its own: Ctrl-C in the terminal reaches the launcher alone, which then ends all in order.
      const child: ChildProcess = spawn(process.execPath, [...nodeFlags, main, ...flags, '--lifeline'], {
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
    if (!this.#isWanted || child !== this.#child) return
    this.#goOn()
    if (!this.spec.restart) {
      this.#enter('dead')
      this.#events.onDeath(this.spec.name, howEnded(child), undefined)
      return
    }
    if (performance.now() - startedAt > BACKOFF_RESET_MS) this.#backoffMs = BACKOFF_FIRST_MS
    this.#events.onDeath(this.spec.name, howEnded(child), { inMs: this.#backoffMs })
    this.#restartLater()
  }

  #restartLater(): void {
    this.#enter('restarting')
    const wait = this.#backoffMs
    this.#backoffMs = Math.min(wait * 2, BACKOFF_MAX_MS)
    this.#restartTimer = setTimeout(() => {
      this.#restarts += 1
      this.start().catch((error: Error) => {
        if (!this.#isWanted) return
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
