import { askSupervisor, type Disturbance } from '../kubelet/runtime/supervisor/ask.ts'
import { localAddress } from './bind-address.ts'
import { ClusterError } from './cluster-error.ts'
import { Component, type ComponentEvents, type ComponentStatus } from './component.ts'
import { type ClusterOptions, kubelet, serverUrl } from './components.ts'
import { ensureNodeCredentials } from './credentials.ts'
import { type Frozen, freeze } from './frozen.ts'
import { NodeLink } from './node-link.ts'
import { killNode, mayHaveProcesses, runningSupervisor, stopSupervisor } from './node-power.ts'
import type { NodeAddresses } from './state.ts'

/** The name in the API server's certificate, for kubelets that reach it at a relay's address. */
const SERVER_NAME = 'kubernetes'

export interface LocalNodeOptions {
  options: ClusterOptions
  name: string
  addresses: NodeAddresses
  events: ComponentEvents
  /** Whether the API server runs: a kubelet cannot get ready without it. */
  isServed(): boolean
}

/** A node of this machine: its kubelet, the containers, and what lies between it and the API server. */
export class LocalNode {
  readonly name: string
  readonly #options: ClusterOptions
  readonly #addresses: NodeAddresses
  readonly #directory: string
  readonly #kubelet: Component
  readonly #isServed: () => boolean
  /** The supervisor while it is frozen. */
  #frozen: Frozen | undefined
  /** Placed when it is first needed, and then in the way until the node is started anew: it costs nobody else anything. */
  #link: NodeLink | undefined

  constructor({ options, name, addresses, events, isServed }: LocalNodeOptions) {
    this.name = name
    this.#isServed = isServed
    this.#options = options
    this.#addresses = addresses
    this.#directory = options.layout.node(name)
    this.#kubelet = new Component(this.#directSpec(), events)
  }

  get status(): ComponentStatus {
    const disturbance = this.#link?.disturbance
    return { ...this.#kubelet.status, ...(disturbance !== undefined && { disturbance }) }
  }

  /** Starts the kubelet; resolves when the node is Ready. */
  async start(): Promise<void> {
    if (this.#link?.line.isCut) throw new ClusterError(`${this.name} is partitioned: heal it first`)
    if (this.#link?.disturbance !== undefined) return this.#kubelet.start()
    this.#unlink()
    const kubeconfig = this.#options.layout.kubeconfigOf(this.name)
    await this.#ensureCredentials({ url: serverUrl(this.#options) }, kubeconfig)
    await this.#kubelet.start(this.#directSpec())
  }

  /** Ends the pods in order, and the kubelet. One that is dead has left its supervisor behind: it ends here. */
  async stop(): Promise<void> {
    if (this.#frozen !== undefined) await this.thaw()
    this.#link?.line.heal()
    await this.#kubelet.stop()
    await stopSupervisor(this.#directory)
    this.#unlink()
  }

  /** Loses the node: its kubelet and all its processes die at once, as at a power cut. */
  async kill(): Promise<void> {
    const hasKubelet = this.#kubelet.status.pid !== undefined
    // A kubelet that is dead already has left its containers behind.
    if (!hasKubelet && !(await mayHaveProcesses(this.#directory))) throw new ClusterError(`${this.name} does not run`)
    this.#thawSupervisor()
    await Promise.all([hasKubelet ? this.#kubelet.kill() : undefined, killNode(this.#directory)])
  }

  /** Stops every process of the node where it stands: first the kubelet, so that nobody sees the others fall silent. */
  async freeze(): Promise<void> {
    const supervisor = await this.#supervisor()
    this.#kubelet.freeze()
    await askSupervisor(this.#directory, 'disturb', { id: 'all', how: 'hang' })
    this.#frozen = freeze([supervisor])
  }

  /** Lets everything go on, in the opposite order. */
  async thaw(): Promise<void> {
    if (this.#kubelet.status.state !== 'frozen') throw new ClusterError(`${this.name} is not frozen`)
    this.#thawSupervisor()
    await askSupervisor(this.#directory, 'disturb', { id: 'all', how: 'thaw' })
    this.#kubelet.thaw()
  }

  /** Cuts the node off: its pods run on, but nothing passes between it and the API server, in either direction. */
  async partition(): Promise<void> {
    if (this.#link?.line.isCut) throw new ClusterError(`${this.name} is partitioned already`)
    const link = await this.#linked()
    link.line.cut()
  }

  /** Undoes a partition. */
  heal(): void {
    if (!this.#link?.line.isCut) throw new ClusterError(`${this.name} is not partitioned`)
    this.#link.line.heal()
  }

  /** Delays every answer between the node and the API server; 0 ends it. */
  async slow(delayMs: number): Promise<void> {
    if (delayMs === 0) return this.#link?.line.slow(0)
    const link = await this.#linked()
    link.line.slow(delayMs)
  }

  /** Does something to the running containers of a pod; returns their names. */
  async disturbPod(podUid: string, how: Disturbance): Promise<string[]> {
    if (this.#kubelet.status.state === 'frozen') throw new ClusterError(`${this.name} is frozen: thaw it first`)
    await this.#supervisor()
    const containers = await askSupervisor(this.#directory, 'list', null)
    const running = containers.filter((container) => container.podUid === podUid && container.state === 'running')
    await Promise.all(running.map(({ id }) => askSupervisor(this.#directory, 'disturb', { id, how })))
    return running.map(({ name }) => name)
  }

  #thawSupervisor(): void {
    this.#frozen?.thaw()
    this.#frozen = undefined
  }

  async #supervisor(): Promise<number> {
    const pid = await runningSupervisor(this.#directory)
    if (pid === undefined) throw new ClusterError(`${this.name} does not run`)
    return pid
  }

  /** The link, which is placed where there is none: the kubelet is started anew behind it, and finds its containers as they are. */
  async #linked(): Promise<NodeLink> {
    if (this.#link !== undefined) return this.#link
    const { state } = this.#kubelet.status
    if (state === 'frozen') throw new ClusterError(`${this.name} is frozen: thaw it first`)
    if (state !== 'running') throw new ClusterError(`${this.name} does not run`)
    if (!this.#isServed()) throw new ClusterError(`${this.name} cannot be cut off while the API server does not run`)
    await this.#kubelet.kill()
    const { bindAddress, port, layout } = this.#options
    const link = await NodeLink.place(this.#addresses, { host: localAddress(bindAddress), port })
    this.#link = link
    const kubeconfig = layout.relayedKubeconfig(this.name)
    const url = `https://${this.#addresses.ip}:${link.serverPort}`
    await this.#ensureCredentials({ url, tlsServerName: SERVER_NAME }, kubeconfig)
    const { ip, relayedIp = ip } = this.#addresses
    await this.#kubelet.start(this.#spec({ address: relayedIp, kubeconfig }))
    return link
  }

  #unlink(): void {
    this.#link?.close()
    this.#link = undefined
  }

  #directSpec() {
    return this.#spec({
      address: this.#addresses.ip,
      kubeconfig: this.#options.layout.kubeconfigOf(this.name),
    })
  }

  #spec(access: { address: string; kubeconfig: string }) {
    return kubelet(this.#options, { name: this.name, ...this.#addresses, ...access })
  }

  async #ensureCredentials(server: { url: string; tlsServerName?: string }, kubeconfig: string): Promise<void> {
    const { ip } = this.#addresses
    await ensureNodeCredentials(this.#options.layout, server, { name: this.name, ip, kubeconfig })
  }
}
