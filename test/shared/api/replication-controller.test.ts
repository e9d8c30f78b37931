import t from 'tap'
import { replicationController as kind } from '../../../shared/api/replication-controller.ts'
import { created, decoded, row, shown } from '../../support/kind-objects.ts'

const template = (labels: Record<string, string> = { app: 'kubia' }, spec: object = {}) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'kubia', image: 'luksa/kubia' }], ...spec },
})
const draft = (spec: object, metadata: object = {}) => ({ metadata: { name: 'rc', ...metadata }, spec })

t.test('defaults', async (t) => {
  const object = created(kind, draft({ template: template({ a: 'b' }) }))
  t.equal(object.spec.replicas, 1)
  t.same(object.spec.selector, { a: 'b' })
  t.same(object.metadata.labels, { a: 'b' })
  t.same(object.status, { replicas: 0 })
  t.equal(object.spec.template.spec.restartPolicy, 'Always')
  t.equal(object.spec.template.spec.containers[0]?.imagePullPolicy, 'Always')
  t.same(kind.validate(object), [])
})

t.test('what is given stays', async (t) => {
  const given = { replicas: 0, selector: { app: 'kubia' }, template: template() }
  const object = created(kind, draft(given, { labels: { own: 'x' } }))
  t.match(object, { metadata: { labels: { own: 'x' } }, spec: { replicas: 0, selector: { app: 'kubia' } } })
})

t.test('validation', async (t) => {
  const rows: [title: string, spec: object, wanted: string[]][] = [
    ['nothing at all', {}, ['spec.selector: Required value', 'spec.template: Required value']],
    [
      'negative numbers',
      { replicas: -1, minReadySeconds: -2, template: template() },
      [
        'spec.minReadySeconds: Invalid value: -2: must be greater than or equal to 0',
        'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      ],
    ],
    [
      'a selector that does not select the template',
      { selector: { app: 'other' }, template: template() },
      [
        'spec.template.metadata.labels: Invalid value: map[string]string{"app":"kubia"}: `selector` does not match template `labels`',
      ],
    ],
    [
      'a template that ends',
      { template: template({ a: 'b' }, { restartPolicy: 'Never', activeDeadlineSeconds: 5 }) },
      [
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported',
      ],
    ],
    [
      'a bad template',
      { template: template({ a: 'b' }, { containers: [] }) },
      ['spec.template.spec.containers: Required value'],
    ],
  ]
  for (const [title, spec, wanted] of rows) t.same(shown(kind.validate(created(kind, draft(spec)))), wanted, title)
})

t.test('status', async (t) => {
  const object = created(kind, draft({ template: template() }))
  const withStatus = (status: object) => ({ ...object, status: { replicas: 0, ...status } })
  const errors = (status: object) => shown(kind.validateStatusUpdate?.(withStatus(status), object) ?? [])
  t.same(errors({ replicas: 3, readyReplicas: 3, availableReplicas: 2, fullyLabeledReplicas: 3 }), [])
  t.same(errors({ replicas: 1, readyReplicas: 2 }), [
    'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
  ])
  t.same(errors({ replicas: 2, availableReplicas: 1 }), [
    'status.availableReplicas: Invalid value: 1: cannot be greater than readyReplicas',
  ])
  t.same(errors({ replicas: -1, fullyLabeledReplicas: -1 }), [
    'status.replicas: Invalid value: -1: must be greater than or equal to 0',
    'status.fullyLabeledReplicas: Invalid value: -1: must be greater than or equal to 0',
    'status.readyReplicas: Invalid value: 0: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 0: cannot be greater than status.replicas',
  ])
})

t.test('scale, columns and fields', async (t) => {
  const object = created(
    kind,
    draft({ replicas: 3, selector: { b: '2', a: '1' }, template: template({ a: '1', b: '2' }) }),
  )
  t.equal(kind.scale?.selector(object), 'a=1,b=2')
  t.equal(kind.scale?.withReplicas(object, 5).spec.replicas, 5)
  t.equal(object.spec.replicas, 3, 'the object itself stays')
  t.same(row(kind, object), {
    Name: 'rc',
    Desired: 3,
    Current: 0,
    Ready: 0,
    Age: '<unknown>',
    Containers: 'kubia',
    Images: 'luksa/kubia',
    Selector: 'a=1,b=2',
  })
  t.equal(kind.selectableFields?.['status.replicas']?.(object), '0')
})

t.test('the template is defaulted before the selector is taken from it', async (t) => {
  const object = decoded(kind, draft({ selector: {}, template: template({ a: 'b' }) }))
  t.same(object.spec.selector, { a: 'b' })
})
