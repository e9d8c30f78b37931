import { ageColumn, humanDuration, nameColumn } from '../columns.ts'
import type { Column } from '../kind.ts'
import { workloadColumns } from '../workload/columns.ts'
import type { Job } from './job.ts'

const isTrue = ({ status }: Job, type: string): boolean =>
  (status.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True')

/** The state that kubectl shows: what ended the job, or is about to, comes first. */
function stateOf(job: Job): string {
  for (const type of ['Complete', 'Failed']) if (isTrue(job, type)) return type
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating'
  if (isTrue(job, 'Suspended')) return 'Suspended'
  for (const type of ['FailureTarget', 'SuccessCriteriaMet']) if (isTrue(job, type)) return type
  return 'Running'
}

function completionsOf({ spec, status }: Job): string {
  const { succeeded = 0 } = status
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`
  return spec.parallelism > 1 ? `${succeeded}/1 of ${spec.parallelism}` : `${succeeded}/1`
}

/** How long the job ran, or has run; empty for one that has not started. */
function durationOf({ status: { startTime, completionTime } }: Job, nowMs: number): string {
  if (startTime === undefined) return ''
  return humanDuration((completionTime === undefined ? nowMs : Date.parse(completionTime)) - Date.parse(startTime))
}

export const jobColumns: readonly Column<Job>[] = [
  nameColumn,
  { name: 'Status', type: 'string', description: 'How the job stands.', cell: stateOf },
  {
    name: 'Completions',
    type: 'string',
    description: 'Pods that have succeeded, of those that have to.',
    cell: completionsOf,
  },
  { name: 'Duration', type: 'string', description: 'Time from its start to its completion.', cell: durationOf },
  ageColumn,
  ...workloadColumns<Job>(),
]
