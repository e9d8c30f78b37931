/** How long a Job waits before it tries again after failures. Pure. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import { endedMs, hasSucceeded, ignoredIndexFailures, indexFailures, isTracked } from './job-pod.ts'

/** The wait after the first failure, doubled for each further one. */
const BACK_OFF_MIN_MS = 10_000
const BACK_OFF_MAX_MS = 10 * 60_000

const waitMs = (failures: number) =>
  failures === 0 ? 0 : Math.min(BACK_OFF_MAX_MS, BACK_OFF_MIN_MS * 2 ** Math.min(failures - 1, 30))

/**
 * How long no pod may be created because of the failures since the last success; 0: at once. It is read from the pods
 * themselves, so that it survives a restart. A pod that was taken away, with its node or by hand, did not fail by
 * itself: it counts, but nothing is to be gained by waiting. Nor does one count that the controller withdrew.
 */
export function backOffRemainingMs(pods: readonly Pod[], nowMs: number): number {
  const isFailure = (pod: Pod) =>
    pod.status.phase === 'Failed' && (pod.metadata.deletionTimestamp === undefined || isTracked(pod))
  const lastSuccessMs = Math.max(...pods.filter(hasSucceeded).map((pod) => endedMs(pod, nowMs)), 0)
  const failuresMs = pods
    .filter(isFailure)
    .map((pod) => endedMs(pod, nowMs))
    .filter((endMs) => endMs > lastSuccessMs)
  return Math.max(0, Math.max(...failuresMs, 0) + waitMs(failuresMs.length) - nowMs)
}

/** The same for the replacement of a failed pod where each index counts for itself. */
export function indexBackOffRemainingMs(replaced: Pod, nowMs: number): number {
  const failures = indexFailures(replaced) + ignoredIndexFailures(replaced) + 1
  return Math.max(0, endedMs(replaced, nowMs) + waitMs(failures) - nowMs)
}
