/** What a replica controller reads from a pod. Pure. */
import type { Pod, PodCondition } from '../../shared/api/pod/pod.ts'

export const conditionOf = (pod: Pod, type: string): PodCondition | undefined =>
  pod.status.conditions?.find((condition) => condition.type === type)

/** Whether the containers have ended for good. */
export const isFinished = ({ status }: Pod): boolean => status.phase === 'Succeeded' || status.phase === 'Failed'

/** Whether the pod counts as a replica: neither finished nor on its way out. */
export const isActive = (pod: Pod): boolean => !isFinished(pod) && pod.metadata.deletionTimestamp === undefined

export const isReady = (pod: Pod): boolean => conditionOf(pod, 'Ready')?.status === 'True'

/** Since when the pod has been ready; undefined where it is not, or does not say. */
export function readySinceMs(pod: Pod): number | undefined {
  const condition = conditionOf(pod, 'Ready')
  if (condition?.status !== 'True' || condition.lastTransitionTime === undefined) return undefined
  return Date.parse(condition.lastTransitionTime)
}

/** When a ready pod has been so for `minReadySeconds`, the time at which it counts as available; undefined: not ready. */
export function availableFromMs(pod: Pod, minReadySeconds: number): number | undefined {
  if (!isReady(pod)) return undefined
  if (minReadySeconds === 0) return 0
  const sinceMs = readySinceMs(pod)
  return sinceMs === undefined ? undefined : sinceMs + minReadySeconds * 1_000
}
