/** The probes of one run of a container: a loop for each, from the start of the run to its end. */
import type { Container, Probe } from '../../shared/api/pod/pod.ts'
import { type Clock, delay } from '../../shared/clock.ts'
import type { Outcome } from './outcome.ts'
import { count, NO_RESULTS, type Tally } from './threshold.ts'

export const PROBE_KINDS = ['startup', 'liveness', 'readiness'] as const
export type ProbeKind = (typeof PROBE_KINDS)[number]

export interface ProberOptions {
  container: Container
  startedAtMs: number
  /** Waits up to this part of a period before the first check, so that the probes of many runs found at once spread. 0 … 1. */
  jitter: number
  check(probe: Probe, signal: AbortSignal): Promise<Outcome>
  /** Called with every outcome that is not a plain success, whether or not it decides. */
  onTrouble(kind: ProbeKind, outcome: Exclude<Outcome, { is: 'success' }>): void
  /** Called when enough results in a row say so, also again and again. */
  onVerdict(kind: ProbeKind, success: boolean): void
  clock: Clock
}

export class Prober {
  readonly #options: ProberOptions
  readonly #ended = new AbortController()
  /** Ends what decides about the life of the run. */
  readonly #decided = new AbortController()

  constructor(options: ProberOptions) {
    this.#options = options
  }

  /** Starts the loops that have a probe. `isStarted`: the startup probe has succeeded before. */
  start({ isStarted }: { isStarted: boolean }): void {
    const { startupProbe } = this.#options.container
    // Until it has started, nothing else is asked of it.
    if (startupProbe !== undefined && !isStarted) void this.#loop('startup', startupProbe)
    else this.#startOthers()
  }

  /** The run is being ended: whether it lives is no question any more, but whether it still serves is. */
  decide(): void {
    this.#decided.abort()
  }

  stop(): void {
    this.#decided.abort()
    this.#ended.abort()
  }

  #startOthers(): void {
    const { livenessProbe, readinessProbe } = this.#options.container
    if (livenessProbe !== undefined) void this.#loop('liveness', livenessProbe)
    if (readinessProbe !== undefined) void this.#loop('readiness', readinessProbe)
  }

  async #loop(kind: ProbeKind, probe: Probe): Promise<void> {
    const { signal } = kind === 'readiness' ? this.#ended : this.#decided
    try {
      await this.#waitForFirst(probe, signal)
      let tally: Tally = NO_RESULTS
      while (!signal.aborted) {
        const nextAtMs = this.#options.clock.nowMs() + probe.periodSeconds * 1000
        const result = await this.#checkOnce(kind, probe, tally, signal)
        if (result === 'done') return
        tally = result
        await delay(this.#options.clock, Math.max(0, nextAtMs - this.#options.clock.nowMs()), signal)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  async #waitForFirst({ initialDelaySeconds = 0, periodSeconds }: Probe, signal: AbortSignal): Promise<void> {
    const { clock, startedAtMs, jitter } = this.#options
    const dueMs = startedAtMs + initialDelaySeconds * 1000 + jitter * periodSeconds * 1000
    const waitMs = dueMs - clock.nowMs()
    if (waitMs > 0) await delay(clock, waitMs, signal)
  }

  /** Returns the new tally, or that the loop has done its work. */
  async #checkOnce(kind: ProbeKind, probe: Probe, tally: Tally, signal: AbortSignal): Promise<Tally | 'done'> {
    const { check, onTrouble, onVerdict } = this.#options
    const outcome = await check(probe, signal)
    if (signal.aborted) return 'done'
    if (outcome.is !== 'success') onTrouble(kind, outcome)
    if (outcome.is === 'error') return tally
    const counted = count(tally, outcome.is !== 'failure', probe)
    const { verdict } = counted
    if (verdict === undefined) return counted.tally
    onVerdict(kind, verdict)
    if (kind === 'startup' && verdict) {
      this.#startOthers()
      return 'done'
    }
    // A run that is not alive is going to be stopped: there is nothing left to ask.
    return verdict || kind === 'readiness' ? counted.tally : 'done'
  }
}
