import { join } from 'node:path'
import type { Node } from '../shared/api/node/node.ts'
import type { Client } from '../shared/client/client.ts'
import { nodes, pods } from '../shared/client/resources.ts'
import type { Clock } from '../shared/clock.ts'
import { createInformer } from '../shared/controller/informer.ts'
import type { EventRecorder } from '../shared/events/recorder.ts'
import type { Logger } from '../shared/log.ts'
import type { PodSource } from './http/server.ts'
import { nodeImages } from './images/node-images.ts'
import type { ImageStore } from './images/store.ts'
import { hostIdentity, hostResources } from './node/host-facts.ts'
import { renewLease } from './node/lease.ts'
import { type NodeSettings, nodeStatus } from './node/node-object.ts'
import { NodeReporter } from './node/node-reporter.ts'
import type { PressureThresholds } from './node/thresholds.ts'
import type { BackOffLimits } from './pod/back-off.ts'
import type { ShutdownPeriods } from './pod/node-shutdown.ts'
import { PodWorkers } from './pod/pod-workers.ts'
import type { LogSettings } from './pod/run-logs.ts'
import { createServiceLinks } from './pod/service-links.ts'
import type { Runtime } from './runtime/runtime.ts'
import { NodeVolumes } from './volumes/node-volumes.ts'

export interface KubeletOptions {
  client: Client
  recorder: EventRecorder
  clock: Clock
  logger: Logger
  /** Starting or started. */
  runtime: Promise<Runtime>
  images: ImageStore
  /** Port of the kubelet's server, once it is known. */
  port: Promise<number>
  node: Omit<NodeSettings, 'port' | 'runtimeVersion'>
  /** Where the node's conditions of pressure begin. */
  thresholds: PressureThresholds
  rootDirectory: string
  updateFrequencyMs: number
  leaseDurationSeconds: number
  /** How often volumes with a `sizeLimit` are measured. */
  volumeSizesEveryMs: number
  backOff: BackOffLimits
  logs: LogSettings
  /** From 0 to 1. */
  random(): number
  /** Receives what breaks the kubelet: never an outage of the API server, always a defect. */
  onFailure(error: unknown): void
}

export interface Kubelet {
  /** Resolves when the node has been reported Ready. */
  readonly ready: Promise<void>
  /** The node's pods, with their status as it was last computed. */
  readonly pods: PodSource
  /** Stops looking after the pods, which stay as they are. */
  stop(): Promise<void>
  /**
   * The node goes down, and says so. With periods its pods end for good; without, their containers are asked to end, for
   * `stopGraceMs` at most, and the API's pods stay as they are, to run again at the node's next start.
   */
  shutDown(options: { periods: ShutdownPeriods; stopGraceMs: number }): Promise<void>
}

interface Parts {
  reporter: NodeReporter
  workers: PodWorkers
  volumes: NodeVolumes
}

/** Starts everything at once; what needs another part waits for it alone. */
export function startKubelet(options: KubeletOptions): Kubelet {
  const { client, recorder, clock, logger, rootDirectory, onFailure } = options
  const { name, ip } = options.node
  const stopping = new AbortController()
  const { signal } = stopping
  const inBackground = (work: Promise<unknown>) => void work.catch((error) => signal.aborted || onFailure(error))

  const podInformer = createInformer({ client, resource: pods, fieldSelector: `spec.nodeName=${name}`, clock, logger })
  inBackground(podInformer.run(signal))

  let workers: PodWorkers | undefined

  async function settle(): Promise<Parts> {
    const [identity, resources, runtime, port] = await Promise.all([
      hostIdentity(),
      hostResources(rootDirectory),
      options.runtime,
      options.port,
    ])
    const { version: runtimeVersion, unenforced } = runtime
    const settings: NodeSettings = { ...options.node, port, runtimeVersion, unenforced: [...unenforced] }
    const { allocatable } = nodeStatus(identity, resources, settings, options.thresholds)
    const nodeVolumes = new NodeVolumes({
      client,
      clock,
      logger,
      rootDirectory,
      allocatable,
      sizesEveryMs: options.volumeSizesEveryMs,
      random: options.random,
      onFailure,
    })
    const podWorkers = new PodWorkers({
      volumes: nodeVolumes,
      services: createServiceLinks({ client, clock, logger, signal, onFailure }),
      client,
      recorder,
      clock,
      logger,
      runtime,
      images: options.images,
      informer: podInformer,
      currentNode: () => ready.then((known) => known()),
      podsDirectory: join(rootDirectory, 'pods'),
      node: { name, ip, allocatable },
      limits: options.backOff,
      logs: options.logs,
      random: options.random,
    })
    const reporter = new NodeReporter({
      client,
      clock,
      logger,
      recorder,
      identity,
      settings,
      thresholds: options.thresholds,
      images: async () => nodeImages(await options.images.list()),
      rootDirectory,
      updateFrequencyMs: options.updateFrequencyMs,
    })
    workers = podWorkers
    return { reporter, workers: podWorkers, volumes: nodeVolumes }
  }

  const settled = settle()

  async function lookAfterPods(): Promise<void> {
    const [podWorkers] = await Promise.all([settled.then((parts) => parts.workers), podInformer.synced])
    if (signal.aborted) return
    podWorkers.start()
    await podWorkers.endOrphans()
  }

  function keepReporting(reporter: NodeReporter, node: Node): () => Node {
    const selection = { resource: nodes, fieldSelector: `metadata.name=${name}` }
    const nodeInformer = createInformer({ client, ...selection, clock, logger })
    inBackground(nodeInformer.run(signal))
    inBackground(reporter.run(nodeInformer, signal))
    inBackground(renewLease({ client, clock, logger, node, durationSeconds: options.leaseDurationSeconds }, signal))
    return () => nodeInformer.store.get(name) ?? node
  }

  /** Resolves with what knows the node's newest copy. */
  async function register(): Promise<() => Node> {
    const { reporter } = await settled
    return keepReporting(reporter, await reporter.register(signal))
  }

  inBackground(lookAfterPods())
  const ready = register()
  inBackground(ready)

  async function stop(): Promise<PodWorkers> {
    stopping.abort()
    const { workers: podWorkers, volumes } = await settled
    await podWorkers.stop()
    volumes.stop()
    return podWorkers
  }

  return {
    ready: ready.then(() => undefined),
    pods: {
      list: () => workers?.list() ?? [],
      find: (namespace, podName) => workers?.find(namespace, podName),
    },
    async stop() {
      await stop()
    },
    async shutDown({ periods, stopGraceMs }) {
      const { reporter, workers: podWorkers } = await settled
      const told = reporter.shutDown()
      if (periods.graceMs > 0) await podWorkers.endForShutdown(periods)
      await told
      await stop()
      await podWorkers.stopContainers(stopGraceMs)
    },
  }
}
