import { parseScheduleSyntax } from '../cron-syntax.ts'
import { type FieldError, invalid, invalidShown, notSupported, required } from '../field-errors.ts'
import { age, ageColumn, nameColumn } from './columns.ts'
import { JobTemplateJobSpec } from './job/job-spec.ts'
import { validateJobSpec } from './job/validate-job-spec.ts'
import type { Kind } from './kind.ts'
import { TemplateMeta, typeMeta } from './meta.ts'
import { ObjectReference } from './object-reference.ts'
import { isNotNegative, isSetToOneOf } from './pod/validation/rules.ts'
import { templateDefaults, templateWarnings } from './pod-template.ts'
import { boolean, choice, field, int32, int64, list, object, type Static, text, time } from './schema.ts'
import { validateTimeZone } from './validate-time-zone.ts'
import { containerColumns, selectorColumn, shownSelector } from './workload/columns.ts'
import { batchModel } from './workload/models.ts'
import { showLabelSelector } from './workload/selector.ts'

const JobTemplateSpec = object(
  batchModel('JobTemplateSpec'),
  'What the jobs are made from.',
  {
    metadata: field(TemplateMeta, 'Labels and annotations of the jobs.', { default: {} }),
    spec: field(JobTemplateJobSpec, 'What the jobs do.', { default: {} }),
  },
  { required: ['metadata', 'spec'] },
)
export type JobTemplateSpec = Static<typeof JobTemplateSpec>

const POLICIES = ['Allow', 'Forbid', 'Replace'] as const

const CronJobSpec = object(
  batchModel('CronJobSpec'),
  'What is run, and when.',
  {
    schedule: text(
      'When jobs are started: minute, hour, day of month, month, day of week, or a shorthand such as `@daily`.',
    ),
    timeZone: text('Time zone of the schedule, such as `Europe/Berlin`. Default: that of the controller, UTC.'),
    startingDeadlineSeconds: int64('Seconds by which a job may be late; later, it is left out. Default: no limit.'),
    concurrencyPolicy: choice(
      'What happens when a job is due and the one before is still running: both run (Allow), the new one is left out (Forbid), or the old one is ended (Replace).',
      POLICIES,
      { default: 'Allow' },
    ),
    suspend: boolean('Whether no more jobs are started; those that run go on.', { default: false }),
    jobTemplate: field(JobTemplateSpec, 'What the jobs are made from.', { default: {} }),
    successfulJobsHistoryLimit: int32('Completed jobs that are kept.', { default: 3 }),
    failedJobsHistoryLimit: int32('Failed jobs that are kept.', { default: 1 }),
  },
  {
    required: [
      'schedule',
      'concurrencyPolicy',
      'suspend',
      'jobTemplate',
      'successfulJobsHistoryLimit',
      'failedJobsHistoryLimit',
    ],
  },
)

const CronJobStatus = object(batchModel('CronJobStatus'), 'What has been run.', {
  active: list(ObjectReference, 'Jobs that are running.', { type: 'atomic' }),
  lastScheduleTime: time('When a job was started the last time, by the schedule.'),
  lastSuccessfulTime: time('When a job was completed the last time.'),
})
export type CronJobStatus = Static<typeof CronJobStatus>

const schema = object(
  batchModel('CronJob'),
  'Runs a job at times of a schedule.',
  {
    ...typeMeta,
    spec: field(CronJobSpec, 'What is run, and when.', { default: {} }),
    status: field(CronJobStatus, 'What has been run.', { default: {} }),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec', 'status'] },
)
export type CronJob = Static<typeof schema>

/** The names of jobs are the CronJob's with a dash and ten digits. */
const NAME_LENGTH_MAX = 52

function validateSchedule(schedule: string | undefined): FieldError[] {
  const path = 'spec.schedule'
  if (!schedule) return [required(path)]
  const syntax = parseScheduleSyntax(schedule)
  const errors = typeof syntax === 'string' ? [invalid(path, schedule, syntax)] : []
  if (schedule.includes('TZ'))
    errors.push(invalid(path, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'))
  return errors
}

/** Jobs get their selectors when they are made. */
function validateTemplate({ spec }: JobTemplateSpec): FieldError[] {
  const path = 'spec.jobTemplate.spec'
  const errors = validateJobSpec(spec, path)
  if (spec.selector !== undefined)
    errors.push(invalidShown(`${path}.selector`, showLabelSelector(spec.selector), '`selector` will be auto-generated'))
  if (spec.manualSelector) errors.push(notSupported(`${path}.manualSelector`, true, ['nil', 'false']))
  return errors
}

const validate = ({ spec }: CronJob): FieldError[] => [
  ...validateSchedule(spec.schedule),
  ...isNotNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds),
  ...isSetToOneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, POLICIES),
  ...validateTemplate(spec.jobTemplate),
  ...isNotNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
  ...isNotNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
]

const validateCreate = ({ metadata: { name }, spec }: CronJob): FieldError[] => [
  ...validateTimeZone(spec.timeZone, 'spec.timeZone'),
  ...(name.length > NAME_LENGTH_MAX
    ? [invalid('metadata.name', name, `must be no more than ${NAME_LENGTH_MAX} characters`)]
    : []),
]

export const cronJob: Kind<CronJob> = {
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  singular: 'cronjob',
  shortNames: ['cj'],
  categories: ['all'],
  namespaced: true,
  schema,
  hasStatus: true,
  hasGeneration: true,
  warningsOnCreate: ({ spec }) => templateWarnings(spec.jobTemplate.spec.template),
  defaults: ({ spec }) => templateDefaults(spec.jobTemplate.spec.template),
  prepareForCreate: (object) => {
    object.status = {}
  },
  validate,
  validateCreate,
  // A zone that was known once may stay, though the tables of zones have changed.
  validateUpdate: ({ spec }, old) =>
    spec.timeZone === old.spec.timeZone ? [] : validateTimeZone(spec.timeZone, 'spec.timeZone'),
  columns: [
    nameColumn,
    { name: 'Schedule', type: 'string', description: 'When jobs are started.', cell: ({ spec }) => spec.schedule },
    {
      name: 'Timezone',
      type: 'string',
      description: 'Time zone of the schedule.',
      cell: ({ spec }) => spec.timeZone ?? '<none>',
    },
    {
      name: 'Suspend',
      type: 'boolean',
      description: 'Whether no more jobs are started.',
      cell: ({ spec }) => (spec.suspend ? 'True' : 'False'),
    },
    {
      name: 'Active',
      type: 'integer',
      description: 'Number of jobs that are running.',
      cell: ({ status }) => status.active?.length ?? 0,
    },
    {
      name: 'Last Schedule',
      type: 'string',
      description: 'Time since a job was started.',
      cell: ({ status }, nowMs) =>
        status.lastScheduleTime === undefined ? '<none>' : age(status.lastScheduleTime, nowMs),
    },
    ageColumn,
    ...containerColumns<CronJob>(({ spec }) => spec.jobTemplate.spec.template),
    selectorColumn<CronJob>(({ spec }) => shownSelector(spec.jobTemplate.spec.selector)),
  ],
}
