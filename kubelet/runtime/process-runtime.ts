/**
 * The `process` runtime: pods as plain process groups on the host's network, each with a loopback address of its own.
 * It works anywhere and isolates nothing. The processes belong to the node's supervisor, so they outlive the kubelet.
 */
import { once } from 'node:events'
import { chmodSync, mkdirSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { type Duplex, Writable } from 'node:stream'
import { type Clock, systemClock } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import { containerEnvironment } from './container-environment.ts'
import { openPodAddresses, type PodAddresses } from './pod-addresses.ts'
import type {
  ContainerSpec,
  ContainerState,
  ExecResult,
  ExecStream,
  ExecStreamOptions,
  Runtime,
  Sandbox,
  SandboxSpec,
} from './runtime.ts'
import { SupervisorClient } from './supervisor-client.ts'

export interface ProcessRuntimeOptions {
  /** The node's root directory; made with mode 0700. */
  rootDirectory: string
  nodeIp: string
  /** Range of the pods' addresses. Where the host does not have it, all pods share the node's address. */
  podCidr: string
  logger: Logger
  /** Standard input is the launcher's lifeline (`--lifeline`): at its end the supervisor kills all containers. */
  hasLifeline?: boolean
  clock?: Clock
}

/** Whether the host has an address, as Linux has all of 127.0.0.0/8 and macOS only 127.0.0.1. */
async function hasAddress(ip: string): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(0, ip)
    await once(server, 'listening')
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL') return false
    throw error
  } finally {
    server.close()
  }
}

/** Starts the runtime of a node: takes over the supervisor that runs, with its containers, or starts one. */
export async function startProcessRuntime(options: ProcessRuntimeOptions): Promise<Runtime> {
  const { rootDirectory, podCidr, nodeIp, clock = systemClock, logger, hasLifeline = false } = options
  mkdirSync(rootDirectory, { recursive: true, mode: 0o700 })
  chmodSync(rootDirectory, 0o700)
  const addresses = openPodAddresses(join(rootDirectory, 'pod-addresses.json'), podCidr)
  const listeners = new Set<(podUid: string) => void>()
  const announce = (podUid: string) => {
    for (const onChange of listeners) onChange(podUid)
  }
  const [client, hasPodAddresses] = await Promise.all([
    SupervisorClient.start({
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
    }),
    hasAddress(podCidr.replace(/\d+\/\d+$/, '2')),
  ])
  return new ProcessRuntime({ client, addresses: hasPodAddresses ? addresses : undefined, nodeIp, listeners, clock })
}

interface Parts {
  client: SupervisorClient
  /** Absent where all pods share the node's address. */
  addresses: PodAddresses | undefined
  nodeIp: string
  listeners: Set<(podUid: string) => void>
  clock: Clock
}

class ProcessRuntime implements Runtime {
  readonly version = 'process://0.1.0'
  readonly hasMounts = false
  readonly #client: SupervisorClient
  readonly #addresses: PodAddresses | undefined
  readonly #nodeIp: string
  readonly #listeners: Set<(podUid: string) => void>
  /** Sandboxes that this kubelet has made or found: what their containers' environment needs. */
  readonly #sandboxes = new Map<string, { ip: string; hostname: string }>()
  readonly #clock: Clock
  /** Programs that this kubelet has started and has to end. */
  readonly #streams = new Set<ExecStream>()

  constructor({ client, addresses, nodeIp, listeners, clock }: Parts) {
    this.#clock = clock
    this.#client = client
    this.#addresses = addresses
    this.#nodeIp = nodeIp
    this.#listeners = listeners
  }

  async ensureSandbox({
    podUid,
    name,
    hostname = name,
    directory,
    hostNetwork = false,
  }: SandboxSpec): Promise<Sandbox> {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const ip = hostNetwork || this.#addresses === undefined ? this.#nodeIp : this.#addresses.assign(podUid)
    this.#sandboxes.set(podUid, { ip, hostname })
    return { podUid, ip }
  }

  async removeSandbox(podUid: string): Promise<void> {
    const containers = (await this.list()).filter((container) => container.podUid === podUid)
    await Promise.all(
      containers.map(async ({ id }) => {
        await this.stopContainer(id, { graceMs: 0 })
        await this.removeContainer(id)
      }),
    )
    this.#addresses?.free(podUid)
    this.#sandboxes.delete(podUid)
  }

  async startContainer(spec: ContainerSpec): Promise<ContainerState> {
    const sandbox = this.#sandboxOf(spec.podUid)
    const { mounts: _, ...program } = spec
    return this.#client.request('start', { ...program, env: containerEnvironment(spec.env, sandbox) })
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
    const { startExecStream } = await import('./exec-stream.ts')
    const stream = await startExecStream({ ...surroundings, argv }, { ...options, clock: this.#clock })
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

  openInput(id: string): Writable {
    const send = (data: string | null, done: (error?: Error | null) => void) =>
      void this.#client.request('input', { id, data }).then(() => done(), done)
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => send(chunk.toString('base64'), done),
      final: (done) => send(null, done),
    })
  }

  async dial(podUid: string, port: number): Promise<Duplex> {
    const socket = connect(port, this.#sandboxOf(podUid).ip)
    await once(socket, 'connect')
    return socket
  }

  async close(): Promise<void> {
    await this.#endStreams()
    await this.#client.close()
  }

  async shutdown(): Promise<void> {
    await this.#endStreams()
    await this.#client.request('shutdown', null)
    await this.#client.close()
  }

  #sandboxOf(podUid: string) {
    const sandbox = this.#sandboxes.get(podUid)
    if (sandbox === undefined) throw new Error(`pod ${podUid} has no sandbox`)
    return sandbox
  }

  async #endStreams(): Promise<void> {
    await Promise.all([...this.#streams].map((stream) => stream.kill()))
  }
}
