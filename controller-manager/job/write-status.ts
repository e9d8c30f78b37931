import type { Job, JobStatus } from '../../shared/api/job/job.ts'
import { jobs as jobResource } from '../../shared/client/resources.ts'
import { type JobEvent, statusPatch } from './status.ts'
import type { JobSyncDeps } from './sync.ts'

/**
 * Writes a Job's status, on the very version from which it was computed: what was counted from an older one would be
 * counted twice. Throws a Conflict where the Job has changed.
 */
export async function writeStatus(
  { client, events: recorder, writtenJobs }: JobSyncDeps,
  job: Job,
  { status, events }: { status: JobStatus; events: readonly JobEvent[] },
): Promise<void> {
  const { name, namespace, resourceVersion, uid } = job.metadata
  const body = { metadata: { resourceVersion, uid }, status: statusPatch(job.status, status) }
  const key = { name, ...(namespace !== undefined && { namespace }) }
  writtenJobs.put(await client.patch(jobResource, key, { type: 'merge', body, subresource: 'status' }))
  for (const { type, reason, message } of events) recorder.event(job, type, reason, message)
}
