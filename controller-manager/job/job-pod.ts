/** What the Job controller reads from a Job and its pods. Pure. */
import type { Job } from '../../shared/api/job/job.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'

/** Keeps a pod from vanishing before its Job has counted it. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking'
/** Annotation and label of the pods of an Indexed Job. */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index'
/** How many pods of the same index failed before this one, where each index has its own limit. */
export const INDEX_FAILURES = 'batch.kubernetes.io/job-index-failure-count'
/** The same for failures that the pod failure policy ignores. */
export const INDEX_IGNORED_FAILURES = 'batch.kubernetes.io/job-index-ignored-failure-count'

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === 'Indexed'

/** Whether each index of the Job may fail a number of times of its own. */
export const hasLimitPerIndex = (job: Job): boolean => isIndexed(job) && job.spec.backoffLimitPerIndex !== undefined

/** Whether a pod is replaced only when it has ended, and not as soon as it is being deleted. */
export const replacesOnlyEnded = ({ spec }: Job): boolean => spec.podReplacementPolicy === 'Failed'

export const isTracked = ({ metadata }: Pod): boolean => metadata.finalizers?.includes(TRACKING_FINALIZER) === true

const isGoing = ({ metadata }: Pod) => metadata.deletionTimestamp !== undefined

export const hasSucceeded = ({ status }: Pod): boolean => status.phase === 'Succeeded'

/** A deleted pod counts as failed, since it may never get to say how it ended; unless its Job waits for its end. */
export const hasFailed = (pod: Pod, job: Job): boolean =>
  pod.status.phase === 'Failed' || (isGoing(pod) && !hasSucceeded(pod) && !replacesOnlyEnded(job))

/** Whether the pod is being deleted and its containers may still run. */
export const isTerminating = (pod: Pod): boolean =>
  isGoing(pod) && pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed'

const countOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined

/** The index of the pod; undefined where it has none, or none that its Job has. */
export function indexOf({ metadata }: Pod, { spec }: Job): number | undefined {
  const index = countOf(metadata.annotations?.[COMPLETION_INDEX])
  return index !== undefined && index < (spec.completions ?? 0) ? index : undefined
}

export const indexFailures = ({ metadata }: Pod): number => countOf(metadata.annotations?.[INDEX_FAILURES]) ?? 0
export const ignoredIndexFailures = ({ metadata }: Pod): number =>
  countOf(metadata.annotations?.[INDEX_IGNORED_FAILURES]) ?? 0

const timeMs = (time: string | undefined): number[] => (time === undefined ? [] : [Date.parse(time)])

/** When the pod ended: by its containers, else by its readiness, else by its deletion, else just now. */
export function endedMs({ metadata, status }: Pod, nowMs: number): number {
  const { containerStatuses = [], initContainerStatuses = [], conditions = [] } = status
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata
  const candidates = [
    [...containerStatuses, ...initContainerStatuses].flatMap(({ state }) => timeMs(state?.terminated?.finishedAt)),
    conditions
      .filter(({ type, status }) => type === 'Ready' && status === 'False')
      .flatMap(({ lastTransitionTime }) => timeMs(lastTransitionTime)),
    timeMs(deletionTimestamp).map((ms) => ms - deletionGracePeriodSeconds * 1_000),
    [nowMs],
  ]
  return Math.min(nowMs, Math.max(...candidates.find((times) => times.length > 0)!))
}
