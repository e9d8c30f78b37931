import type { Container } from '../../shared/api/pod/pod.ts'
import type { Clock } from '../../shared/clock.ts'
import { type CheckDeps, check } from './check.ts'
import type { Outcome } from './outcome.ts'
import { PROBE_KINDS, type ProbeKind, Prober } from './prober.ts'

/** A run that is to be probed. */
export interface ProbedRun {
  id: string
  startedAtMs: number
  container: Container
  podIp: string
  /** Directory that holds the image's files, where the run has an image. */
  imageDirectory?: string
  /** It is being ended: only whether it serves is still asked. */
  isEnding: boolean
}

/** What an earlier kubelet had found out about a run. */
export interface Inherited {
  started: boolean
  ready: boolean
}

/** An outcome that is told. */
export type Trouble = Exclude<Outcome, { is: 'success' }>

type Verdicts = Partial<Record<ProbeKind, boolean>>

export interface PodProbersDeps extends CheckDeps {
  clock: Clock
  /** From 0 to 1, for the jitter of inherited runs. */
  random(): number
  /** A verdict has changed. */
  onChange(): void
  /** A check failed, could not be made, or succeeded in a doubtful way. */
  onTrouble(container: string, kind: ProbeKind, outcome: Trouble): void
}

const hasProbes = (container: Container) => PROBE_KINDS.some((kind) => container[`${kind}Probe`] !== undefined)

/** The probers of one pod, by run. */
export class PodProbers {
  readonly #deps: PodProbersDeps
  readonly #probers = new Map<string, Prober>()
  readonly #verdicts = new Map<string, Verdicts>()

  constructor(deps: PodProbersDeps) {
    this.#deps = deps
  }

  /** By run ID; of runs that are not probed any more the last that was known. */
  get verdicts(): ReadonlyMap<string, Verdicts> {
    return this.#verdicts
  }

  /** Starts a prober for each run that has none yet, and ends those of all other runs. */
  follow(runs: readonly ProbedRun[], inheritedOf: (run: ProbedRun) => Inherited | undefined): void {
    for (const [id, prober] of this.#probers) {
      if (runs.some((run) => run.id === id)) continue
      prober.stop()
      this.#probers.delete(id)
    }
    for (const run of runs) {
      if (!this.#probers.has(run.id) && hasProbes(run.container)) this.#start(run, inheritedOf(run))
      if (run.isEnding) this.#probers.get(run.id)?.decide()
    }
  }

  /** Forgets what is known of runs other than these. */
  forgetAllBut(ids: ReadonlySet<string>): void {
    for (const id of this.#verdicts.keys()) {
      if (!ids.has(id)) this.#verdicts.delete(id)
    }
  }

  stop(): void {
    for (const prober of this.#probers.values()) prober.stop()
    this.#probers.clear()
  }

  #start(run: ProbedRun, inherited: Inherited | undefined): void {
    const { clock, random, onTrouble } = this.#deps
    const { id, container, podIp, startedAtMs, imageDirectory } = run
    const target = { runId: id, container, podIp, ...(imageDirectory !== undefined && { imageDirectory }) }
    const isStarted = inherited?.started ?? false
    // A run that was ready stays so until a probe says otherwise: a restart of the kubelet is no fault of the program.
    this.#verdicts.set(id, inherited === undefined ? {} : { startup: isStarted, readiness: inherited.ready })
    const prober = new Prober({
      container,
      startedAtMs,
      clock,
      jitter: inherited === undefined ? 0 : random(),
      check: (probe, signal) => check(probe, target, this.#deps, signal),
      onTrouble: (kind, outcome) => onTrouble(container.name, kind, outcome),
      onVerdict: (kind, success) => this.#decide(id, kind, success),
    })
    this.#probers.set(id, prober)
    prober.start({ isStarted })
  }

  #decide(id: string, kind: ProbeKind, success: boolean): void {
    const known = this.#verdicts.get(id)
    if (known?.[kind] === success) return
    this.#verdicts.set(id, { ...known, [kind]: success })
    this.#deps.onChange()
  }
}
