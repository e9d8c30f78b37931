import { field, int32, list, object, type Static, text, time } from '../schema.ts'
import { conditionFields } from '../workload/conditions.ts'
import { batchModel } from '../workload/models.ts'

const JobCondition = object(
  batchModel('JobCondition'),
  'One aspect of a job’s current state.',
  {
    ...conditionFields('Suspended, SuccessCriteriaMet, FailureTarget, Complete or Failed'),
    lastProbeTime: time('When the condition was last checked.'),
  },
  { required: ['type', 'status'] },
)
export type JobCondition = Static<typeof JobCondition>

const podUids = (description: string) => list(text('UID of a pod.'), description, { type: 'set' })

const UncountedTerminatedPods = object(
  batchModel('UncountedTerminatedPods'),
  'Pods that have ended and are not in the counts of the status yet: they are counted when their finalizer is gone.',
  { succeeded: podUids('Pods that have succeeded.'), failed: podUids('Pods that have failed.') },
)
export type UncountedTerminatedPods = Static<typeof UncountedTerminatedPods>

export const JobStatus = object(batchModel('JobStatus'), 'How far a job has come.', {
  conditions: list(
    JobCondition,
    'How the job stands; Complete or Failed ends it for ever.',
    // Upstream merges the conditions under strategic patches, and takes them as one value under apply.
    { type: 'atomic', patch: 'merge', mergeKey: 'type' },
  ),
  startTime: time('When the job was started, or resumed the last time.'),
  completionTime: time('When it was completed; only set for a job that has succeeded.'),
  active: int32('Number of pods that run or wait, and are not being deleted.'),
  succeeded: int32('Number of pods that have succeeded.'),
  failed: int32('Number of pods that have failed.'),
  terminating: int32('Number of pods that are being deleted and have not ended.'),
  completedIndexes: text('Indexes that have succeeded, as numbers and ranges such as `1,3-5,7`.'),
  failedIndexes: text('Indexes that have failed, in the same form; only with `backoffLimitPerIndex`.'),
  uncountedTerminatedPods: field(UncountedTerminatedPods, 'Pods that have ended and have yet to be counted.'),
  ready: int32('Number of active pods that are ready.'),
})
export type JobStatus = Static<typeof JobStatus>
