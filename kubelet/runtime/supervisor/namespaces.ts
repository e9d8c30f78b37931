import { createHash } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openMemoryDirectory } from '../../volumes/memory-directory.ts'
import type { Launch, Launched } from './launch.ts'
import type { NodeSpace } from './namespaces/node-space.ts'
import type { Sandboxes } from './namespaces/sandboxes.ts'
import { pathsOf } from './paths.ts'
import type { NodeIsolation, SandboxParams, StartSpec } from './protocol.ts'

interface Opened {
  space: NodeSpace
  sandboxes: Sandboxes
  launch: Launch
}

/**
 * The supervisor's part of the `namespaces` runtime. Made at the kubelet's word, or with the first pod, and anew should its processes be killed; a
 * node of the `process` runtime loads and makes nothing of it.
 */
export class Namespaces {
  readonly #rootDirectory: string
  readonly #directory: string
  #opened: Promise<Opened> | undefined
  #closed: Promise<void> | undefined

  constructor(rootDirectory: string) {
    this.#rootDirectory = rootDirectory
    this.#directory = pathsOf(rootDirectory).namespaces
  }

  async prepare(node: NodeIsolation): Promise<void> {
    await this.#open(node)
  }

  async openSandbox(params: SandboxParams): Promise<{ pid: number }> {
    const { sandboxes } = await this.#open(params.node)
    const { pid } = await sandboxes.open(params)
    return { pid }
  }

  async closeSandbox(podUid: string): Promise<void> {
    const opened = await this.#opened
    await opened?.sandboxes.close(podUid)
  }

  async launch(id: string, spec: StartSpec): Promise<Launched> {
    const { hostIpc, node } = spec.isolated!.sandbox
    const { launch } = await this.#open(node)
    // What is hidden from a container has to be there, and to stay, from before its start.
    if (hostIpc) await openMemoryDirectory(this.#rootDirectory)
    return launch(id, spec)
  }

  /** Removes what a supervisor that was killed has left; the kernel has ended its processes, links and mounts with it. */
  async sweep(): Promise<void> {
    if (!existsSync(this.#directory)) return
    rmSync(this.#containers, { recursive: true, force: true })
    const { sweepNamespaces } = await import('./namespaces/open.ts')
    await sweepNamespaces({ directory: this.#directory, name: this.#name })
  }

  /** Ends everything and removes what is left. Asked for again, it is the same end. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined)
    await opened?.space.close()
    if (opened !== undefined) await this.sweep()
  }

  get #containers(): string {
    return join(this.#directory, 'containers')
  }

  /** Nodes of several clusters may have the same name, but not the same directory. */
  get #name(): string {
    return createHash('sha256').update(this.#directory).digest('hex').slice(0, 16)
  }

  #open(node: NodeIsolation): Promise<Opened> {
    if (this.#opened !== undefined) return this.#opened
    const opening = this.#make(node)
    this.#opened = opening
    const forget = () => {
      if (this.#opened === opening) this.#opened = undefined
    }
    opening.then(({ space }) => space.ended.then(forget), forget)
    return opening
  }

  async #make({ network, hidden }: NodeIsolation): Promise<Opened> {
    const { openNamespaces } = await import('./namespaces/open.ts')
    return openNamespaces({
      network,
      hidden,
      directory: this.#directory,
      containers: this.#containers,
      name: this.#name,
    })
  }
}
