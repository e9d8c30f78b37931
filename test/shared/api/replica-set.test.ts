import t from 'tap'
import { replicaSet as kind } from '../../../shared/api/replica-set.ts'
import { created, row, shown } from '../../support/kind-objects.ts'
import { podTemplate, workload } from '../../support/workload-objects.ts'

t.test('defaults', async (t) => {
  const object = created(kind, workload())
  t.equal(object.spec.replicas, 1)
  t.same(object.status, { replicas: 0 })
  t.equal(object.metadata.labels, undefined, 'labels are not taken from the template')
  t.equal(object.spec.template.spec.restartPolicy, 'Always')
  t.same(kind.validate(object), [])
})

t.test('validation', async (t) => {
  const noMatch = '`selector` does not match template `labels`'
  const rows: [title: string, draft: object, wanted: string[]][] = [
    [
      'nothing at all',
      { metadata: { name: 'web' } },
      [
        'spec.selector: Required value',
        `spec.template.metadata.labels: Invalid value: map[string]string(nil): ${noMatch}`,
        'spec.template.spec.containers: Required value',
      ],
    ],
    [
      'negative numbers',
      workload({ replicas: -1, minReadySeconds: -2 }),
      [
        'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
        'spec.minReadySeconds: Invalid value: -2: must be greater than or equal to 0',
      ],
    ],
    [
      'an empty selector',
      workload({ selector: {} }),
      [
        'spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string(nil), ' +
          'MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: empty selector is invalid for deployment',
      ],
    ],
    [
      'a selector that cannot be evaluated',
      workload({ selector: { matchExpressions: [{ key: 'app', operator: 'Exists', values: ['x'] }] } }),
      [
        "spec.selector.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        'spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string(nil), ' +
          'MatchExpressions:[]v1.LabelSelectorRequirement{v1.LabelSelectorRequirement{Key:"app", Operator:"Exists", ' +
          'Values:[]string{"x"}}}}: invalid label selector',
      ],
    ],
    [
      'pods that end',
      workload({ template: podTemplate({ app: 'kubia' }, { restartPolicy: 'Never', activeDeadlineSeconds: 5 }) }),
      [
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
      ],
    ],
  ]
  for (const [title, draft, wanted] of rows) t.same(shown(kind.validate(created(kind, draft))), wanted, title)
})

t.test('the selector stays', async (t) => {
  const old = created(kind, workload())
  const same = workload({ selector: { matchLabels: { app: 'kubia' }, matchExpressions: [] } })
  t.same(kind.validateUpdate?.(created(kind, same), old), [])
  const other = workload({ selector: { matchLabels: { app: 'other' } } })
  t.same(shown(kind.validateUpdate?.(created(kind, other), old) ?? []), [
    'spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"app":"other"}, ' +
      'MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable',
  ])
})

t.test('status', async (t) => {
  const object = created(kind, workload())
  const errors = (status: object) => {
    const changed = { ...object, status: { replicas: 0, ...status } }
    return shown(kind.validateStatusUpdate?.(changed, object) ?? [])
  }
  t.same(errors({ replicas: 3, readyReplicas: 3, availableReplicas: 2, fullyLabeledReplicas: 3 }), [])
  t.same(errors({ replicas: 1, readyReplicas: 2, terminatingReplicas: -1 }), [
    'status.terminatingReplicas: Invalid value: -1: must be greater than or equal to 0',
    'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
  ])
  t.same(errors({ replicas: 2, availableReplicas: 1 }), [
    'status.availableReplicas: Invalid value: 1: cannot be greater than readyReplicas',
  ])
})

t.test('scale, columns and fields', async (t) => {
  const selector = { matchExpressions: [{ key: 'app', operator: 'In', values: ['kubia', 'a'] }] }
  const object = created(kind, workload({ replicas: 3, selector }))
  t.equal(kind.scale?.selector(object), 'app in (a,kubia)')
  t.equal(kind.scale?.withReplicas(object, 5).spec.replicas, 5)
  t.equal(object.spec.replicas, 3, 'the object itself stays')
  t.same(row(kind, object), {
    Name: 'web',
    Desired: 3,
    Current: 0,
    Ready: 0,
    Age: '<unknown>',
    Containers: 'kubia',
    Images: 'luksa/kubia',
    Selector: 'app in (a,kubia)',
  })
  t.equal(kind.selectableFields?.['status.replicas']?.(object), '0')
})
