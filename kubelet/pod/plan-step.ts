import type { BackOff } from './back-off.ts'
import type { StopReason } from './world.ts'

/** What a plan tells the worker to do. */
export type PodAction =
  | { do: 'ensureSandbox' }
  /** Sets up the pod's volumes, or brings them up to date. */
  | { do: 'prepareVolumes' }
  /** The pod has ended: its volumes go. */
  | { do: 'tearDownVolumes' }
  | { do: 'startContainer'; name: string; attempt: number; backOff?: BackOff }
  /** The end of a run begins: `message` goes into the event, and the preStop hook is run. */
  | { do: 'beginStop'; id: string; name: string; graceMs: number; why: StopReason; message: string }
  /** Less time than was given before, counted from now. */
  | { do: 'shortenGrace'; id: string; graceMs: number }
  /** The program is asked to end, and killed after `graceMs`; asked again only to kill it sooner. */
  | { do: 'terminate'; id: string; name: string; graceMs: number }
  /** Forgets a run that is neither the last one nor the one before it. */
  | { do: 'removeContainer'; id: string }
  /** Tells by an event that a start is being delayed. */
  | { do: 'announceBackOff'; name: string; key: string; isPull: boolean; message: string }
  /** Tells by an event that the pod has run for as long as it may. */
  | { do: 'announceDeadline'; key: string; message: string }
  /** Everything has ended: reports the last status, removes what is left of the pod here and then the pod from the API. */
  | { do: 'finishPod' }

/** A part of a plan. */
export interface Step {
  actions: PodAction[]
  /** When a wait that is part of it ends. */
  wakeAtMs?: number
}

export const NOTHING: Step = { actions: [] }

/** Several parts as one: all actions in order, the earliest end of a wait. */
export function join(steps: readonly Step[]): Step {
  const wakeAtMs = Math.min(...steps.map((step) => step.wakeAtMs ?? Number.POSITIVE_INFINITY))
  const actions = steps.flatMap((step) => step.actions)
  return wakeAtMs === Number.POSITIVE_INFINITY ? { actions } : { actions, wakeAtMs }
}
