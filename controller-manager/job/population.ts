/** How many pods a Job should have now, and of which indexes. Pure. */
import type { Job } from '../../shared/api/job/job.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { surplusOf } from '../replicas/deletion-order.ts'
import { backOffRemainingMs, indexBackOffRemainingMs } from './back-off.ts'
import {
  hasLimitPerIndex,
  ignoredIndexFailures,
  indexFailures,
  indexOf,
  isIndexed,
  isTracked,
  replacesOnlyEnded,
} from './job-pod.ts'
import { judgeFailure } from './pod-failure-policy.ts'
import type { PodRequest } from './pod-from-template.ts'
import type { Tally } from './tally.ts'

/** Pods created or deleted in one go; the next go follows when the cache shows these. */
const BURST_MAX = 500

export interface PopulationChange {
  /** Pods to take away without counting them. */
  remove: readonly Pod[]
  create: readonly PodRequest[]
  /** When the next pod may be created that failures hold back. */
  waitMs?: number
}

const NONE: PopulationChange = { remove: [], create: [] }

/** How many pods should run or wait. After the first success of a work queue those that run are left to finish. */
function wantedActive({ spec: { suspend, completions, parallelism } }: Job, { succeeded, active }: Tally): number {
  if (suspend) return 0
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism
  return Math.max(0, Math.min(parallelism, completions - succeeded))
}

/** Pods that can help no more: their end could not be counted, or their index is not open, or another pod has it. */
function useless(job: Job, { active, succeededIndexes, failedIndexes }: Tally, nowMs: number): Pod[] {
  const untracked = active.filter((pod) => !isTracked(pod))
  if (!isIndexed(job)) return untracked
  const surplus = new Set(untracked)
  const byIndex = new Map<number, Pod[]>()
  for (const pod of active.filter(isTracked)) {
    const index = indexOf(pod, job)
    if (index === undefined || succeededIndexes.has(index) || failedIndexes.has(index)) surplus.add(pod)
    else byIndex.set(index, [...(byIndex.get(index) ?? []), pod])
  }
  for (const rivals of byIndex.values()) {
    for (const pod of surplusOf(rivals, rivals.length - 1, { nowMs })) surplus.add(pod)
  }
  return [...surplus]
}

/** The lowest indexes that are neither done nor under way. */
function openIndexes(
  job: Job,
  { active, terminating, succeededIndexes, failedIndexes }: Tally,
  count: number,
): number[] {
  const busy = replacesOnlyEnded(job) ? [...active, ...terminating] : active
  const taken = succeededIndexes.union(failedIndexes).union(new Set(busy.flatMap((pod) => indexOf(pod, job) ?? [])))
  const open: number[] = []
  for (let index = 0; open.length < count && index < (job.spec.completions ?? 0); index++) {
    if (!taken.has(index)) open.push(index)
  }
  return open
}

/** The next pod of an index: it carries on the counts of the one that failed. */
function replacementOf(job: Job, index: number, failed: Pod | undefined): PodRequest {
  if (failed === undefined) return { index, failures: 0 }
  const isIgnored = judgeFailure(failed, job.spec.podFailurePolicy).action === 'Ignore'
  return {
    index,
    failures: indexFailures(failed) + (isIgnored ? 0 : 1),
    ignoredFailures: ignoredIndexFailures(failed) + (isIgnored ? 1 : 0),
  }
}

function createPerIndex(job: Job, tally: Tally, { count, nowMs }: { count: number; nowMs: number }): PopulationChange {
  const { toReplace } = tally
  const waitOf = (index: number) => {
    const failed = toReplace.get(index)
    return failed === undefined ? 0 : indexBackOffRemainingMs(failed, nowMs)
  }
  // Indexes that wait leave their place to others, so all open ones are looked at.
  const open = openIndexes(job, tally, job.spec.completions ?? 0).map((index) => ({ index, waitMs: waitOf(index) }))
  const now = open.filter(({ waitMs }) => waitMs === 0).slice(0, count)
  const waits = open.flatMap(({ waitMs }) => (waitMs > 0 ? [waitMs] : []))
  return {
    remove: [],
    create: now.map(({ index }) => replacementOf(job, index, toReplace.get(index))),
    ...(now.length < count && waits.length > 0 && { waitMs: Math.min(...waits) }),
  }
}

/** What to create or to take away; never both at once. */
export function planPopulation(
  job: Job,
  { pods, tally, nowMs }: { pods: readonly Pod[]; tally: Tally; nowMs: number },
): PopulationChange {
  const { active, terminating } = tally
  const leaving = replacesOnlyEnded(job) ? terminating.length : 0
  const wanted = wantedActive(job, tally)
  const missing = wanted - active.length - leaving
  const first = useless(job, tally, nowMs)
  const others = active.filter((pod) => !first.includes(pod))
  const remove = [...first, ...surplusOf(others, Math.max(0, -missing - first.length), { nowMs })]
  if (remove.length > 0) return { remove: remove.slice(0, BURST_MAX), create: [] }
  if (missing <= 0) return NONE
  const count = Math.min(missing, BURST_MAX)
  if (hasLimitPerIndex(job)) return createPerIndex(job, tally, { count, nowMs })
  const waitMs = backOffRemainingMs(pods, nowMs)
  if (waitMs > 0) return { ...NONE, waitMs }
  if (isIndexed(job)) return { remove: [], create: openIndexes(job, tally, count).map((index) => ({ index })) }
  return { remove: [], create: Array.from({ length: count }, () => ({})) }
}
