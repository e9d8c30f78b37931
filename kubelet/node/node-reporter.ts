import type { Node } from '../../shared/api/node/node.ts'
import type { NodeCondition } from '../../shared/api/node/node-status.ts'
import type { Client } from '../../shared/client/client.ts'
import { nodes } from '../../shared/client/resources.ts'
import { type Clock, delay, withinMs } from '../../shared/clock.ts'
import type { Informer } from '../../shared/controller/informer.ts'
import { isApiError } from '../../shared/errors.ts'
import type { EventRecorder, EventSubject } from '../../shared/events/recorder.ts'
import type { Logger } from '../../shared/log.ts'
import type { NodeImage } from '../images/node-images.ts'
import { type HostIdentity, hostResources } from './host-facts.ts'
import { nodeConditions, transitions } from './node-conditions.ts'
import {
  type KubeletNodeStatus,
  type NodeSettings,
  newNode,
  nodeStatus,
  nodeStatusPatch,
  registrationPatch,
} from './node-object.ts'
import type { PressureThresholds } from './thresholds.ts'

/** Waits between tries to register while the API server is away. */
const RETRY_MIN_MS = 50
const RETRY_MAX_MS = 1_000
/** An unchanged status is written again after this time (upstream's nodeStatusReportFrequency); leases tell more often. */
const REPORT_MS = 5 * 60_000
/** How long a node that shuts down tries to say so. */
const SHUTDOWN_REPORT_MS = 1_000

export interface NodeReporterOptions {
  client: Client
  clock: Clock
  logger: Logger
  recorder: EventRecorder
  identity: HostIdentity
  settings: NodeSettings
  thresholds: PressureThresholds
  /** The images that the node has. */
  images(): Promise<NodeImage[]>
  /** The file system that is the node's disk. */
  rootDirectory: string
  /** How often the machine is measured. */
  updateFrequencyMs: number
}

/** What events about the node are about. Upstream's kubelet, too, puts the name where the UID belongs. */
export const nodeSubject = (name: string): EventSubject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, uid: name },
})

/** Registers the node and keeps its status up to date. A node that is deleted meanwhile stays so, as upstream. */
export class NodeReporter {
  readonly #options: NodeReporterOptions
  readonly #told = new Map<string, string>()
  #node: Node | undefined
  #reportedMs = Number.NEGATIVE_INFINITY
  #isShuttingDown = false

  constructor(options: NodeReporterOptions) {
    this.#options = options
  }

  /** Resolves with the node once it is reported Ready, however long the API server is away. */
  async register(signal: AbortSignal): Promise<Node> {
    const { clock, logger, recorder, settings } = this.#options
    recorder.event(nodeSubject(settings.name), 'Normal', 'Starting', 'Starting kubelet.')
    for (let retryMs = RETRY_MIN_MS; ; retryMs = Math.min(retryMs * 2, RETRY_MAX_MS)) {
      try {
        return await this.#registerOnce()
      } catch (error) {
        if (!isApiError(error)) throw error
        const level = isApiError(error, 'ServiceUnavailable') ? 'debug' : 'warn'
        logger[level]({ error: error.message }, 'Node could not be registered, trying again')
        await delay(clock, retryMs, signal)
      }
    }
  }

  /** Reports that the node shuts down: it is not Ready any more. Resolves when that is told, or cannot be. */
  async shutDown(): Promise<void> {
    this.#isShuttingDown = true
    await withinMs(this.#options.clock, SHUTDOWN_REPORT_MS, this.#update())
  }

  /** Follows the machine, and what others write into the node's status, until the signal aborts. */
  async run(informer: Informer<Node>, signal: AbortSignal): Promise<void> {
    const { updateFrequencyMs } = this.#options
    let wake: () => void = () => undefined
    const see = (node: Node) => {
      this.#adopt(node)
      wake()
    }
    // What is first seen may be old news: the server was out of reach, and the node was taken for lost.
    const unsubscribe = informer.subscribe({ add: see, update: (_old, node) => see(node) })
    try {
      while (!signal.aborted) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve
        })
        await this.#sleep(updateFrequencyMs, woken, signal)
        if (!signal.aborted) await this.#update()
      }
    } finally {
      unsubscribe()
    }
  }

  /** Resolves after `ms`, when woken, or when the signal aborts. */
  #sleep(ms: number, woken: Promise<void>, signal: AbortSignal): Promise<void> {
    const waiting = new AbortController()
    const slept = delay(this.#options.clock, ms, AbortSignal.any([waiting.signal, signal])).catch(() => undefined)
    return Promise.race([slept, woken]).finally(() => waiting.abort())
  }

  #adopt(node: Node): void {
    if (Number(node.metadata.resourceVersion) > Number(this.#node?.metadata.resourceVersion ?? 0)) this.#node = node
  }

  async #status(stored: readonly NodeCondition[]): Promise<KubeletNodeStatus> {
    const { identity, settings, thresholds, rootDirectory, clock } = this.#options
    const [resources, images] = await Promise.all([hostResources(rootDirectory), this.#options.images()])
    const conditions = nodeConditions(resources, {
      stored,
      thresholds,
      isShuttingDown: this.#isShuttingDown,
      nowMs: clock.nowMs(),
    })
    return { ...nodeStatus(identity, resources, settings, thresholds), conditions, images }
  }

  async #registerOnce(): Promise<Node> {
    const { client, settings, identity } = this.#options
    const { name } = settings
    const status = await this.#status([])
    try {
      this.#node = await client.create(nodes, newNode(settings, identity, status))
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error
      this.#node = await client.get(nodes, { name })
      const body = registrationPatch(this.#node, settings, identity)
      if (body !== undefined) this.#node = await client.patch(nodes, { name }, { type: 'merge', body })
    }
    await this.#report({ heartbeat: true })
    return this.#node
  }

  async #update(): Promise<void> {
    const { clock, logger } = this.#options
    try {
      await this.#report({ heartbeat: clock.nowMs() - this.#reportedMs >= REPORT_MS })
    } catch (error) {
      if (!isApiError(error)) throw error
      // The next turn reports again; a deleted node is not made again.
      logger.debug({ error: error.message }, 'Node status could not be reported')
    }
  }

  async #report({ heartbeat }: { heartbeat: boolean }): Promise<void> {
    const { client, clock, settings } = this.#options
    const node = this.#node
    if (node === undefined) return
    const status = await this.#status(node.status?.conditions ?? [])
    this.#tell(status.conditions)
    const body = nodeStatusPatch(node, status, { heartbeat })
    if (body === undefined) return
    this.#adopt(await client.patch(nodes, { name: settings.name }, { type: 'strategic', body, subresource: 'status' }))
    this.#reportedMs = clock.nowMs()
  }

  #tell(conditions: readonly NodeCondition[]): void {
    const { recorder, settings } = this.#options
    const { name } = settings
    for (const reason of transitions(this.#told, conditions)) {
      recorder.event(nodeSubject(name), 'Normal', reason, `Node ${name} status is now: ${reason}`)
    }
    for (const { type, status } of conditions) this.#told.set(type, status)
  }
}
