import t from 'tap'
import { cronJob as kind } from '../../../shared/api/cron-job.ts'
import { created, row, shown } from '../../support/kind-objects.ts'

const jobTemplate = (spec: object = {}) => ({
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] } }, ...spec },
})
const cronJob = (spec: object = {}, name = 'cron') =>
  created(kind, { metadata: { name }, spec: { schedule: '*/5 * * * *', jobTemplate: jobTemplate(), ...spec } })
const errorsOf = (...args: Parameters<typeof cronJob>) => {
  const object = cronJob(...args)
  return shown([...kind.validate(object), ...(kind.validateCreate?.(object) ?? [])])
}

t.test('defaults', async (t) => {
  const { spec, status } = cronJob()
  t.match(spec, {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  })
  const { template, ...others } = spec.jobTemplate.spec
  t.same(others, {}, 'jobs get their defaults when they are made')
  t.equal(template.spec.dnsPolicy, 'ClusterFirst', 'their pods have them')
  t.same(status, {})
  t.same(errorsOf(), [])
})

t.test('validation', async (t) => {
  const rows: [title: string, spec: object, wanted: string[]][] = [
    ['no schedule', { schedule: undefined }, ['spec.schedule: Required value']],
    [
      'a zone in the schedule',
      { schedule: 'TZ=UTC 0 * * * *' },
      [
        'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
      ],
    ],
    ['a zone', { timeZone: 'Europe/Berlin' }, []],
    ['an old name of a zone', { timeZone: 'US/Eastern' }, []],
    ['no zone', { timeZone: '' }, ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string']],
    [
      'an unknown zone',
      { timeZone: 'Mars/Base' },
      ['spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base'],
    ],
    ['an offset', { timeZone: '+01' }, ['spec.timeZone: Invalid value: "+01": unknown time zone +01']],
    [
      'the zone of the machine',
      { timeZone: 'local' },
      [
        'spec.timeZone: Invalid value: "local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
      ],
    ],
    [
      'numbers and choices',
      {
        startingDeadlineSeconds: -1,
        concurrencyPolicy: 'Maybe',
        successfulJobsHistoryLimit: -1,
        failedJobsHistoryLimit: -1,
      },
      [
        'spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
        'spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"',
        'spec.successfulJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
        'spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
      ],
    ],
    [
      'a selector of its own',
      { jobTemplate: jobTemplate({ manualSelector: true, selector: {}, completions: -1 }) },
      [
        'spec.jobTemplate.spec.completions: Invalid value: -1: must be greater than or equal to 0',
        'spec.jobTemplate.spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string(nil), ' +
          'MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: `selector` will be auto-generated',
        'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
      ],
    ],
    [
      'nothing to run',
      { jobTemplate: undefined },
      [
        'spec.jobTemplate.spec.template.spec.containers: Required value',
        'spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
      ],
    ],
  ]
  for (const [title, spec, wanted] of rows) t.same(errorsOf(spec), wanted, title)
  const long = 'x'.repeat(53)
  t.same(errorsOf({}, long), [`metadata.name: Invalid value: "${long}": must be no more than 52 characters`])
})

t.test('a zone that was known may stay', async (t) => {
  const old = cronJob({ timeZone: 'Mars/Base' })
  t.same(kind.validateUpdate?.(cronJob({ timeZone: 'Mars/Base', suspend: true }), old), [])
  t.equal(kind.validateUpdate?.(cronJob({ timeZone: 'Mars/Other' }), old).length, 1)
})

t.test('columns', async (t) => {
  const object = cronJob({ timeZone: 'Asia/Tokyo', suspend: true })
  t.same(row(kind, object), {
    Name: 'cron',
    Schedule: '*/5 * * * *',
    Timezone: 'Asia/Tokyo',
    Suspend: 'True',
    Active: 0,
    'Last Schedule': '<none>',
    Age: '<unknown>',
    Containers: 'main',
    Images: 'busybox',
    Selector: '<none>',
  })
  object.status = { active: [{ kind: 'Job', name: 'cron-1' }], lastScheduleTime: '1970-01-01T00:00:00Z' }
  t.match(row(kind, object, 90_000), { Active: 1, 'Last Schedule': '90s' })
})
