/**
 * Validation of a job's status. The job may be managed by a controller of somebody else (`spec.managedBy`): what clients
 * rely upon, such as a job that has ended staying so, is held here. A rule counts when what it speaks of has changed.
 */
import { duplicate, type FieldError, invalid, invalidWithoutValue, required } from '../../field-errors.ts'
import { forEach } from '../pod/validation/rules.ts'
import { sameSpec } from '../pod/validation/same-spec.ts'
import { validateCounts } from '../workload/replica-counts.ts'
import { commonIndex, type IndexRange, parseIndexes } from './indexes.ts'
import type { Job } from './job.ts'
import type { JobStatus } from './job-status.ts'

type ConditionType = 'Complete' | 'Failed' | 'FailureTarget' | 'SuccessCriteriaMet'

const has = ({ conditions = [] }: JobStatus, type: ConditionType) =>
  conditions.some((condition) => condition.type === type && condition.status === 'True')

const isFinished = (status: JobStatus) => has(status, 'Complete') || has(status, 'Failed')

/** A new status beside the old one. */
interface Change {
  job: Job
  status: JobStatus
  old: JobStatus
  /** Whether one of the fields or conditions has changed, or whether the job has finished. */
  isChanged(...parts: (keyof JobStatus | ConditionType | 'finished')[]): boolean
}

function changeOf(job: Job, { status: old }: Job): Change {
  const { status } = job
  const isPartChanged = (part: keyof JobStatus | ConditionType | 'finished') => {
    if (part === 'finished') return isFinished(status) !== isFinished(old)
    if (part === 'Complete' || part === 'Failed' || part === 'FailureTarget' || part === 'SuccessCriteriaMet')
      return has(status, part) !== has(old, part)
    // An empty text is another value than none: lists of failed indexes are behind a pointer upstream.
    return typeof status[part] === 'object' ? !sameSpec(status[part], old[part]) : status[part] !== old[part]
  }
  return { job, status, old, isChanged: (...parts) => parts.some(isPartChanged) }
}

const COUNTS = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const

function validateUncounted({ uncountedTerminatedPods: uncounted = {} }: JobStatus): FieldError[] {
  const seen = new Set<string>()
  const judge = (uid: string, path: string): FieldError[] => {
    if (uid === '') return [invalid(path, uid, 'must not be empty')]
    if (seen.has(uid)) return [duplicate(path, uid)]
    seen.add(uid)
    return []
  }
  const path = 'status.uncountedTerminatedPods'
  return [
    ...forEach(uncounted.succeeded, `${path}.succeeded`, judge),
    ...forEach(uncounted.failed, `${path}.failed`, judge),
  ]
}

/** Pairs of conditions of which only one may be true, and the sentence that says so. */
const EXCLUSIVE: readonly [ConditionType, ConditionType, string][] = [
  ['Complete', 'Failed', 'cannot set Complete=True and Failed=true conditions'],
  ['Complete', 'FailureTarget', 'cannot set Complete=True and FailureTarget=true conditions'],
  ['SuccessCriteriaMet', 'Failed', 'cannot set SuccessCriteriaMet=True and Failed=true conditions'],
  ['SuccessCriteriaMet', 'FailureTarget', 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'],
]

/** Conditions that end a job, and those that must have announced the end. */
const ANNOUNCED: readonly [ConditionType, ConditionType, string][] = [
  ['Failed', 'FailureTarget', 'cannot set Failed=True condition without the FailureTarget=true condition'],
  [
    'Complete',
    'SuccessCriteriaMet',
    'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
  ],
]

const FINAL: readonly ConditionType[] = ['Failed', 'Complete', 'FailureTarget']

function validateConditions({ status, old, isChanged }: Change): FieldError[] {
  const details: string[] = []
  for (const [one, other, detail] of EXCLUSIVE)
    if (isChanged(one, other) && has(status, one) && has(status, other)) details.push(detail)
  for (const [end, announcement, detail] of ANNOUNCED)
    if (isChanged(end, announcement) && has(status, end) && !has(status, announcement)) details.push(detail)
  for (const type of FINAL)
    if (has(old, type) && !has(status, type)) details.push(`cannot disable the terminal ${type}=True condition`)
  if (has(old, 'SuccessCriteriaMet') && !has(status, 'SuccessCriteriaMet'))
    details.push('cannot disable the SuccessCriteriaMet=True condition')
  return details.map((detail) => invalidWithoutValue('status.conditions', detail))
}

function validateTimes({ job, status, old, isChanged }: Change): FieldError[] {
  const errors: FieldError[] = []
  const { startTime, completionTime } = status
  const isComplete = has(status, 'Complete')
  const refuse = (detail: string) => errors.push(invalid('status.completionTime', completionTime, detail))
  if (isChanged('Complete', 'completionTime')) {
    if (completionTime !== undefined && !isComplete)
      refuse('cannot set completionTime when there is no Complete=True condition')
    if (completionTime === undefined && isComplete)
      errors.push(required('status.completionTime', 'completionTime is required for Complete jobs'))
  }
  if (isChanged('startTime', 'completionTime') && startTime !== undefined && completionTime !== undefined)
    if (Date.parse(completionTime) < Date.parse(startTime)) refuse('completionTime cannot be set before startTime')
  if (isChanged('finished', 'startTime') && startTime === undefined && isFinished(status))
    errors.push(required('status.startTime', 'startTime is required for finished job'))
  if (completionTime !== undefined && old.completionTime !== undefined && isChanged('completionTime'))
    refuse('completionTime cannot be mutated')
  if (old.startTime !== undefined && isChanged('startTime') && !job.spec.suspend)
    errors.push(required('status.startTime', 'startTime cannot be removed for unsuspended job'))
  return errors
}

/** Upstream's rule for jobs with pods that are still at work. */
function validatePods({ job, status, old, isChanged }: Change): FieldError[] {
  const errors: FieldError[] = []
  const { active = 0, ready = 0, terminating = 0, failed = 0, succeeded = 0, uncountedTerminatedPods = {} } = status
  const refuse = (field: string, value: unknown, detail: string) =>
    errors.push(invalid(`status.${field}`, value, detail))
  const finished = isFinished(status)
  if (isChanged('finished', 'active') && finished && active > 0)
    refuse('active', active, 'active>0 is invalid for finished job')
  if (isChanged('finished', 'uncountedTerminatedPods') && finished) {
    const uncounted = [...(uncountedTerminatedPods.succeeded ?? []), ...(uncountedTerminatedPods.failed ?? [])]
    const detail = 'uncountedTerminatedPods needs to be empty for finished job'
    if (uncounted.length > 0) refuse('uncountedTerminatedPods', uncountedTerminatedPods, detail)
  }
  if (isChanged('finished', 'terminating') && finished && terminating > 0)
    refuse('terminating', terminating, 'terminating>0 is invalid for finished job')
  if (isChanged('ready', 'active') && ready > active) refuse('ready', ready, 'cannot set more ready pods than active')
  if (failed < (old.failed ?? 0)) refuse('failed', failed, 'cannot decrease the failed counter')
  // An indexed job that is made smaller forgets the indexes that it has no longer.
  const { completionMode, completions, parallelism } = job.spec
  const mayShrink = completionMode === 'Indexed' && completions === parallelism
  if (!mayShrink && succeeded < (old.succeeded ?? 0))
    refuse('succeeded', succeeded, 'cannot decrease the succeeded counter')
  return errors
}

function validateIndexes({ job: { spec }, status, isChanged }: Change): FieldError[] {
  const errors: FieldError[] = []
  const { completedIndexes = '', failedIndexes } = status
  const refuse = (field: string, value: string, detail: string) =>
    errors.push(invalid(`status.${field}`, value, detail))
  const read = (field: 'completedIndexes' | 'failedIndexes', text: string): readonly IndexRange[] => {
    const parsed = parseIndexes(text, spec.completions ?? 0)
    if (typeof parsed !== 'string') return parsed
    if (isChanged(field)) refuse(field, text, `error parsing ${field}: ${parsed}`)
    return []
  }
  const hasCompletions = spec.completions !== undefined
  const completed = hasCompletions ? read('completedIndexes', completedIndexes) : []
  const hasFailed = failedIndexes !== undefined && spec.backoffLimitPerIndex !== undefined
  const failed = hasCompletions && hasFailed ? read('failedIndexes', failedIndexes) : []
  if (isChanged('completedIndexes') && completedIndexes !== '' && spec.completionMode !== 'Indexed') {
    const detail = 'cannot set non-empty completedIndexes when non-indexed completion mode'
    refuse('completedIndexes', completedIndexes, detail)
  }
  if (isChanged('failedIndexes') && failedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    refuse('failedIndexes', failedIndexes, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null')
  const common = commonIndex(completed, failed)
  if (isChanged('completedIndexes', 'failedIndexes') && common !== undefined)
    refuse('failedIndexes', failedIndexes ?? '', `failedIndexes and completedIndexes overlap at index: ${common}`)
  return errors
}

/** All errors of a write to a job's status. */
export function validateJobStatusUpdate(job: Job, old: Job): FieldError[] {
  const change = changeOf(job, old)
  return [
    ...validateCounts(job.status, COUNTS),
    ...validateUncounted(job.status),
    ...validateConditions(change),
    ...validateTimes(change),
    ...validatePods(change),
    ...validateIndexes(change),
  ]
}
