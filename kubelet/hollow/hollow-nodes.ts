/** Many nodes in one process whose pods only pretend to run: for tests of scale, and of controllers without programs. */
import { cpus } from 'node:os'
import type { Node } from '../../shared/api/node/node.ts'
import type { Client } from '../../shared/client/client.ts'
import { nodes as nodeResource, pods as podResource } from '../../shared/client/resources.ts'
import { type Clock, delay } from '../../shared/clock.ts'
import { createInformer } from '../../shared/controller/informer.ts'
import { isApiError } from '../../shared/errors.ts'
import type { Logger } from '../../shared/log.ts'
import { type HostIdentity, hostIdentity } from '../node/host-facts.ts'
import { renewLease } from '../node/lease.ts'
import { nodeConditions } from '../node/node-conditions.ts'
import { type NodeSettings, newNode, nodeStatus, nodeStatusPatch } from '../node/node-object.ts'
import { lookAfterHollowPods } from './hollow-pods.ts'
import type { HollowBehaviour } from './hollow-status.ts'

/** What each node seems to have: room for more pods than are ever put on it. */
const GIBIBYTE = 1024 ** 3
const RESOURCES = {
  memoryBytes: 256 * GIBIBYTE,
  memoryAvailableBytes: 256 * GIBIBYTE,
  diskBytes: 1024 * GIBIBYTE,
  diskAvailableBytes: 1024 * GIBIBYTE,
  inodes: 1e8,
  inodesFree: 1e8,
  pidsMax: 1e6,
  pids: 1,
}
const CPUS = 64
const RUNTIME_VERSION = 'hollow://0.1.0'
/** Nodes that are registered at once. */
const REGISTRATIONS_MAX = 16
const RETRY_MS = 200

export interface HollowNodesOptions {
  client: Client
  clock: Clock
  logger: Logger
  /** Names are made of it: `NAME-1`, `NAME-2` …. */
  name: string
  count: number
  ip: string
  labels: Readonly<Record<string, string>>
  maxPods: number
  leaseDurationSeconds: number
  behaviour: HollowBehaviour
  onFailure(error: unknown): void
}

export interface HollowNodes {
  /** Resolves when all nodes are reported Ready. */
  readonly ready: Promise<void>
  /** The nodes fall silent; their pods stay as they are. */
  stop(): void
}

async function register(options: HollowNodesOptions, name: string, identity: HostIdentity): Promise<Node> {
  const { client, clock, ip, labels, maxPods } = options
  const settings: NodeSettings = {
    name,
    ip,
    podCidr: undefined,
    labels,
    maxPods,
    port: 0,
    runtimeVersion: RUNTIME_VERSION,
  }
  const conditions = nodeConditions(RESOURCES, { stored: [], thresholds: {}, nowMs: clock.nowMs() })
  const status = { ...nodeStatus(identity, RESOURCES, settings, {}), conditions }
  const created = client.create(nodeResource, newNode(settings, identity, status))
  const node = await created.catch((error) => {
    if (!isApiError(error, 'AlreadyExists')) throw error
    return client.get(nodeResource, { name })
  })
  const body = nodeStatusPatch(node, status, { heartbeat: true })
  return client.patch(nodeResource, { name }, { type: 'strategic', body, subresource: 'status' })
}

export function startHollowNodes(options: HollowNodesOptions): HollowNodes {
  const { client, clock, logger, name, count, ip, leaseDurationSeconds: durationSeconds, onFailure } = options
  const stopping = new AbortController()
  const { signal } = stopping
  /** One for each lease: a signal that thousands wait on looks through them all whenever one more does. */
  const renewals: AbortController[] = []
  const inBackground = (work: Promise<unknown>) => void work.catch((error) => signal.aborted || onFailure(error))
  const names = Array.from({ length: count }, (_, index) => `${name}-${index + 1}`)

  const informer = createInformer({ client, resource: podResource, clock, logger })
  const nodes = new Map(names.map((name) => [name, { ip }]))
  lookAfterHollowPods({ client, clock, informer, nodes, behaviour: options.behaviour, signal, onFailure })
  inBackground(informer.run(signal))

  async function keepAlive(nodeName: string, identity: HostIdentity): Promise<void> {
    while (!signal.aborted) {
      try {
        const node = await register(options, nodeName, identity)
        const renewal = new AbortController()
        renewals.push(renewal)
        inBackground(renewLease({ client, clock, logger, node, durationSeconds }, renewal.signal))
        return
      } catch (error) {
        if (!isApiError(error)) throw error
        logger.debug({ node: nodeName, error: error.message }, 'Node could not be registered, trying again')
        // An abort ends the wait, and with it the loop.
        await delay(clock, RETRY_MS, signal).catch(() => undefined)
      }
    }
  }

  async function registerAll(): Promise<void> {
    const identity = { ...(await hostIdentity()), cpus: Math.max(CPUS, cpus().length) }
    const waiting = names.values()
    const work = async () => {
      for (const nodeName of waiting) await keepAlive(nodeName, identity)
    }
    await Promise.all([informer.synced, ...Array.from({ length: Math.min(REGISTRATIONS_MAX, count) }, work)])
  }

  const ready = registerAll()
  inBackground(ready)
  return {
    ready,
    stop() {
      for (const each of [stopping, ...renewals]) each.abort()
    },
  }
}
