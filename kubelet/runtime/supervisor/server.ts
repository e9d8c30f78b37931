import { once } from 'node:events'
import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { socketAddress } from '../../../shared/unix-socket.ts'
import { StartError } from '../runtime.ts'
import type { Containers } from './containers.ts'
import type { Namespaces } from './namespaces.ts'
import { pathsOf } from './paths.ts'
import {
  type Event,
  encode,
  lineDecoder,
  type Method,
  PROTOCOL_VERSION,
  type Reply,
  type Request,
  type Result,
} from './protocol.ts'
import type { Trouble } from './trouble.ts'

/** A kubelet that does not read its answers is cut off at this many unsent bytes; it connects again and asks for the list. */
const UNSENT_BYTES_MAX = 32 * 1024 * 1024

export interface SupervisorServerDeps {
  rootDirectory: string
  containers: Containers
  namespaces: Pick<Namespaces, 'prepare' | 'openSandbox' | 'closeSandbox'>
  trouble: Trouble
  /** Requests wait until this has resolved. */
  ready: Promise<void>
  /** A kubelet asks for the end of the node. The answer goes out once this has resolved. */
  onShutdown(): Promise<void>
  /** The number of connected kubelets has changed. */
  onClients(count: number): void
}

/** Whether somebody answers on a socket; a file left by a dead supervisor refuses. */
async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** The supervisor's Unix socket: hands requests to the containers, tells all kubelets of events. */
export class SupervisorServer {
  readonly #deps: SupervisorServerDeps
  readonly #clients = new Set<Socket>()
  readonly #server: Server
  #releaseAddress: (() => void) | undefined

  constructor(deps: SupervisorServerDeps) {
    this.#deps = deps
    this.#server = createServer((socket) => this.#accept(socket))
  }

  /** Rejects when another supervisor already serves the directory. */
  async start(): Promise<void> {
    const { rootDirectory } = this.#deps
    const { path, release } = socketAddress(pathsOf(rootDirectory).socket)
    this.#releaseAddress = release
    if (await isAnswered(path)) throw new Error(`another supervisor already serves ${rootDirectory}`)
    rmSync(path, { force: true })
    this.#server.listen(path)
    await once(this.#server, 'listening')
    chmodSync(path, 0o600)
  }

  /** Stops listening, which removes the socket's file, and takes leave: resolves when all kubelets have hung up. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#releaseAddress?.()
    for (const socket of this.#clients) socket.end()
    await closed
  }

  publish(podUid: string): void {
    for (const socket of this.#clients) this.#send(socket, { event: 'changed', podUid })
  }

  #accept(socket: Socket): void {
    this.#clients.add(socket)
    this.#deps.onClients(this.#clients.size)
    socket.on('close', () => {
      this.#clients.delete(socket)
      this.#deps.onClients(this.#clients.size)
    })
    // A kubelet that was killed resets its connection; `close` follows, and there is nothing else to do about it.
    socket.on('error', () => undefined)
    const decode = lineDecoder<Request>((request) => void this.#answer(socket, request))
    socket.on('data', (chunk: Buffer) => {
      try {
        decode(chunk)
      } catch (error) {
        this.#deps.trouble('a kubelet sent nonsense', { error })
        socket.destroy()
      }
    })
    this.#send(socket, { event: 'hello', protocol: PROTOCOL_VERSION, pid: process.pid })
  }

  async #answer(socket: Socket, request: Request): Promise<void> {
    const { id } = request
    try {
      await this.#deps.ready
      this.#send(socket, { id, result: await this.#perform(request) })
    } catch (error) {
      const { message } = error as Error
      this.#send(socket, { id, error: { message, ...(error instanceof StartError && { exitCode: error.exitCode }) } })
    }
  }

  async #perform(request: Request): Promise<Result<Method>> {
    const { containers, namespaces, onShutdown } = this.#deps
    switch (request.method) {
      case 'openNode':
        await namespaces.prepare(request.params)
        return null
      case 'openSandbox':
        return namespaces.openSandbox(request.params)
      case 'closeSandbox':
        await namespaces.closeSandbox(request.params.podUid)
        return null
      case 'start':
        return containers.start(request.params)
      case 'stop':
        await containers.stop(request.params.id, request.params)
        return null
      case 'remove':
        containers.remove(request.params.id)
        return null
      case 'list':
        return containers.list()
      case 'exec': {
        const { id, argv, timeoutMs } = request.params
        return containers.exec(id, argv, timeoutMs)
      }
      case 'surroundings':
        return containers.surroundingsOf(request.params.id)
      case 'input':
        await containers.input(request.params.id, request.params.data)
        return null
      case 'disturb':
        await containers.disturb(request.params.id, request.params.how)
        return null
      case 'terminal':
        return containers.terminal(request.params.id)
      case 'terminalOutput':
        return containers.terminalOutput(request.params.id, request.params.from)
      case 'resize':
        containers.resize(request.params.id, request.params.size)
        return null
      case 'shutdown':
        await onShutdown()
        return null
      default:
        throw new Error(`unknown method ${JSON.stringify((request as { method: unknown }).method)}`)
    }
  }

  #send(socket: Socket, message: Reply | Event): void {
    if (!socket.writable) return
    socket.write(encode(message))
    if (socket.writableLength > UNSENT_BYTES_MAX) socket.destroy()
  }
}
