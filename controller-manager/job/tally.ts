/** How a Job stands by its status and its pods, those that have yet to be counted included. Pure. */
import type { Job } from '../../shared/api/job/job.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { isActive, isReady } from '../replicas/pod-state.ts'
import { parseIndexes } from './index-set.ts'
import {
  hasFailed,
  hasLimitPerIndex,
  hasSucceeded,
  indexFailures,
  indexOf,
  isIndexed,
  isTerminating,
  isTracked,
} from './job-pod.ts'
import { judgeFailure } from './pod-failure-policy.ts'

export interface Tally {
  /** Pods that run or wait. */
  active: readonly Pod[]
  /** Pods that are being deleted and have not ended. */
  terminating: readonly Pod[]
  succeeded: number
  failed: number
  /** Tracked pods that have succeeded or failed, but of which the status says nothing yet. */
  newSucceeded: readonly Pod[]
  newFailed: readonly Pod[]
  /** Indexed Jobs. */
  succeededIndexes: ReadonlySet<number>
  /** Indexes that have used up their own limit; empty where they have none. */
  failedIndexes: ReadonlySet<number>
  /** By index, the failed pod that keeps its finalizer until its replacement exists, which takes over its counts. */
  toReplace: ReadonlyMap<number, Pod>
}

export const readyOf = (pods: readonly Pod[]): number => pods.filter(isReady).length

/** Whether the failure of the pod is to be counted: neither ignored by policy nor of an index that the Job has not. */
const countsAsFailed = (pod: Pod, job: Job) =>
  judgeFailure(pod, job.spec.podFailurePolicy).action !== 'Ignore' &&
  (!isIndexed(job) || indexOf(pod, job) !== undefined)

/** Whether the failure of the pod is the last that its index is allowed. */
function failsIndex(pod: Pod, job: Job): boolean {
  const { action } = judgeFailure(pod, job.spec.podFailurePolicy)
  if (action === 'FailIndex') return true
  return action !== 'Ignore' && indexFailures(pod) >= (job.spec.backoffLimitPerIndex ?? 0)
}

const indexesOf = (pods: readonly Pod[], job: Job): Set<number> =>
  new Set(pods.flatMap((pod) => indexOf(pod, job) ?? []))

/** The failed pods whose counts the next pod of their index has to take over: of each index the last. */
function podsToReplace(job: Job, failed: readonly Pod[], settled: ReadonlySet<number>): Map<number, Pod> {
  const last = new Map<number, Pod>()
  for (const pod of failed) {
    const index = indexOf(pod, job)
    if (index === undefined || settled.has(index)) continue
    const known = last.get(index)
    if (known === undefined || order(pod) > order(known)) last.set(index, pod)
  }
  return last
}

const order = (pod: Pod) => `${String(indexFailures(pod)).padStart(10, '0')}${pod.metadata.creationTimestamp}`

export function tallyPods(job: Job, pods: readonly Pod[]): Tally {
  const { status, spec } = job
  const known = new Set(status.uncountedTerminatedPods?.succeeded)
  const knownFailed = new Set(status.uncountedTerminatedPods?.failed)
  const tracked = pods.filter(isTracked)
  const active = pods.filter(isActive)
  const failedPods = tracked.filter((pod) => hasFailed(pod, job) && !knownFailed.has(pod.metadata.uid))
  const newFailed = failedPods.filter((pod) => countsAsFailed(pod, job))
  const succeededPods = tracked.filter((pod) => hasSucceeded(pod) && !knownFailed.has(pod.metadata.uid))
  const failed = (status.failed ?? 0) + knownFailed.size + newFailed.length
  const common = { active, terminating: pods.filter(isTerminating), failed, newFailed }
  if (!isIndexed(job)) {
    const newSucceeded = succeededPods.filter(({ metadata }) => !known.has(metadata.uid))
    return {
      ...common,
      newSucceeded,
      succeeded: (status.succeeded ?? 0) + known.size + newSucceeded.length,
      succeededIndexes: new Set(),
      failedIndexes: new Set(),
      toReplace: new Map(),
    }
  }
  const completions = spec.completions ?? 0
  const recorded = parseIndexes(status.completedIndexes, completions)
  const succeededIndexes = recorded.union(indexesOf(succeededPods, job))
  const newSucceeded = succeededPods.filter((pod) => {
    const index = indexOf(pod, job)
    return index !== undefined && !recorded.has(index)
  })
  const indexed = { ...common, newSucceeded, succeeded: succeededIndexes.size, succeededIndexes }
  if (!hasLimitPerIndex(job)) return { ...indexed, failedIndexes: new Set(), toReplace: new Map() }
  const exhausted = indexesOf(
    failedPods.filter((pod) => failsIndex(pod, job)),
    job,
  )
  const failedIndexes = parseIndexes(status.failedIndexes, completions).union(exhausted).difference(succeededIndexes)
  const settled = succeededIndexes.union(failedIndexes).union(indexesOf(active, job))
  return { ...indexed, failedIndexes, toReplace: podsToReplace(job, failedPods, settled) }
}
