import { LabelSelector } from '../meta.ts'
import { MAX_INT32 } from '../pod/validation/rules.ts'
import { PodTemplateSpec } from '../pod-template.ts'
import { boolean, choice, field, int32, int64, object, type Static, type TUnsafe, text } from '../schema.ts'
import { batchModel } from '../workload/models.ts'
import { PodFailurePolicy } from './pod-failure-policy.ts'
import { SuccessPolicy } from './success-policy.ts'

const DEFAULT_BACKOFF_LIMIT = 6

export const JobSpec = object(
  batchModel('JobSpec'),
  'What has to be run to its end, and how often.',
  {
    // Comes before `parallelism`, by whose absence its default is decided.
    completions: int32(
      'Number of pods that have to succeed. Default: 1, if `parallelism` is left out too; otherwise the job is done when one pod has succeeded and the others have ended.',
      { default: ({ parallelism }) => (parallelism === undefined ? 1 : undefined) },
    ),
    parallelism: int32('Most pods that run at the same time; 0 pauses the job.', {
      default: () => 1,
    }),
    activeDeadlineSeconds: int64('Seconds after which the job has failed, from its start.'),
    podFailurePolicy: field(
      PodFailurePolicy,
      'Which failures of pods end the job, and which do not count. Cannot be changed.',
    ),
    successPolicy: field(SuccessPolicy, 'When the job is done before all its indexes are. Cannot be changed.'),
    backoffLimit: int32(
      'Failed pods after which the job has failed. Default: 6; unlimited with `backoffLimitPerIndex`.',
      {
        default: ({ backoffLimitPerIndex }) => (backoffLimitPerIndex === undefined ? DEFAULT_BACKOFF_LIMIT : MAX_INT32),
      },
    ),
    backoffLimitPerIndex: int32(
      'Failed pods after which an index of an indexed job has failed, while the others go on. Cannot be changed.',
    ),
    maxFailedIndexes: int32('Failed indexes beyond which the whole job has failed. Default: no limit.'),
    selector: field(LabelSelector, 'Which pods belong to the job. Made by the server; cannot be changed.'),
    manualSelector: boolean('The client chooses selector and labels itself, and sees to it that they are unique.', {
      default: false,
    }),
    template: field(PodTemplateSpec, 'What the pods are made from; their restart policy is Never or OnFailure.', {
      default: {},
    }),
    ttlSecondsAfterFinished: int32('Seconds after its end when the job is deleted. Default: it stays.'),
    completionMode: choice(
      'Whether any pods have to succeed (NonIndexed), or one for each index from 0 to `completions` - 1 (Indexed), which the pod learns from `JOB_COMPLETION_INDEX`. Cannot be changed.',
      ['NonIndexed', 'Indexed'],
      { default: 'NonIndexed' },
    ),
    suspend: boolean('Whether the job is paused: it has no pods then, and its deadline does not run.', {
      default: false,
    }),
    podReplacementPolicy: choice(
      'When a pod is replaced: when it is being deleted or has failed (TerminatingOrFailed), or when it has ended (Failed), the default and only choice with a `podFailurePolicy`.',
      ['Failed', 'TerminatingOrFailed'],
      { default: ({ podFailurePolicy }) => (podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed') },
    ),
    managedBy: text(
      'Controller that runs the job, as a domain and a path. Default: the built-in one, `kubernetes.io/job-controller`. Cannot be changed.',
    ),
  },
  {
    required: [
      'parallelism',
      'backoffLimit',
      'selector',
      'manualSelector',
      'template',
      'completionMode',
      'suspend',
      'podReplacementPolicy',
    ],
  },
)
export type JobSpec = Static<typeof JobSpec>

/** What a job is to do in the template of a CronJob, where nothing but the template of the pods has defaults. */
export type JobTemplateJobSpec = Partial<JobSpec> & Pick<JobSpec, 'template'>

/** The fields of `JobSpec` as they are, without its defaults: jobs get those when they are made from the template. */
export const JobTemplateJobSpec = {
  ...JobSpec,
  required: ['template'],
  properties: Object.fromEntries(
    Object.entries(JobSpec.properties).map(([name, schema]) => [
      name,
      name === 'template' ? schema : { ...schema, 'x-default': undefined },
    ]),
  ),
} as unknown as TUnsafe<JobTemplateJobSpec>
