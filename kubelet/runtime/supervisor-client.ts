import type { Socket } from 'node:net'
import { type Clock, delay } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import { bootId, readProcess } from '../../shared/processes.ts'
import { StartError } from './runtime.ts'
import {
  type Event,
  encode,
  lineDecoder,
  type Method,
  type Params,
  PROTOCOL_VERSION,
  type Reply,
  type Request,
  type Result,
} from './supervisor/protocol.ts'
import { connectSupervisor, type LaunchOptions, launchSupervisor } from './supervisor-launch.ts'

const RETRY_FIRST_MS = 50
const RETRY_MAX_MS = 1_000

export interface SupervisorClientOptions extends LaunchOptions {
  clock: Clock
  logger: Logger
  /** A container of this pod has changed. */
  onChange(podUid: string): void
  /** A connection stands, after another one broke: anything may have changed. */
  onReconnect(): void
}

interface Pending {
  resolve(result: Result<Method>): void
  reject(error: Error): void
}

/** How often a request goes to a supervisor's successor: one that ends again and again cannot be helped. */
const TRIES_MAX = 3

/** The supervisor has ended, and with it what was asked of it. */
class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
}

const errorOf = ({ message, exitCode }: { message: string; exitCode?: number }) =>
  exitCode === undefined ? new Error(message) : new StartError(message, exitCode)

/**
 * The kubelet's end of the connection to the supervisor. Starts a supervisor when none answers, and again whenever the
 * connection breaks; requests under way then fail, later ones wait for the next connection.
 */
export class SupervisorClient {
  readonly #options: SupervisorClientOptions
  readonly #pending = new Map<number, Pending>()
  readonly #closing = new AbortController()
  #nextId = 1
  #connection: Promise<Socket>
  #generation = ''

  private constructor(options: SupervisorClientOptions) {
    this.#options = options
    this.#connection = this.#connect()
  }

  /** Connects. Rejects where no supervisor answers and none can be started. */
  static async start(options: SupervisorClientOptions): Promise<SupervisorClient> {
    const client = new SupervisorClient(options)
    await client.#connection
    return client
  }

  /** Names the supervisor that was connected to last. */
  get generation(): string {
    return this.#generation
  }

  async request<Name extends Method>(method: Name, params: Params<Name>): Promise<Result<Name>> {
    this.#closing.signal.throwIfAborted()
    const socket = await this.#connection
    const id = this.#nextId++
    const reply = new Promise<Result<Method>>((resolve, reject) => this.#pending.set(id, { resolve, reject }))
    socket.write(encode({ id, method, params } as Request))
    return (await reply) as Result<Name>
  }

  /** The same for what may be asked twice: where a supervisor ends without an answer, its successor is asked. */
  async insist<Name extends Method>(method: Name, params: Params<Name>): Promise<Result<Name>> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.request(method, params)
      } catch (error) {
        if (!(error instanceof ConnectionLost) || tries === TRIES_MAX) throw error
      }
    }
  }

  /** Lets go of the supervisor, which runs on. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the runtime is closed'))
    // A connection that is just being made fails by the same abort.
    const socket = await this.#connection.catch(() => undefined)
    if (socket === undefined || socket.closed) return
    // However it closes: a supervisor that ended beside an unread request resets the connection.
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    socket.end()
    await closed
  }

  async #connect(): Promise<Socket> {
    const { rootDirectory } = this.#options
    let socket = await connectSupervisor(rootDirectory)
    if (socket === undefined) {
      await launchSupervisor(this.#options)
      socket = await connectSupervisor(rootDirectory)
    }
    if (socket === undefined) throw new Error(`no supervisor answers in ${rootDirectory}`)
    return this.#attach(socket)
  }

  /** Listens to a new connection; resolves after the supervisor's greeting. */
  #attach(socket: Socket): Promise<Socket> {
    const { promise, resolve, reject } = Promise.withResolvers<Socket>()
    let isGreeted = false
    const greet = ({ protocol, pid }: { protocol: number; pid: number }) => {
      isGreeted = protocol === PROTOCOL_VERSION
      if (isGreeted) {
        this.#generation = `${bootId()}/${pid}/${readProcess(pid)?.startTicks ?? ''}`
        return resolve(socket)
      }
      reject(new Error(`the supervisor that runs (PID ${pid}) is of another version: stop the node first`))
      socket.destroy()
    }
    const decode = lineDecoder<Reply | Event>((message) => {
      if (!('event' in message)) this.#settle(message)
      else if (message.event === 'changed') this.#options.onChange(message.podUid)
      else greet(message)
    })
    socket.on('data', decode)
    socket.on('error', (error) => this.#options.logger.debug({ err: error }, 'connection to the supervisor failed'))
    socket.on('close', () => {
      const gone = new ConnectionLost('the connection to the supervisor is lost')
      reject(gone)
      for (const { reject: fail } of this.#pending.values()) fail(gone)
      this.#pending.clear()
      if (isGreeted && !this.#closing.signal.aborted) this.#reconnect()
    })
    return promise
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id)
    this.#pending.delete(reply.id)
    if ('error' in reply) pending?.reject(errorOf(reply.error))
    else pending?.resolve(reply.result)
  }

  #reconnect(): void {
    this.#options.logger.warn('the supervisor is gone: starting another')
    this.#connection = this.#tryUntilConnected()
    this.#connection.then(
      () => this.#options.onReconnect(),
      () => undefined, // Closed meanwhile.
    )
  }

  async #tryUntilConnected(): Promise<Socket> {
    const { clock, logger } = this.#options
    const { signal } = this.#closing
    for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
      signal.throwIfAborted()
      try {
        return await this.#connect()
      } catch (error) {
        logger.warn({ err: error }, 'no supervisor yet: trying again')
        await delay(clock, waitMs, signal)
      }
    }
  }
}
