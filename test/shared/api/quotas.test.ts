import t from 'tap'
import { limitRange } from '../../../shared/api/limit-range.ts'
import { podTemplate } from '../../../shared/api/pod-template-kind.ts'
import { resourceQuota } from '../../../shared/api/resource-quota.ts'
import { created, decoded, row, shown } from '../../support/kind-objects.ts'

const metadata = { name: 'small' }

t.test('LimitRange', async (t) => {
  const made = (...limits: object[]) => created(limitRange, { metadata, spec: { limits } })
  t.same(made({ type: 'Container', max: { cpu: '2' }, min: { cpu: '1', memory: '1Mi' } }).spec.limits, [
    {
      type: 'Container',
      max: { cpu: '2' },
      min: { cpu: '1', memory: '1Mi' },
      default: { cpu: '2' },
      defaultRequest: { cpu: '2', memory: '1Mi' },
    },
  ])
  const rows: [limits: object[], wanted: string[]][] = [
    [[{ type: 'Container', default: { cpu: '500m' } }], []],
    [
      [
        { type: 'Pod', max: { cpu: '1' } },
        { type: 'Pod', max: { cpu: '1' } },
      ],
      ['spec.limits[1].type: Duplicate value: "Pod"'],
    ],
    [
      [{ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } }],
      ['spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1'],
    ],
    [
      [{ type: 'Pod', default: { cpu: '1' } }],
      ["spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"],
    ],
    [
      [{ type: 'Pod', maxLimitRequestRatio: { cpu: '500m' } }],
      ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1'],
    ],
    [
      [{ type: 'Container', defaultRequest: { cpu: '2' }, default: { cpu: '1' } }],
      [
        'spec.limits[0].defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than default limit value 1',
      ],
    ],
    [
      [{ type: 'PersistentVolumeClaim' }],
      ['spec.limits[0]: Required value: either minimum or maximum storage value is required, but neither was provided'],
    ],
  ]
  for (const [limits, wanted] of rows)
    t.same(shown(limitRange.validate(made(...limits))), wanted, JSON.stringify(limits))
})

t.test('ResourceQuota', async (t) => {
  const made = (spec: object) => created(resourceQuota, { metadata, spec })
  const rows: [spec: object, wanted: string[]][] = [
    [{ hard: { pods: '10', 'requests.cpu': '1', 'limits.memory': '1Gi', 'count/jobs.batch': '2' } }, []],
    [{ hard: { dogs: '1' } }, ['spec.hard[dogs]: Invalid value: "dogs": must be a standard resource for quota']],
    [{ hard: { pods: '-1' } }, ['spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0']],
    [{ hard: { pods: '500m' } }, ['spec.hard[pods]: Invalid value: "500m": must be an integer']],
    [
      { scopes: ['BestEffort', 'NotBestEffort'] },
      ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
    ],
  ]
  for (const [spec, wanted] of rows) t.same(shown(resourceQuota.validate(made(spec))), wanted, JSON.stringify(spec))
  t.same(shown(resourceQuota.validateUpdate!(made({ scopes: ['BestEffort'] }), made({}))), [
    'spec.scopes: Invalid value: ["BestEffort"]: field is immutable',
  ])
  const counted = decoded(resourceQuota, {
    metadata,
    status: { hard: { pods: '10', 'limits.cpu': '4' }, used: { pods: '3' } },
  })
  t.same(row(resourceQuota, counted), {
    Name: 'small',
    Request: 'pods: 3/10',
    Limit: 'limits.cpu: 0/4',
    Age: '<unknown>',
  })
})

t.test('PodTemplate', async (t) => {
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'a', image: 'b' }] } }
  const made = created(podTemplate, { metadata, template })
  t.same(shown(podTemplate.validate(made)), [])
  t.same(row(podTemplate, made), { Name: 'small', Containers: 'a', Images: 'b', 'Pod Labels': 'app=web' })
  t.same(shown(podTemplate.validate(created(podTemplate, { metadata }))), ['template.spec.containers: Required value'])
})
