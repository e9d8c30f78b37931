import type { Pod } from './pod.ts'

/** Whether all containers of the pod have ended for good. */
export const isFinished = ({ status }: Pick<Pod, 'status'>): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed'

/** Seconds that a deleted pod has before it is removed. Nothing runs of a pod that has no node or is finished: it goes at once. */
export function deletionGraceSeconds(pod: Pod, requested: number | undefined): number {
  if (!pod.spec.nodeName || isFinished(pod)) return 0
  const seconds = requested ?? pod.spec.terminationGracePeriodSeconds ?? 0
  return seconds < 0 ? 1 : seconds
}
