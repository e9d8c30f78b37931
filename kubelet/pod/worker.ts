import type { Pod } from '../../shared/api/pod/pod.ts'
import { perform } from '../../shared/controller/plan.ts'
import type { Logger } from '../../shared/log.ts'
import { PodProbers } from '../probes/pod-probers.ts'
import type { ActionDeps } from './actions/action-deps.ts'
import { podExecutors } from './actions/executors.ts'
import { cleanUpPod, deletePod } from './actions/remove-pod.ts'
import { adopt, createMemory, type PodMemory } from './memory.ts'
import type { NodeShutdown } from './node-shutdown.ts'
import { observePod } from './observe.ts'
import { planPod } from './plan.ts'
import type { PodDeps } from './pod-deps.ts'
import { podEvents, probeTrouble } from './pod-events.ts'
import { inheritedOf, probedRuns } from './probed-runs.ts'
import { podStatus } from './status.ts'
import { StatusReporter } from './status-reporter.ts'
import { isTerminalPhase, type PodWorld } from './world.ts'

/** Plans that follow one another without a pause. More than a pod can need: a plan that never ends must not spin. */
const ROUNDS_MAX = 20
/** Waits after something unexpected went wrong. */
const TROUBLE_MIN_MS = 100
const TROUBLE_MAX_MS = 10_000

/**
 * Brings one pod to what its spec says, and reports how it is. Level-triggered: whatever happens only wakes it, and it
 * then looks at everything; and serial: it never does two things to its pod at once.
 */
export class PodWorker {
  readonly #memory: PodMemory
  readonly #deps: ActionDeps
  readonly #logger: Logger
  readonly #reporter: StatusReporter
  readonly #probers: PodProbers
  readonly #finished = Promise.withResolvers<void>()
  /** Resolves when the pod is Succeeded or Failed. */
  readonly #hasEnded = Promise.withResolvers<void>()
  #isFinished = false
  #isStopped = false
  /** Ends what goes on in the background. */
  readonly #ended = new AbortController()
  #isWoken = false
  #isWorking = false
  #working: Promise<void> | undefined
  #cancelTimer: () => void = () => undefined
  #troubleMs = TROUBLE_MIN_MS

  constructor(pod: Pod, deps: PodDeps) {
    const { namespace, name, uid } = pod.metadata
    const { client, clock, runtime, random } = deps
    const memory = createMemory(pod, clock.nowMs())
    const events = podEvents(deps.recorder, pod)
    this.#memory = memory
    this.#logger = deps.logger.child({ pod: `${namespace}/${name}`, uid })
    this.#deps = {
      ...deps,
      events,
      signal: this.#ended.signal,
      onDone: (error) => (error === undefined ? this.wake() : this.#trouble(error)),
      finishPod: () => this.#finishPod(),
    }
    this.#reporter = new StatusReporter({
      client,
      clock,
      logger: this.#logger,
      newest: () => memory.pod,
      adopt: (newer) => adopt(memory, newer),
    })
    this.#probers = new PodProbers({
      runtime,
      clock,
      random,
      onChange: () => this.wake(),
      onTrouble: (...trouble) => probeTrouble(events, ...trouble),
    })
  }

  /** Resolves when the pod has ended and nothing is left of it here. */
  get finished(): Promise<void> {
    return this.#finished.promise
  }

  /** The pod with its status as it was last computed here. */
  get pod(): Pod {
    const { pod, lastStatus } = this.#memory
    return lastStatus === undefined ? pod : { ...pod, status: { ...pod.status, ...lastStatus } }
  }

  /** The API has a newer copy of the pod. */
  update(pod: Pod): void {
    adopt(this.#memory, pod)
    this.wake()
  }

  /** The API has no such pod any more. */
  gone(): void {
    this.#memory.isGone = true
    this.#reporter.stop()
    this.wake()
  }

  /** The node shuts down: ends the pod for good. Resolves when that is reported, or cannot be. */
  async endForShutdown(shutdown: NodeShutdown): Promise<void> {
    this.#memory.shutdown = shutdown
    this.wake()
    await Promise.race([this.#hasEnded.promise, this.finished])
    await this.#reporter.flush()
  }

  /** Something may have changed. */
  wake(): void {
    this.#isWoken = true
    if (this.#isWorking) return
    this.#isWorking = true
    this.#working = this.#work()
  }

  /** Leaves the pod as it is, and resolves when nothing is done to it any more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#ended.abort()
    this.#cancelTimer()
    this.#probers.stop()
    this.#reporter.stop()
    await this.#working
  }

  async #work(): Promise<void> {
    while (this.#isWoken && !this.#isStopped && !this.#isFinished) {
      this.#isWoken = false
      this.#cancelTimer()
      try {
        await this.#sync()
        this.#troubleMs = TROUBLE_MIN_MS
      } catch (error) {
        this.#trouble(error)
      }
    }
    // In the same breath as the look at `isWoken`: nobody can wake it in between and be missed.
    this.#isWorking = false
  }

  #trouble(error: unknown): void {
    this.#logger.warn({ error: String(error) }, 'Pod could not be brought to its state, trying again')
    this.#wakeAfter(this.#troubleMs)
    this.#troubleMs = Math.min(this.#troubleMs * 2, TROUBLE_MAX_MS)
  }

  #wakeAfter(ms: number): void {
    this.#cancelTimer()
    if (!this.#isStopped) this.#cancelTimer = this.#deps.clock.after(ms, () => this.wake())
  }

  async #sync(): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const world = await this.#observe()
      if (this.#isStopped) return
      const plan = planPod(world)
      if (plan.actions.length === 0) {
        this.#report(world)
        if (plan.requeueAfterMs !== undefined) this.#wakeAfter(plan.requeueAfterMs)
        return
      }
      await perform(plan.actions, podExecutors(this.#memory, this.#deps))
      if (this.#isFinished) return
    }
    throw new Error(`the plan of the pod does not come to an end in ${ROUNDS_MAX} rounds`)
  }

  async #observe(): Promise<PodWorld> {
    const memory = this.#memory
    const world = await observePod(memory, this.#probers, this.#deps)
    if (this.#isStopped) return world
    this.#probers.follow(probedRuns(world), ({ id }) =>
      memory.ownRuns.has(id) ? undefined : inheritedOf(memory.pod, id),
    )
    return world
  }

  #report(world: PodWorld): void {
    const status = podStatus(world, this.#deps.node)
    this.#memory.lastStatus = status
    if (!this.#memory.isGone) this.#reporter.report(status)
    if (isTerminalPhase(status.phase)) this.#hasEnded.resolve()
  }

  /**
   * The order matters: the pod's end is reported before the API forgets the pod, and the API forgets it before its
   * records go, so that a kubelet that dies in between finds at its next start what it still has to do.
   */
  async #finishPod(): Promise<void> {
    if (!this.#memory.isGone) {
      this.#report(await this.#observe())
      await this.#reporter.flush()
      await deletePod(this.#memory, this.#deps)
    }
    this.#ended.abort()
    this.#probers.stop()
    this.#reporter.stop()
    await cleanUpPod(this.#memory, this.#deps)
    this.#isFinished = true
    this.#finished.resolve()
  }
}
