import { rm } from 'node:fs/promises'
import { hostsOf } from './bind-address.ts'
import { ClusterError } from './cluster-error.ts'
import { Component, type ComponentEvents, type ComponentStatus } from './component.ts'
import { type ClusterOptions, controlPlane, serverUrl } from './components.ts'
import type { TellWait } from './control.ts'
import { ensureCredentials } from './credentials.ts'
import { prepareImages } from './images.ts'
import { LocalNode } from './local-node.ts'
import { isNodeName } from './node-name.ts'
import { whenServed } from './served.ts'
import { addressesOf, type ClusterState, saveState, withNode, withoutNode } from './state.ts'

/** What is told while a cluster starts and runs. */
export interface Reporter extends ComponentEvents {
  /** A step is done: `certificates`, `apiserver`, `node-1` … It began at `sinceMs`, or with the cluster. */
  onStep(name: string, what: string, sinceMs?: number): void
}

/** A running cluster on this machine: the components as child processes, and its nodes, which come and go. */
export class Cluster {
  readonly options: ClusterOptions
  readonly server: string
  readonly #reporter: Reporter
  readonly #controlPlane: Component[]
  readonly #nodes = new Map<string, LocalNode>()
  #state: ClusterState

  constructor(options: ClusterOptions, state: ClusterState, reporter: Reporter) {
    this.options = options
    this.server = serverUrl(options)
    this.#state = state
    this.#reporter = reporter
    this.#controlPlane = controlPlane(options).map((spec) => new Component(spec, reporter))
  }

  /** Starts everything side by side; resolves when all is ready. */
  async start(nodeNames: readonly string[]): Promise<void> {
    const { layout, bindAddress } = this.options
    for (const name of nodeNames) this.#state = withNode(this.#state, name)
    const names = { server: this.server, hosts: hostsOf(bindAddress) }
    await Promise.all([saveState(layout, this.#state), ensureCredentials(layout, names)])
    this.#reporter.onStep('certificates', 'ready')
    const images = prepareImages(layout).then(() => this.#reporter.onStep('images', 'ready'))
    const nodes = Object.keys(this.#state.nodes).map((name) => this.#startNode(this.#newNode(name)))
    await Promise.all([images, ...nodes, ...this.#controlPlane.map((component) => this.startComponent(component))])
  }

  /**
   * Ends everything, pods included: first those who would make something of nodes that are not Ready any more, then the
   * kubelets, which end their pods, last the API server.
   */
  async stop(): Promise<void> {
    const [apiserver, ...clients] = this.#controlPlane
    // A kubelet that stops has things to report, so whoever stands still hears it.
    for (const component of this.#controlPlane) if (component.status.state === 'frozen') component.thaw()
    await Promise.all(clients.map((component) => component.stop()))
    await Promise.all([...this.#nodes.values()].map((node) => node.stop()))
    await apiserver!.stop()
  }

  get status(): ComponentStatus[] {
    return [...this.#controlPlane, ...this.#nodes.values()].map(({ status }) => status)
  }

  /** Whether a node is of this machine. */
  hasNode(name: string): boolean {
    return this.#nodes.has(name)
  }

  /** A node of this machine. Throws a ClusterError for an unknown name. */
  node(name: string): LocalNode {
    const node = this.#nodes.get(name)
    if (node !== undefined) return node
    throw new ClusterError(`there is no node ${name}; known are ${[...this.#nodes.keys()].join(', ')}`)
  }

  /** A process of the control plane. Throws a ClusterError for an unknown name. */
  component(name: string): Component {
    const component = this.#controlPlane.find(({ spec }) => spec.name === name)
    if (component !== undefined) return component
    const known = this.#controlPlane.map(({ spec }) => spec.name).join(', ')
    throw new ClusterError(`there is no component ${name}; known are ${known} (and "kubeproc node" for nodes)`)
  }

  /** Resolves when the API server runs. Throws a ClusterError where that cannot be expected, or takes too long. */
  whenServed(tellWait: TellWait): Promise<void> {
    return whenServed(this.#controlPlane[0]!, tellWait)
  }

  /** Adds a node. */
  async addNode(name: string): Promise<void> {
    const sinceMs = performance.now()
    if (!isNodeName(name))
      throw new ClusterError(`${JSON.stringify(name)} is no node name: use lower case letters, digits and "-"`)
    if (this.#state.nodes[name] !== undefined) throw new ClusterError(`there is a node ${name} already`)
    this.#state = withNode(this.#state, name)
    await saveState(this.options.layout, this.#state)
    await this.#startNode(this.#newNode(name), sinceMs)
  }

  /** Starts a lost node. */
  async startNode(name: string): Promise<void> {
    await this.#startNode(this.node(name), performance.now())
  }

  /** Stops a node in order and forgets it. The Node object is the caller's to delete. */
  async removeNode(name: string): Promise<void> {
    await this.node(name).stop()
    this.#nodes.delete(name)
    this.#state = withoutNode(this.#state, name)
    await saveState(this.options.layout, this.#state)
    await rm(this.options.layout.node(name), { recursive: true, force: true })
  }

  /** Starts a process of the control plane that is down; resolves when it is ready. `sinceMs`: when that was asked for. */
  async startComponent(component: Component, sinceMs?: number): Promise<void> {
    await explained(component.spec.name, component.start())
    this.#reporter.onStep(component.spec.name, 'ready', sinceMs)
  }

  #newNode(name: string): LocalNode {
    const node = new LocalNode({
      options: this.options,
      name,
      addresses: addressesOf(this.#state, name),
      events: this.#reporter,
      isServed: () => this.#controlPlane[0]!.status.state === 'running',
    })
    this.#nodes.set(name, node)
    return node
  }

  async #startNode(node: LocalNode, sinceMs?: number): Promise<void> {
    await explained(node.name, node.start())
    this.#reporter.onStep(node.name, 'Ready', sinceMs)
  }
}

async function explained(name: string, start: Promise<void>): Promise<void> {
  try {
    await start
  } catch (error) {
    if (error instanceof ClusterError) throw error
    throw new ClusterError(`${name} did not start: ${(error as Error).message}`)
  }
}
