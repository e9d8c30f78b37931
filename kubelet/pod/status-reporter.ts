import type { Pod, PodStatus } from '../../shared/api/pod/pod.ts'
import type { Client } from '../../shared/client/client.ts'
import { pods } from '../../shared/client/resources.ts'
import { type Clock, delay } from '../../shared/clock.ts'
import { isApiError } from '../../shared/errors.ts'
import type { Logger } from '../../shared/log.ts'
import { statusPatch } from './status-patch.ts'

const RETRY_MIN_MS = 50
const RETRY_MAX_MS = 1_000
/** Patches that may follow each other closely. More only come when somebody keeps writing over the status: then slowly. */
const BURST_MAX = 10
const PACE_MS = 500

export interface StatusReporterDeps {
  client: Client
  clock: Clock
  logger: Logger
  /** The newest copy of the pod that the kubelet has. */
  newest(): Pod
  /** Takes the pod as a patch returned it. */
  adopt(pod: Pod): void
}

const isTransient = (error: unknown) => isApiError(error, 'ServiceUnavailable', 'Timeout', 'TooManyRequests')

/**
 * Reports the status of one pod: one patch at a time, always to the newest status, so that what changes while one is
 * under way, or while the API server is away, goes out together.
 */
export class StatusReporter {
  readonly #deps: StatusReporterDeps
  readonly #stopped = new AbortController()
  #wanted: PodStatus | undefined
  #isSending = false
  #patchedMs = Number.NEGATIVE_INFINITY
  #inBurst = 0
  #sending: Promise<void> | undefined

  constructor(deps: StatusReporterDeps) {
    this.#deps = deps
  }

  /** Reports `status`, in the background. */
  report(status: PodStatus): void {
    this.#wanted = status
    if (this.#isSending) return
    this.#isSending = true
    this.#sending = this.#send()
  }

  /** Resolves when everything is reported, or cannot be. */
  async flush(): Promise<void> {
    await this.#sending
  }

  /** Gives up what is not reported yet. */
  stop(): void {
    this.#stopped.abort()
  }

  async #send(): Promise<void> {
    let retryMs = RETRY_MIN_MS
    while (this.#wanted !== undefined && !this.#stopped.signal.aborted) {
      const status = this.#wanted
      this.#wanted = undefined
      try {
        await this.#patch(status)
        retryMs = RETRY_MIN_MS
        if (this.#inBurst > BURST_MAX) await this.#wait(PACE_MS)
      } catch (error) {
        if (!isTransient(error)) {
          this.#refused(error)
          continue
        }
        this.#wanted ??= status
        await this.#wait(retryMs)
        retryMs = Math.min(retryMs * 2, RETRY_MAX_MS)
      }
    }
    // In the same breath as the look at `wanted`: no report can come in between and be missed.
    this.#isSending = false
  }

  async #patch(status: PodStatus): Promise<void> {
    const { client, clock, newest, adopt } = this.#deps
    const pod = newest()
    const body = statusPatch(pod, status)
    if (body === undefined) return
    const { name, namespace } = pod.metadata
    const key = { name, ...(namespace !== undefined && { namespace }) }
    adopt(await client.patch(pods, key, { type: 'strategic', body, subresource: 'status' }))
    const nowMs = clock.nowMs()
    this.#inBurst = nowMs - this.#patchedMs < PACE_MS ? this.#inBurst + 1 : 1
    this.#patchedMs = nowMs
  }

  /** Stopping ends the wait, and with it the loop that waits. */
  async #wait(ms: number): Promise<void> {
    await delay(this.#deps.clock, ms, this.#stopped.signal).catch(() => undefined)
  }

  /** The pod is gone or replaced, which its watch tells as well; anything else is a defect that others must not suffer from. */
  #refused(error: unknown): void {
    if (isApiError(error, 'NotFound', 'Conflict')) return
    this.#deps.logger.error({ error: String(error) }, 'Pod status was refused')
  }
}
