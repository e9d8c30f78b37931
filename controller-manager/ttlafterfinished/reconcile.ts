/** When a finished Job is to be deleted. Pure. */
import type { Job } from '../../shared/api/job/job.ts'
import { DONE, type Plan } from '../../shared/controller/plan.ts'
import { jobFinish } from '../job/conditions.ts'

export type TtlAction = { do: 'deleteJob' }

/** A Job without `ttlSecondsAfterFinished`, or one that is not over, stays. */
export function reconcileTtl(job: Job, nowMs: number): Plan<TtlAction> {
  const { ttlSecondsAfterFinished } = job.spec
  const finish = jobFinish(job)
  if (ttlSecondsAfterFinished === undefined || finish === undefined) return DONE
  if (job.metadata.deletionTimestamp !== undefined) return DONE
  // Every finished Job says when it finished; one that does not is never deleted, rather than at once.
  if (finish.lastTransitionTime === undefined) return DONE
  const leftMs = Date.parse(finish.lastTransitionTime) + ttlSecondsAfterFinished * 1_000 - nowMs
  return leftMs > 0 ? { actions: [], requeueAfterMs: leftMs } : { actions: [{ do: 'deleteJob' }] }
}
