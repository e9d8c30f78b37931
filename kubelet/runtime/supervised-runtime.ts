/**
 * What both runtimes share: the node's supervisor owns the processes, so they outlive the kubelet. How pods are kept
 * apart is the business of an `Isolation`.
 */
import { chmodSync, mkdirSync } from 'node:fs'
import { type Duplex, Writable } from 'node:stream'
import { type Clock, systemClock } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import type { Isolation, OpenSandbox } from './isolation.ts'
import type {
  ContainerSpec,
  ContainerState,
  ExecResult,
  ExecStream,
  ExecStreamOptions,
  Feature,
  Runtime,
  Sandbox,
  SandboxSpec,
  Terminal,
} from './runtime.ts'
import { SupervisorClient } from './supervisor-client.ts'

export interface RuntimeOptions {
  /** The node's root directory; made with mode 0700. */
  rootDirectory: string
  nodeIp: string
  /** Range of the pods' addresses. */
  podCidr: string
  logger: Logger
  /** Standard input is the launcher's lifeline (`--lifeline`): at its end the supervisor kills all containers. */
  hasLifeline?: boolean
  clock?: Clock
}

/** Starts the runtime of a node: takes over the supervisor that runs, with its containers, or starts one. */
export async function startSupervisedRuntime(
  { rootDirectory, clock = systemClock, logger, hasLifeline = false }: RuntimeOptions,
  isolate: (client: SupervisorClient) => Isolation | Promise<Isolation>,
): Promise<Runtime> {
  mkdirSync(rootDirectory, { recursive: true, mode: 0o700 })
  chmodSync(rootDirectory, 0o700)
  const listeners = new Set<(podUid: string) => void>()
  const announce = (podUid: string) => {
    for (const onChange of listeners) onChange(podUid)
  }
  const client = await SupervisorClient.start({
    rootDirectory,
    hasLifeline,
    clock,
    logger,
    onChange: announce,
    onReconnect() {
      const all = client.request('list', null)
      all.then(
        (states) => new Set(states.map(({ podUid }) => podUid)).forEach(announce),
        // The next connection announces them again.
        (error: Error) => logger.debug({ err: error }, 'the supervisor went before it could tell its containers'),
      )
    },
  })
  return new SupervisedRuntime({ client, isolation: await isolate(client), listeners, clock })
}

interface Parts {
  client: SupervisorClient
  isolation: Isolation
  listeners: Set<(podUid: string) => void>
  clock: Clock
}

class SupervisedRuntime implements Runtime {
  readonly version: string
  readonly hasMounts: boolean
  readonly unenforced: ReadonlySet<Feature>
  readonly #client: SupervisorClient
  readonly #isolation: Isolation
  readonly #listeners: Set<(podUid: string) => void>
  /** Sandboxes that this kubelet has made or found. */
  readonly #sandboxes = new Map<string, OpenSandbox>()
  readonly #clock: Clock
  /** Programs that this kubelet has started and has to end. */
  readonly #streams = new Set<ExecStream>()

  constructor({ client, isolation, listeners, clock }: Parts) {
    this.version = isolation.version
    this.hasMounts = isolation.hasMounts
    this.unenforced = isolation.unenforced
    this.#clock = clock
    this.#client = client
    this.#isolation = isolation
    this.#listeners = listeners
  }

  get generation(): string {
    return this.#client.generation
  }

  prepare(): Promise<void> {
    return this.#isolation.prepare()
  }

  async ensureSandbox(spec: SandboxSpec): Promise<Sandbox> {
    mkdirSync(spec.directory, { recursive: true, mode: 0o700 })
    const sandbox = await this.#isolation.open(spec)
    this.#sandboxes.set(spec.podUid, sandbox)
    return { podUid: spec.podUid, ip: sandbox.ip }
  }

  async removeSandbox(podUid: string): Promise<void> {
    const containers = (await this.list()).filter((container) => container.podUid === podUid)
    await Promise.all(
      containers.map(async ({ id }) => {
        await this.stopContainer(id, { graceMs: 0 })
        await this.removeContainer(id)
      }),
    )
    await this.#isolation.close(podUid)
    this.#sandboxes.delete(podUid)
  }

  async startContainer(spec: ContainerSpec): Promise<ContainerState> {
    return this.#client.request('start', this.#isolation.startSpec(spec, this.#sandboxOf(spec.podUid)))
  }

  async stopContainer(
    id: string,
    { graceMs, signal = 'SIGTERM' }: { graceMs: number; signal?: NodeJS.Signals },
  ): Promise<void> {
    await this.#client.request('stop', { id, graceMs, signal })
  }

  async removeContainer(id: string): Promise<void> {
    await this.#client.request('remove', { id })
  }

  list(): Promise<ContainerState[]> {
    return this.#client.request('list', null)
  }

  subscribe(onChange: (podUid: string) => void): () => void {
    this.#listeners.add(onChange)
    return () => this.#listeners.delete(onChange)
  }

  exec(id: string, argv: readonly string[], { timeoutMs }: { timeoutMs: number }): Promise<ExecResult> {
    return this.#client.request('exec', { id, argv, timeoutMs })
  }

  async execStream(id: string, argv: readonly string[], options: ExecStreamOptions): Promise<ExecStream> {
    const surroundings = await this.#client.request('surroundings', { id })
    const [{ startExecStream }, { inside }] = await Promise.all([
      import('./exec-stream.ts'),
      import('./supervisor/surroundings.ts'),
    ])
    const stream = await startExecStream(inside(surroundings, argv, options), { ...options, clock: this.#clock })
    this.#streams.add(stream)
    void stream.exited.then(() => this.#streams.delete(stream))
    try {
      // Asked again, since nobody looks for processes of a container any more that has ended meanwhile.
      await this.#client.request('surroundings', { id })
    } catch (error) {
      await stream.kill()
      throw error
    }
    return stream
  }

  async openTerminal(id: string, { fromStart }: { fromStart: boolean }): Promise<Terminal | undefined> {
    const client = this.#client
    const terminal = await client.request('terminal', { id })
    if (terminal === null) return undefined
    async function* output(): AsyncGenerator<Buffer> {
      for (let from = fromStart ? 0 : terminal!.position; ; ) {
        const { data, next, isOver } = await client.request('terminalOutput', { id, from })
        from = next
        if (data !== '') yield Buffer.from(data, 'base64')
        if (isOver) return
      }
    }
    return { output: output(), resize: (size) => void client.request('resize', { id, size }).catch(() => undefined) }
  }

  openInput(id: string): Writable {
    const send = (data: string | null, done: (error?: Error | null) => void) =>
      void this.#client.request('input', { id, data }).then(() => done(), done)
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => send(chunk.toString('base64'), done),
      final: (done) => send(null, done),
    })
  }

  async dial(podUid: string, port: number): Promise<Duplex> {
    return this.#isolation.dial(this.#sandboxOf(podUid), port)
  }

  async close(): Promise<void> {
    await this.#endStreams()
    await this.#client.close()
  }

  async shutdown(): Promise<void> {
    await this.#endStreams()
    await this.#client.insist('shutdown', null)
    await this.#client.close()
  }

  #sandboxOf(podUid: string): OpenSandbox {
    const sandbox = this.#sandboxes.get(podUid)
    if (sandbox === undefined) throw new Error(`pod ${podUid} has no sandbox`)
    return sandbox
  }

  async #endStreams(): Promise<void> {
    await Promise.all([...this.#streams].map((stream) => stream.kill()))
  }
}
