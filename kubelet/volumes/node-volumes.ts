import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Container, Pod } from '../../shared/api/pod/pod.ts'
import type { Client } from '../../shared/client/client.ts'
import { configMaps, secrets } from '../../shared/client/resources.ts'
import type { Clock } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import type { PodEvents } from '../pod/pod-events.ts'
import type { NodeAllocatable } from '../pod/resource-field.ts'
import type { Mount } from '../runtime/runtime.ts'
import { configMapEntries, filesOfEntries, secretEntries } from './config-files.ts'
import { containerMounts } from './container-mounts.ts'
import { findMemoryDirectory, openMemoryDirectory } from './memory-directory.ts'
import { PodVolumes } from './pod-volumes.ts'
import { removeTree } from './remove-tree.ts'
import { createServiceAccountTokens, type ServiceAccountTokens } from './service-account-tokens.ts'
import type { SetUpContext } from './set-up.ts'
import { evictionMessage, watchSizes } from './size-limits.ts'
import { NO_VOLUMES, type VolumesState } from './volumes-state.ts'
import { WatchedObjects } from './watched-objects.ts'

export interface NodeVolumesOptions {
  client: Client
  clock: Clock
  logger: Logger
  rootDirectory: string
  allocatable: NodeAllocatable
  /** How often volumes with a `sizeLimit` are measured. */
  sizesEveryMs: number
  /** From 0 to 1. */
  random(): number
  /** Receives what breaks the kubelet. */
  onFailure(error: unknown): void
}

/** The volumes of the node's pods. */
export class NodeVolumes {
  readonly #options: NodeVolumesOptions
  readonly #objects: WatchedObjects
  readonly #tokens: ServiceAccountTokens
  readonly #pods = new Map<string, PodVolumes>()
  readonly #stopped = new AbortController()
  #isMeasuring = false
  readonly #listeners = new Set<(podUid: string) => void>()
  #memory: Promise<string> | undefined

  constructor(options: NodeVolumesOptions) {
    const { client, clock, logger, random, onFailure } = options
    this.#options = options
    this.#tokens = createServiceAccountTokens({ client, clock, random })
    this.#objects = new WatchedObjects({
      client,
      clock,
      logger,
      onFailure,
      onChange: (podUid) => {
        this.#pods.get(podUid)?.markDue()
        this.#tell(podUid)
      },
    })
  }

  /** Calls `onChange` with a pod's UID when its volumes have to be brought up to date. */
  subscribe(onChange: (podUid: string) => void): () => void {
    this.#listeners.add(onChange)
    return () => this.#listeners.delete(onChange)
  }

  stateOf(pod: Pod): VolumesState {
    if ((pod.spec.volumes ?? []).length === 0) return NO_VOLUMES
    const nowMs = this.#options.clock.nowMs()
    const known = this.#pods.get(pod.metadata.uid)
    return known === undefined ? { isReady: false, dueAtMs: nowMs, isPresent: true } : known.stateOf(pod, nowMs)
  }

  /** Sets up the pod's volumes below its directory, or brings them up to date. What cannot be had is told by events. */
  async prepare(pod: Pod, { directory, events }: { directory: string; events: PodEvents }): Promise<void> {
    const { uid } = pod.metadata
    const nowMs = this.#options.clock.nowMs()
    const volumes = this.#pods.get(uid) ?? new PodVolumes(nowMs)
    this.#pods.set(uid, volumes)
    await volumes.prepare(pod, this.#context(pod, { directory, volumes, nowMs }), events)
    if (volumes.limited.length > 0) this.#measureSizes()
  }

  /** What a container mounts of the volumes that are prepared. Throws a VolumeError. */
  mountsOf(
    pod: Pod,
    container: Container,
    { variables, asLinks }: { variables: Readonly<Record<string, string>>; asLinks: boolean },
  ): Promise<Mount[]> {
    const volumes = this.#pods.get(pod.metadata.uid)?.mounted ?? new Map()
    return containerMounts({ container, variables, volumes, asLinks })
  }

  /** The pod has ended: its volumes go, with their contents. What is not the pod's own (hostPath) stays. */
  async tearDown({ metadata: { uid } }: Pod, { directory }: { directory: string }): Promise<void> {
    this.#objects.release(uid)
    this.#tokens.release(uid)
    // Links first: so nothing is removed through them.
    await removeTree(join(directory, 'roots'))
    await removeTree(join(directory, 'volumes'))
    const memory = await findMemoryDirectory(this.#options.rootDirectory)
    if (memory !== undefined) await removeTree(join(memory, uid))
    const volumes = this.#pods.get(uid) ?? new PodVolumes(this.#options.clock.nowMs())
    volumes.markGone()
    this.#pods.set(uid, volumes)
  }

  /** The pod is no longer this node's. */
  forget(podUid: string): void {
    this.#pods.delete(podUid)
  }

  /** Removes what was kept in memory for pods that are not this node's any more. */
  async removeAllBut(podUids: ReadonlySet<string>): Promise<void> {
    const memory = await findMemoryDirectory(this.#options.rootDirectory)
    if (memory === undefined) return
    // What begins with a dot is the directory's own.
    const gone = (await readdir(memory)).filter((uid) => !uid.startsWith('.') && !podUids.has(uid))
    await Promise.all(gone.map((uid) => removeTree(join(memory, uid))))
  }

  /** Follows no more changes; everything stays as it is. */
  stop(): void {
    this.#stopped.abort()
    this.#objects.stop()
  }

  #tell(podUid: string): void {
    for (const onChange of this.#listeners) onChange(podUid)
  }

  /** From the first volume with a limit on: most nodes have none. */
  #measureSizes(): void {
    if (this.#isMeasuring) return
    this.#isMeasuring = true
    const { clock, sizesEveryMs: everyMs, onFailure } = this.#options
    const watching = watchSizes(
      {
        clock,
        everyMs,
        volumes: () => [...this.#pods.values()].flatMap(({ limited }) => limited),
        onExceeded: (volume) => {
          this.#pods.get(volume.podUid)?.evict(evictionMessage(volume))
          this.#tell(volume.podUid)
        },
      },
      this.#stopped.signal,
    )
    watching.catch(onFailure)
  }

  #openMemory(): Promise<string> {
    this.#memory ??= openMemoryDirectory(this.#options.rootDirectory)
    return this.#memory
  }

  #context(
    pod: Pod,
    { directory, volumes, nowMs }: { directory: string; volumes: PodVolumes; nowMs: number },
  ): SetUpContext {
    const { namespace = '', uid } = pod.metadata
    return {
      pod,
      directory,
      nowMs,
      allocatable: this.#options.allocatable,
      isRoot: process.getuid?.() === 0,
      memoryDirectory: async () => {
        const path = join(await this.#openMemory(), uid)
        await mkdir(path, { recursive: true, mode: 0o700 })
        return path
      },
      configMapFiles: async (name, choice) => {
        const object = await this.#objects.find(configMaps, { namespace, name }, uid)
        const entries = object === undefined ? undefined : configMapEntries(object)
        return filesOfEntries({ kind: 'configmap', name, entries }, choice)
      },
      secretFiles: async (name, choice) => {
        const object = await this.#objects.find(secrets, { namespace, name }, uid)
        const entries = object === undefined ? undefined : secretEntries(object)
        return filesOfEntries({ kind: 'secret', name, entries }, choice)
      },
      token: async (wish) => {
        const token = await this.#tokens.get(pod, wish)
        volumes.renewBy(token.renewAtMs)
        return token
      },
    }
  }
}
