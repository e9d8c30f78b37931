import { type FieldError, invalid, required } from '../../field-errors.ts'
import type { Kind } from '../kind.ts'
import { typeMeta } from '../meta.ts'
import { validateDnsLabel } from '../names.ts'
import { templateDefaults, templateWarnings } from '../pod-template.ts'
import { field, object, type Static } from '../schema.ts'
import { validateLabelSelector } from '../validate-label-selector.ts'
import { batchModel } from '../workload/models.ts'
import { usableSelector, validateTemplateLabels } from '../workload/selector.ts'
import { generateSelector, validateGeneratedSelector } from './generated-selector.ts'
import { jobColumns } from './job-columns.ts'
import { JobSpec } from './job-spec.ts'
import { JobStatus } from './job-status.ts'
import { validateJobSpec } from './validate-job-spec.ts'
import { validateJobStatusUpdate } from './validate-job-status.ts'
import { validateJobUpdate } from './validate-job-update.ts'

export type { JobSpec } from './job-spec.ts'
export type { JobCondition, JobStatus, UncountedTerminatedPods } from './job-status.ts'
export type { PodFailurePolicy, PodFailurePolicyRule } from './pod-failure-policy.ts'
export type { SuccessPolicy, SuccessPolicyRule } from './success-policy.ts'

const schema = object(
  batchModel('Job'),
  'Runs pods until enough of them have succeeded.',
  {
    ...typeMeta,
    spec: field(JobSpec, 'What has to be run to its end, and how often.', { default: {} }),
    status: field(JobStatus, 'How far the job has come.', { default: {} }),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec', 'status'] },
)
export type Job = Static<typeof schema>

/** A job without labels of its own takes those of its template; it shares the map, so that it gets those to come too. */
function defaults(job: Job): void {
  const { template } = job.spec
  templateDefaults(template)
  if (Object.keys(job.metadata.labels ?? {}).length === 0) job.metadata.labels = template.metadata.labels
}

function validateSelector({ spec: { selector, template } }: Job): FieldError[] {
  const errors = selector === undefined ? [required('spec.selector')] : validateLabelSelector(selector, 'spec.selector')
  const usable = usableSelector(selector)
  return usable === undefined
    ? errors
    : [...errors, ...validateTemplateLabels(template.metadata.labels, usable, 'spec.template')]
}

/** The pods of an indexed job are hosts called after the job and their index: the longest name must fit. */
function validateHostnames({ metadata: { name }, spec: { completionMode, completions = 0 } }: Job): FieldError[] {
  if (completionMode !== 'Indexed' || completions <= 0) return []
  const longest = `${name}-${completions - 1}`
  return validateDnsLabel(longest).length === 0
    ? []
    : [invalid('metadata.name', name, `will not able to create pod with invalid DNS label: ${longest}`)]
}

const validate = (job: Job): FieldError[] => [
  ...validateGeneratedSelector(job),
  ...validateJobSpec(job.spec, 'spec'),
  ...validateSelector(job),
  ...validateHostnames(job),
]

export const job: Kind<Job> = {
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  singular: 'job',
  categories: ['all'],
  namespaced: true,
  schema,
  hasStatus: true,
  hasGeneration: true,
  warningsOnCreate: ({ spec }) => templateWarnings(spec.template),
  // Clients of the time before garbage collection expect pods to stay: a delete that says nothing leaves them.
  orphansByDefault: true,
  defaults,
  prepareForCreate: (object) => {
    generateSelector(object)
    object.status = {}
  },
  validate,
  validateUpdate: validateJobUpdate,
  validateStatusUpdate: validateJobStatusUpdate,
  columns: jobColumns,
  selectableFields: { 'status.successful': ({ status }) => String(status.succeeded ?? 0) },
}
