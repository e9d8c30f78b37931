/**
 * Counting pods that have ended, each exactly once, whenever the controller may die. A pod keeps its finalizer until the
 * status holds its UID among the uncounted (or, in an Indexed Job, its index among the completed); only then the
 * finalizer goes; and only when it is gone does the UID turn into a count. So whoever reads status and pods together
 * can tell which pods are counted. Pure.
 */
import type { Job, JobStatus, UncountedTerminatedPods } from '../../shared/api/job/job.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { formatIndexes, parseIndexes } from './index-set.ts'
import { hasFailed, hasLimitPerIndex, hasSucceeded, indexOf, isIndexed, isTracked } from './job-pod.ts'
import type { Tally } from './tally.ts'

/** UIDs that the status holds at once, which bounds its size; the rest waits for the next round. */
const UNCOUNTED_MAX = 500

type Counts = Pick<JobStatus, 'succeeded' | 'failed' | 'completedIndexes' | 'failedIndexes' | 'uncountedTerminatedPods'>

export interface TrackingWorld {
  pods: readonly Pod[]
  tally: Tally
  /** Whether the Job has come to its end, so that no failed pod is kept for its replacement. */
  isEnding: boolean
}

const uidOf = ({ metadata }: Pod) => metadata.uid

const lists = ({ status }: Job): Required<UncountedTerminatedPods> => ({
  succeeded: status.uncountedTerminatedPods?.succeeded ?? [],
  failed: status.uncountedTerminatedPods?.failed ?? [],
})

const heldBack = ({ tally, isEnding }: TrackingWorld): ReadonlySet<Pod> =>
  new Set(isEnding ? [] : tally.toReplace.values())

/** The counts with what has come since: pods without finalizer are counted, those that have ended are noted down. */
export function recordEnded(job: Job, world: TrackingWorld): Counts {
  const { pods, tally } = world
  const { status } = job
  const tracked = new Set(pods.filter(isTracked).map(uidOf))
  const held = heldBack(world)
  const uncounted = lists(job)
  const pending = {
    succeeded: uncounted.succeeded.filter((uid) => tracked.has(uid)),
    failed: uncounted.failed.filter((uid) => tracked.has(uid)),
  }
  let room = UNCOUNTED_MAX - pending.succeeded.length - pending.failed.length
  const some = (candidates: readonly Pod[]) => {
    const taken = candidates.slice(0, Math.max(0, room))
    room -= taken.length
    return taken
  }
  const newSucceeded = some(tally.newSucceeded)
  const newFailed = some(tally.newFailed.filter((pod) => !held.has(pod)))
  const failed = (status.failed ?? 0) + uncounted.failed.length - pending.failed.length
  const failedUids = [...pending.failed, ...newFailed.map(uidOf)]
  if (isIndexed(job)) {
    const done = newSucceeded.flatMap((pod) => indexOf(pod, job) ?? [])
    const completed = parseIndexes(status.completedIndexes, job.spec.completions ?? 0).union(new Set(done))
    return {
      succeeded: completed.size,
      failed,
      completedIndexes: formatIndexes(completed),
      ...(hasLimitPerIndex(job) && { failedIndexes: formatIndexes(tally.failedIndexes) }),
      uncountedTerminatedPods: { succeeded: pending.succeeded, failed: failedUids },
    }
  }
  return {
    succeeded: (status.succeeded ?? 0) + uncounted.succeeded.length - pending.succeeded.length,
    failed,
    uncountedTerminatedPods: { succeeded: [...pending.succeeded, ...newSucceeded.map(uidOf)], failed: failedUids },
  }
}

/** The pods whose finalizer has done its duty, by the status as it is stored. */
export function releasable(job: Job, world: TrackingWorld): Pod[] {
  const { pods, tally } = world
  const uncounted = lists(job)
  const noted = new Set([...uncounted.succeeded, ...uncounted.failed])
  const unnoted = new Set([...tally.newSucceeded, ...tally.newFailed])
  const held = heldBack(world)
  const hasEnded = (pod: Pod) => hasSucceeded(pod) || hasFailed(pod, job)
  return pods.filter(
    (pod) => isTracked(pod) && (noted.has(uidOf(pod)) || (hasEnded(pod) && !unnoted.has(pod) && !held.has(pod))),
  )
}
