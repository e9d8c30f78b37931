import type { BackOff } from './back-off.ts'
import type { StopReason } from './world.ts'

/** What a plan tells the worker to do. */
export type PodAction =
  | { do: 'ensureSandbox' }
  | { do: 'startContainer'; name: string; attempt: number; backOff?: BackOff }
  /** `message` goes into the event; asked again only to shorten the grace. */
  | { do: 'stopContainer'; id: string; name: string; graceMs: number; why: StopReason; message: string }
  /** Forgets a run that is neither the last one nor the one before it. */
  | { do: 'removeContainer'; id: string }
  /** Tells by an event that a start is being delayed. */
  | { do: 'announceBackOff'; name: string; key: string; isPull: boolean; message: string }
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
