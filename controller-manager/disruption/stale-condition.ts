/** Pods that were said to be disrupted, and then were not. Pure. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import { conditionOf, isFinished } from '../replicas/pod-state.ts'

const TYPE = 'DisruptionTarget'
/** A pod that is still there this long after it was marked will stay. */
const STALE_AFTER_MS = 2 * 60_000

/** In how many milliseconds the mark of a pod is stale, 0 if it is; undefined where there is no mark, or it holds. */
export function staleInMs(pod: Pod, nowMs: number): number | undefined {
  const condition = conditionOf(pod, TYPE)
  if (condition?.status !== 'True' || isFinished(pod) || pod.metadata.deletionTimestamp !== undefined) return undefined
  const sinceMs = condition.lastTransitionTime === undefined ? nowMs : Date.parse(condition.lastTransitionTime)
  return Math.max(0, sinceMs + STALE_AFTER_MS - nowMs)
}

/** The condition that takes the mark back. */
export const unmarked = (time: string) => ({
  type: TYPE,
  status: 'False',
  lastTransitionTime: time,
  reason: null,
  message: null,
})
