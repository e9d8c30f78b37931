import type { Client } from '../shared/client/client.ts'
import type { Clock } from '../shared/clock.ts'
import type { Informers } from '../shared/controller/informers.ts'
import type { EventRecorder } from '../shared/events/recorder.ts'
import type { Logger } from '../shared/log.ts'
import type { ControllerOptions } from './options.ts'

/** What every controller is given. */
export interface ControllerContext {
  client: Client
  informers: Informers
  clock: Clock
  logger: Logger
  options: ControllerOptions
  /** Records events in the name of `component`. */
  recorder(component: string): EventRecorder
  /** Ends the controller. */
  signal: AbortSignal
}

/**
 * Starts a controller: asks for its informers at once, then works until the signal aborts, which resolves the promise.
 * A rejection is a defect and ends the process.
 */
export type StartController = (context: ControllerContext) => Promise<void>
