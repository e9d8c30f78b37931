import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Node } from '../../shared/api/node/node.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { withinMs } from '../../shared/clock.ts'
import type { Informer } from '../../shared/controller/informer.ts'
import { removeTree } from '../volumes/remove-tree.ts'
import { createAdmission } from './admission.ts'
import { coalesced } from './coalesced.ts'
import { isCritical, SHUTDOWN_REJECTION, type ShutdownPeriods } from './node-shutdown.ts'
import type { PodDeps } from './pod-deps.ts'
import { PodWorker } from './worker.ts'
import { isTerminalPhase, stopSignalOf } from './world.ts'

/** Grace of containers whose pod the API no longer knows: its place may have been taken elsewhere already. */
const ORPHAN_GRACE_MS = 1_000

export interface PodWorkersOptions extends Omit<PodDeps, 'runsOf' | 'directoryOf' | 'admission'> {
  /** The node as the API has it; rejects when the kubelet stops before it is known. */
  currentNode(): Promise<Node>
  /** Of the pods that are bound to this node. */
  informer: Informer<Pod>
  /** Holds a directory for each pod. */
  podsDirectory: string
}

/** How long the end of a pod may take beyond its containers' grace: until they are killed, and that is reported. */
const REPORT_MS = 2_000

/** Gives each pod of the node a worker, and ends what is left of pods that the API does not know. */
export class PodWorkers {
  readonly #options: PodWorkersOptions
  readonly #deps: PodDeps
  readonly #workers = new Map<string, PodWorker>()
  readonly #unsubscribe: (() => void)[] = []

  constructor(options: PodWorkersOptions) {
    const { runtime, podsDirectory, currentNode } = options
    const list = coalesced(() => runtime.list())
    this.#options = options
    this.#deps = {
      ...options,
      admission: createAdmission({ currentNode, pods: () => this.list() }),
      runsOf: async (podUid) => (await list()).filter((run) => run.podUid === podUid),
      directoryOf: (podUid) => join(podsDirectory, podUid),
    }
  }

  /** Takes on the pods that the informer knows, now and later. */
  start(): void {
    const { informer, runtime, volumes } = this.#options
    const wake = (podUid: string) => this.#workers.get(podUid)?.wake()
    this.#unsubscribe.push(
      informer.subscribe({
        add: (pod) => this.#update(pod),
        update: (_old, pod) => this.#update(pod),
        delete: ({ metadata: { uid } }) => this.#gone(uid),
      }),
      runtime.subscribe(wake),
      volumes.subscribe(wake),
    )
  }

  /** All pods that have not ended, with their status as it was last computed. */
  list(): Pod[] {
    return [...this.#workers.values()].map(({ pod }) => pod)
  }

  find(namespace: string, name: string): Pod | undefined {
    // Of two that had the same name one after the other, the later one.
    return this.list().findLast(({ metadata }) => metadata.namespace === namespace && metadata.name === name)
  }

  /** Leaves all pods as they are, and resolves when nothing is done to them any more. */
  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    await Promise.all(this.#workers.values().map((worker) => worker.stop()))
  }

  /** Ends all pods for good, critical ones after all others; resolves when that is reported, or the time is over. */
  async endForShutdown({ graceMs, criticalMs }: ShutdownPeriods): Promise<void> {
    this.#deps.admission.refuseAll(SHUTDOWN_REJECTION)
    const active = [...this.#workers.values()].filter(({ pod }) => !isTerminalPhase(pod.status?.phase))
    const end = (workers: PodWorker[], periodMs: number) =>
      withinMs(
        this.#options.clock,
        periodMs + REPORT_MS,
        Promise.all(workers.map((worker) => worker.endForShutdown({ graceMs: periodMs }))),
      )
    const critical = active.filter(({ pod }) => isCritical(pod))
    const others = active.filter((worker) => !critical.includes(worker))
    await end(others, Math.max(0, graceMs - criticalMs))
    await end(critical, criticalMs)
  }

  /** Asks all containers of the node to end, for `graceMs` at most. The pods stay in the API as they are. */
  async stopContainers(graceMs: number): Promise<void> {
    const { runtime } = this.#options
    const running = (await runtime.list()).filter(({ state }) => state === 'running')
    await Promise.all(running.map((run) => runtime.stopContainer(run.id, { graceMs, ...stopSignalOf(run) })))
  }

  /**
   * Ends containers and removes directories of pods that are not this node's any more: deleted, or deleted and replaced,
   * while no kubelet was here to see it. To be called when the informer has synced.
   */
  async endOrphans(): Promise<void> {
    const { informer, runtime, volumes, podsDirectory } = this.#options
    const known = new Set(informer.store.list().map(({ metadata }) => metadata.uid))
    const runs = await runtime.list()
    const directories = await readdir(podsDirectory).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    const orphans = new Set([...runs.map(({ podUid }) => podUid), ...directories].filter((uid) => !known.has(uid)))
    await Promise.all(
      [...orphans].map(async (uid) => {
        const running = runs.filter(({ podUid, state }) => podUid === uid && state === 'running')
        this.#deps.logger.info({ uid, running: running.length }, 'Ending what is left of a pod that is gone')
        await Promise.all(running.map(({ id }) => runtime.stopContainer(id, { graceMs: ORPHAN_GRACE_MS })))
        await runtime.removeSandbox(uid)
        await removeTree(this.#deps.directoryOf(uid))
      }),
    )
    await volumes.removeAllBut(known)
  }

  #update(pod: Pod): void {
    const { uid } = pod.metadata
    const known = this.#workers.get(uid)
    if (known !== undefined) {
      known.update(pod)
      return
    }
    const worker = new PodWorker(pod, this.#deps)
    this.#workers.set(uid, worker)
    worker.wake()
  }

  #gone(uid: string): void {
    const worker = this.#workers.get(uid)
    if (worker === undefined) return
    worker.gone()
    void worker.finished.then(() => {
      this.#workers.delete(uid)
      this.#deps.admission.forget(uid)
    })
  }
}
