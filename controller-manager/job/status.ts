/** What a Job reports, and tells as events when it changes. Pure. */
import { isDeepStrictEqual } from 'node:util'
import type { Job, JobCondition, JobStatus } from '../../shared/api/job/job.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { toTime } from '../../shared/clock.ts'
import { withCondition } from './conditions.ts'
import { isTracked } from './job-pod.ts'
import { readyOf, type Tally } from './tally.ts'
import { recordEnded } from './tracking.ts'
import type { Verdict } from './verdict.ts'

export interface JobEvent {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}

export interface StatusWorld {
  pods: readonly Pod[]
  tally: Tally
  verdict: Verdict | undefined
  /** Pods that will have been deleted and created by the time the status is written; undefined: that cannot be told. */
  change: { removed: readonly Pod[]; created: number } | undefined
  nowMs: number
}

export interface StatusChange {
  status: JobStatus
  events: readonly JobEvent[]
}

const isSuspendedBefore = ({ status }: Job) =>
  status.conditions?.some(({ type, status }) => type === 'Suspended' && status === 'True') === true

function countsNow({ tally, change }: StatusWorld, { status }: Job) {
  if (change === undefined) {
    return { active: status.active ?? 0, ready: status.ready ?? 0, terminating: status.terminating ?? 0 }
  }
  const { removed, created } = change
  return {
    active: tally.active.length - removed.length + created,
    ready: readyOf(tally.active) - readyOf(removed),
    terminating: tally.terminating.length + removed.length,
  }
}

/** The condition that ends the Job, once nothing of it runs and everything is counted. */
function ending({ verdict, change, pods }: StatusWorld, counts: Pick<JobStatus, 'active' | 'terminating'>) {
  if (verdict === undefined || change === undefined) return undefined
  const isQuiet = counts.active === 0 && counts.terminating === 0 && !pods.some(isTracked)
  if (!isQuiet) return undefined
  return { ...verdict, type: verdict.type === 'FailureTarget' ? ('Failed' as const) : ('Complete' as const) }
}

function endEvents(job: Job, end: NonNullable<ReturnType<typeof ending>>, succeeded: number): JobEvent[] {
  if (end.type === 'Failed') return [{ type: 'Warning', reason: end.reason, message: end.message }]
  const events: JobEvent[] = [{ type: 'Normal', reason: 'Completed', message: 'Job completed' }]
  if (job.spec.completions === undefined || succeeded <= job.spec.completions) return events
  const message = 'Too many succeeded pods running after completion count reached'
  return [{ type: 'Warning', reason: 'TooManySucceededPods', message }, ...events]
}

const SUSPENDED = { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' }
const RESUMED = { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' }

/** The suspension as it is now, and the event that tells of its change. */
function suspension(job: Job, conditions: readonly JobCondition[], nowMs: number) {
  const isChanged = job.spec.suspend !== isSuspendedBefore(job)
  if (!isChanged) return { conditions: [...conditions], events: [] }
  const condition = job.spec.suspend ? SUSPENDED : RESUMED
  const event: JobEvent = {
    type: 'Normal',
    reason: job.spec.suspend ? 'Suspended' : 'Resumed',
    message: condition.message,
  }
  return { conditions: withCondition(conditions, condition, nowMs), events: [event] }
}

/** The status that the Job should have. Counts of zero and empty texts are absent; `ready` and `terminating` never are. */
export function jobStatus(job: Job, world: StatusWorld): StatusChange {
  const { verdict, nowMs } = world
  const counts = countsNow(world, job)
  const ended = recordEnded(job, { ...world, isEnding: verdict !== undefined })
  const { succeeded = 0, failed = 0, completedIndexes = '', failedIndexes, uncountedTerminatedPods } = ended
  const { succeeded: noted = [], failed: notedFailed = [] } = uncountedTerminatedPods ?? {}

  const before = job.status.conditions ?? []
  let { conditions, events }: { conditions: JobCondition[]; events: JobEvent[] } =
    verdict === undefined ? suspension(job, before, nowMs) : { conditions: [...before], events: [] }
  if (verdict !== undefined) conditions = withCondition(conditions, verdict, nowMs)
  const end = noted.length + notedFailed.length === 0 ? ending(world, counts) : undefined
  if (end !== undefined) {
    conditions = withCondition(conditions, end, nowMs)
    events = endEvents(job, end, succeeded)
  }
  // The time of a suspended Job does not run: it begins anew when the Job goes on.
  const isRunning = !job.spec.suspend || end !== undefined
  const startTime = isRunning ? (job.status.startTime ?? toTime(nowMs)) : undefined

  const status: JobStatus = {
    ...(conditions.length > 0 && { conditions }),
    ...(startTime !== undefined && { startTime }),
    ...(end?.type === 'Complete' && { completionTime: toTime(nowMs) }),
    ...(counts.active > 0 && { active: counts.active }),
    ...(succeeded > 0 && { succeeded }),
    ...(failed > 0 && { failed }),
    terminating: counts.terminating,
    ...(completedIndexes !== '' && { completedIndexes }),
    ...(failedIndexes !== undefined && { failedIndexes }),
    uncountedTerminatedPods: {
      ...(noted.length > 0 && { succeeded: noted }),
      ...(notedFailed.length > 0 && { failed: notedFailed }),
    },
    ready: counts.ready,
  }
  return { status, events }
}

/** The merge patch that turns one status into another; undefined where nothing differs. */
export function statusPatch(before: JobStatus, after: JobStatus): Record<string, unknown> | undefined {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof JobStatus>
  const changes: Record<string, unknown> = {}
  for (const field of fields) {
    if (isDeepStrictEqual(before[field], after[field])) continue
    changes[field] = after[field] ?? null
  }
  if (changes.uncountedTerminatedPods !== undefined) {
    const { succeeded = null, failed = null } = after.uncountedTerminatedPods ?? {}
    changes.uncountedTerminatedPods = { succeeded, failed }
  }
  return Object.keys(changes).length === 0 ? undefined : changes
}
