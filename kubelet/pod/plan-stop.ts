/** What the end of one run needs next: upstream's `killContainer`, step by step. Pure. */
import { NOTHING, type Step } from './plan-step.ts'
import type { ContainerRun, PodWorld, StopReason } from './world.ts'

/** The least between SIGTERM and SIGKILL, whatever hooks and other containers have used up of the grace. */
const LEAST_TO_END_MS = 2_000

export interface StopRequest {
  why: StopReason
  /** Time from now to SIGKILL, the preStop hook included. Later requests can only shorten it. */
  graceMs: number
  /** Text of the event. */
  message: string
  /** Whether no other container has to end before. */
  isTurn: boolean
}

/** SIGTERM: when the hook has ended and it is the run's turn, or the grace is over. */
function planTerm(world: PodWorld, { id, name }: ContainerRun, isTurn: boolean): Step {
  const { graceEndsMs, isInHook } = world.stops.get(id)!
  const leftMs = graceEndsMs - world.nowMs
  if ((isInHook || !isTurn) && leftMs > 0) return { actions: [], wakeAtMs: graceEndsMs }
  return { actions: [{ do: 'terminate', id, name, graceMs: Math.max(LEAST_TO_END_MS, leftMs) }] }
}

export function planStop(world: PodWorld, run: ContainerRun, { why, graceMs, message, isTurn }: StopRequest): Step {
  const { id, name } = run
  const stop = world.stops.get(id)
  if (stop === undefined) return { actions: [{ do: 'beginStop', id, name, graceMs, why, message }] }
  const { graceEndsMs, killAtMs } = stop
  if (killAtMs === undefined) {
    if (world.nowMs + graceMs < graceEndsMs) return { actions: [{ do: 'shortenGrace', id, graceMs }] }
    return planTerm(world, run, isTurn)
  }
  const shorterMs = Math.max(LEAST_TO_END_MS, graceMs)
  return world.nowMs + shorterMs < killAtMs ? { actions: [{ do: 'terminate', id, name, graceMs: shorterMs }] } : NOTHING
}
