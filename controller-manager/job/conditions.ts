/** The conditions of a Job. Pure. */
import type { Job, JobCondition } from '../../shared/api/job/job.ts'
import { toTime } from '../../shared/clock.ts'

export const jobCondition = ({ status }: Job, type: string): JobCondition | undefined =>
  status.conditions?.find((condition) => condition.type === type && condition.status === 'True')

/** Whether a Job is over, for good or ill. */
export const isJobFinished = (job: Job): boolean => jobFinish(job) !== undefined

/** The condition that says that the Job is over. */
export const jobFinish = (job: Job): JobCondition | undefined =>
  jobCondition(job, 'Complete') ?? jobCondition(job, 'Failed')

/** The conditions with one that holds, or holds no more. One that says so already keeps its time. */
export function withCondition(
  conditions: readonly JobCondition[],
  { type, status = 'True', reason, message }: { type: string; status?: string; reason: string; message: string },
  nowMs: number,
): JobCondition[] {
  if (conditions.some((condition) => condition.type === type && condition.status === status)) return [...conditions]
  const time = toTime(nowMs)
  const condition = { type, status, lastProbeTime: time, lastTransitionTime: time, reason, message }
  const position = conditions.findIndex((known) => known.type === type)
  return position === -1 ? [...conditions, condition] : conditions.with(position, condition)
}
