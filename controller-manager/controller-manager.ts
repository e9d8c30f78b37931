import type { Client } from '../shared/client/client.ts'
import type { Clock } from '../shared/clock.ts'
import { createInformers } from '../shared/controller/informers.ts'
import { createEventRecorder, type EventRecorder } from '../shared/events/recorder.ts'
import type { Logger } from '../shared/log.ts'
import type { StartController } from './context.ts'
import type { ControllerOptions } from './options.ts'

export interface ControllerManagerOptions {
  client: Client
  clock: Clock
  logger: Logger
  options: ControllerOptions
  controllers: readonly StartController[]
  /** Receives what breaks a controller or an informer: a defect, after which the process should end. */
  onFailure(error: unknown): void
}

/** Controllers that run on shared informers, in one process. */
export class ControllerManager {
  /** Resolves when every resource that is watched has been listed once. */
  readonly synced: Promise<void>
  readonly #stop = new AbortController()
  readonly #recorders = new Map<string, EventRecorder>()
  readonly #running: Promise<void>[]

  constructor({ client, clock, logger, options, controllers, onFailure }: ControllerManagerOptions) {
    const { signal } = this.#stop
    const fail = (error: unknown) => {
      if (!signal.aborted) onFailure(error)
    }
    const informers = createInformers({ client, clock, logger, signal, onFailure: fail })
    const recorder = (component: string): EventRecorder => {
      const known = this.#recorders.get(component)
      if (known !== undefined) return known
      const fresh = createEventRecorder({ client, component, clock, logger })
      this.#recorders.set(component, fresh)
      return fresh
    }
    const context = { client, informers, clock, logger, options, recorder, signal }
    this.#running = controllers.map((start) => start(context).catch(fail))
    this.synced = informers.synced()
  }

  /** Stops all controllers. What they have begun they finish, as long as the client lets them. */
  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.all([...this.#recorders.values()].map((recorder) => recorder.close()))
  }

  /** Resolves when all controllers have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#running)
  }
}
