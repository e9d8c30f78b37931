import { rm } from 'node:fs/promises'
import { Component, type ComponentEvents, type ComponentStatus } from './component.ts'
import { type ClusterOptions, controlPlane, kubelet } from './components.ts'
import { ensureCredentials, ensureNodeCredentials } from './credentials.ts'
import { prepareImages } from './images.ts'
import { killNode, stopSupervisor } from './node-power.ts'
import { addressesOf, type ClusterState, saveState, withNode, withoutNode } from './state.ts'

/** What is told while a cluster starts and runs. */
export interface Reporter extends ComponentEvents {
  /** A step is done: `certificates`, `apiserver`, `node-1` … */
  onStep(name: string, what: string): void
}

/** A request that cannot be carried out: its message is for the user. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError'
}

const NODE_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/** A running cluster on this machine: the components as child processes, and its nodes, which come and go. */
export class Cluster {
  readonly options: ClusterOptions
  readonly server: string
  readonly #reporter: Reporter
  readonly #controlPlane: Component[]
  readonly #kubelets = new Map<string, Component>()
  #state: ClusterState

  constructor(options: ClusterOptions, state: ClusterState, reporter: Reporter) {
    this.options = options
    this.server = `https://127.0.0.1:${options.port}`
    this.#state = state
    this.#reporter = reporter
    this.#controlPlane = controlPlane(options).map((spec) => new Component(spec, reporter))
  }

  /** Starts everything side by side; resolves when all is ready. */
  async start(nodeNames: readonly string[]): Promise<void> {
    const { layout } = this.options
    for (const name of nodeNames) this.#state = withNode(this.#state, name)
    await Promise.all([saveState(layout, this.#state), ensureCredentials(layout, this.server)])
    this.#reporter.onStep('certificates', 'ready')
    const images = prepareImages(layout).then(() => this.#reporter.onStep('images', 'ready'))
    const nodes = Object.keys(this.#state.nodes).map((name) => this.#startKubelet(name))
    await Promise.all([
      images,
      ...nodes,
      ...this.#controlPlane.map((component) => this.#startComponent(component, 'ready')),
    ])
  }

  /** Ends everything, pods included: first the kubelets, which end their pods, last the API server. */
  async stop(): Promise<void> {
    const [apiserver, ...clients] = this.#controlPlane
    await Promise.all([...this.#kubelets.keys()].map((name) => this.#stopKubelet(name)))
    await Promise.all(clients.map((component) => component.stop()))
    await apiserver!.stop()
  }

  get status(): ComponentStatus[] {
    return [...this.#controlPlane, ...this.#kubelets.values()].map((component) => component.status)
  }

  /** Adds a node, or starts one that is known. */
  async addNode(name: string): Promise<void> {
    if (!NODE_NAME.test(name))
      throw new ClusterError(`${JSON.stringify(name)} is no node name: use lower case letters, digits and "-"`)
    if (this.#state.nodes[name] !== undefined) throw new ClusterError(`there is a node ${name} already`)
    this.#state = withNode(this.#state, name)
    await saveState(this.options.layout, this.#state)
    await this.#startKubelet(name)
  }

  /** Starts the kubelet of a lost node. */
  async startNode(name: string): Promise<void> {
    const component = this.#known(name)
    if (['running', 'starting'].includes(component.status.state))
      throw new ClusterError(`node ${name} is running already`)
    await this.#startComponent(component, 'Ready')
  }

  /** Loses a node: its kubelet and all its processes die at once, as at a power cut. */
  async killNode(name: string): Promise<void> {
    const component = this.#known(name)
    await Promise.all([component.stop('SIGKILL'), killNode(this.options.layout.node(name))])
  }

  /** Stops a node in order and forgets it. The Node object is the caller's to delete. */
  async removeNode(name: string): Promise<void> {
    this.#known(name)
    await this.#stopKubelet(name)
    this.#kubelets.delete(name)
    this.#state = withoutNode(this.#state, name)
    await saveState(this.options.layout, this.#state)
    await rm(this.options.layout.node(name), { recursive: true, force: true })
  }

  #known(name: string): Component {
    const component = this.#kubelets.get(name)
    if (component === undefined) {
      throw new ClusterError(`there is no node ${name}; known are ${[...this.#kubelets.keys()].join(', ')}`)
    }
    return component
  }

  async #startKubelet(name: string): Promise<void> {
    const { layout } = this.options
    const addresses = addressesOf(this.#state, name)
    await ensureNodeCredentials(layout, this.server, { name, ip: addresses.ip })
    const component = new Component(kubelet(this.options, name, addresses), this.#reporter)
    this.#kubelets.set(name, component)
    await this.#startComponent(component, 'Ready')
  }

  /** A kubelet that is dead has left its supervisor behind, with the pods: both end here. */
  async #stopKubelet(name: string): Promise<void> {
    await this.#kubelets.get(name)!.stop()
    await stopSupervisor(this.options.layout.node(name))
  }

  async #startComponent(component: Component, what: string): Promise<void> {
    try {
      await component.start()
    } catch (error) {
      throw new ClusterError(`${component.spec.name} did not start: ${(error as Error).message}`)
    }
    this.#reporter.onStep(component.spec.name, what)
  }
}
