import type { CronJob } from '../../shared/api/cron-job.ts'
import type { Job } from '../../shared/api/job/job.ts'
import { jobFinish } from '../job/conditions.ts'

const startedMs = ({ status, metadata }: Job) => Date.parse(status.startTime ?? metadata.creationTimestamp)

function oldest(jobs: readonly Job[], kept: number): Job[] {
  const byAge = jobs.toSorted((a, b) => startedMs(a) - startedMs(b) || (a.metadata.name < b.metadata.name ? -1 : 1))
  return byAge.slice(0, Math.max(0, jobs.length - kept))
}

/** Finished Jobs beyond those that are to be kept: the oldest of the completed and of the failed ones. Pure. */
export function outdatedJobs({ spec }: CronJob, jobs: readonly Job[]): Job[] {
  const finished = (type: 'Complete' | 'Failed') => jobs.filter((job) => jobFinish(job)?.type === type)
  return [
    ...oldest(finished('Failed'), spec.failedJobsHistoryLimit),
    ...oldest(finished('Complete'), spec.successfulJobsHistoryLimit),
  ]
}
