/** What brings a Job forward by one step. Pure. */
import type { Job, JobStatus } from '../../shared/api/job/job.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { planClaims } from '../../shared/controller/controller-refs.ts'
import { DONE, type Plan } from '../../shared/controller/plan.ts'
import { matchesSelector, type Selector } from '../../shared/labels.ts'
import { isJobFinished } from './conditions.ts'
import { isTracked } from './job-pod.ts'
import type { PodRequest } from './pod-from-template.ts'
import { planPopulation } from './population.ts'
import { type JobEvent, jobStatus, statusPatch } from './status.ts'
import { type Tally, tallyPods } from './tally.ts'
import { releasable } from './tracking.ts'
import { COMPLETIONS_REACHED, isCompleted, reachVerdict } from './verdict.ts'

export type JobAction =
  /** Makes the Job the pods' controller. */
  | { do: 'adoptPods'; pods: readonly Pod[] }
  /** Leaves the pods to themselves. */
  | { do: 'releasePods'; pods: readonly Pod[] }
  /** Deletes pods that the Job does not want any more; they count neither as failed nor as succeeded. */
  | { do: 'withdrawPods'; pods: readonly Pod[] }
  /** Deletes the pods of a Job that has come to its end; they count as failed. */
  | { do: 'deletePods'; pods: readonly Pod[] }
  | { do: 'createPods'; requests: readonly PodRequest[] }
  /** Writes the status, and tells of it when it is written. */
  | { do: 'updateStatus'; status: JobStatus; events: readonly JobEvent[] }
  /** Lets go of pods that the stored status has noted down, or that need no note. */
  | { do: 'removeFinalizers'; pods: readonly Pod[] }

export interface JobWorld {
  selector: Selector
  /** The Job's pods and those without a controller in its namespace. */
  candidates: readonly Pod[]
  /** Whether the candidates show everything that was done for this Job before. Otherwise pods are claimed and no more. */
  isCacheFresh: boolean
  /** False: creating or deleting has just failed; what does not depend on it is done all the same. Default: true. */
  maySetPopulation?: boolean
  nowMs: number
}

/** What the Job's pods, not to be counted any more, are let go for: nothing but their own end. */
const letGo = (pods: readonly Pod[]): JobAction[] => {
  const tracked = pods.filter(isTracked)
  return tracked.length === 0 ? [] : [{ do: 'removeFinalizers', pods: tracked }]
}

/** How long the Job may still run; undefined: for ever, or its time does not run. */
function remainingMs(job: Job, nowMs: number): number | undefined {
  const { activeDeadlineSeconds, suspend } = job.spec
  const { startTime } = job.status
  if (activeDeadlineSeconds === undefined || suspend) return undefined
  const startMs = startTime === undefined ? nowMs : Date.parse(startTime)
  return startMs + activeDeadlineSeconds * 1_000 - nowMs
}

export function reconcileJob(job: Job, world: JobWorld): Plan<JobAction> {
  const { selector, candidates, isCacheFresh } = world
  const { owned, adopt, release } = planClaims(job, candidates, ({ metadata }) =>
    matchesSelector(selector, metadata.labels),
  )
  if (isJobFinished(job)) return { actions: letGo(owned) }
  const claims: JobAction[] = []
  if (adopt.length > 0) claims.push({ do: 'adoptPods', pods: adopt })
  if (release.length > 0) claims.push({ do: 'releasePods', pods: release })
  if (job.metadata.deletionTimestamp !== undefined) return { actions: letGo(owned) }
  if (!isCacheFresh) return { ...DONE, actions: claims }
  // An adopted pod has no finalizer yet: it is looked at when the cache shows it as the Job's own.
  if (adopt.length > 0) return { actions: claims }
  const { actions, ...rest } = advance(job, owned, world)
  return { actions: [...claims, ...actions], ...rest }
}

/** The step of a Job that is under way, with pods that are all its own. */
function advance(job: Job, pods: readonly Pod[], { maySetPopulation = true, nowMs }: JobWorld): Plan<JobAction> {
  const tally = tallyPods(job, pods)
  const leftMs = remainingMs(job, nowMs)
  let verdict = reachVerdict(job, { pods, tally, remainingMs: leftMs })
  const actions: JobAction[] = []
  let change: { removed: readonly Pod[]; created: number } | undefined
  let waitMs: number | undefined
  if (maySetPopulation) {
    const population = verdict === undefined ? planPopulation(job, { pods, tally, nowMs }) : stop(tally)
    change = { removed: population.remove, created: population.create.length }
    waitMs = population.waitMs
    if (population.remove.length > 0)
      actions.push({ do: verdict === undefined ? 'withdrawPods' : 'deletePods', pods: population.remove })
    if (population.create.length > 0) actions.push({ do: 'createPods', requests: population.create })
    const active = tally.active.length - change.removed.length + change.created
    if (verdict === undefined && isCompleted(job, tally.succeeded, active)) verdict = COMPLETIONS_REACHED
  }
  const { status, events } = jobStatus(job, { pods, tally, verdict, change, nowMs })
  if (statusPatch(job.status, status) !== undefined) actions.push({ do: 'updateStatus', status, events })
  const done = releasable(job, { pods, tally, isEnding: verdict !== undefined })
  if (done.length > 0) actions.push({ do: 'removeFinalizers', pods: done })
  const waits = [waitMs, verdict === undefined ? leftMs : undefined].filter((wait) => wait !== undefined)
  return { actions, ...(waits.length > 0 && { requeueAfterMs: Math.min(...waits) }) }
}

/** A Job that ends needs no pod any more. */
const stop = ({ active }: Tally) => ({ remove: active, create: [], waitMs: undefined })
