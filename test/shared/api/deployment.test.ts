import t from 'tap'
import { deployment as kind } from '../../../shared/api/deployment.ts'
import { created, row, shown } from '../../support/kind-objects.ts'
import { workload } from '../../support/workload-objects.ts'

t.test('defaults', async (t) => {
  const object = created(kind, workload())
  t.match(object.spec, {
    replicas: 1,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  })
  t.same(object.status, {})
  t.same(kind.validate(object), [])
  const strategyOf = (strategy: object) => created(kind, workload({ strategy })).spec.strategy
  t.same(strategyOf({ type: 'Recreate' }), { type: 'Recreate' })
  t.same(strategyOf({ rollingUpdate: { maxSurge: 1 } }), {
    type: 'RollingUpdate',
    rollingUpdate: { maxSurge: 1, maxUnavailable: '25%' },
  })
})

t.test('validation', async (t) => {
  const path = 'spec.strategy.rollingUpdate'
  const percent = (text: string) => `intstr.IntOrString{Type:1, IntVal:0, StrVal:"${text}"}`
  const rows: [title: string, spec: object, wanted: string[]][] = [
    ['zero of what may be zero', { replicas: 0, revisionHistoryLimit: 0 }, []],
    [
      'no room to move',
      { strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: '0%' } } },
      [
        `${path}.maxUnavailable: Invalid value: intstr.IntOrString{Type:0, IntVal:0, StrVal:""}: may not be 0 when \`maxSurge\` is 0`,
      ],
    ],
    [
      'limits that are none',
      { strategy: { rollingUpdate: { maxUnavailable: '200%', maxSurge: -1 } } },
      [
        `${path}.maxSurge: Invalid value: -1: must be greater than or equal to 0`,
        `${path}.maxUnavailable: Invalid value: ${percent('200%')}: must not be greater than 100%`,
      ],
    ],
    ['a surge beyond everything', { strategy: { rollingUpdate: { maxSurge: '200%' } } }, []],
    [
      'limits for a strategy without them',
      { strategy: { type: 'Recreate', rollingUpdate: {} } },
      ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
    ],
    [
      'an unknown strategy',
      { strategy: { type: 'Slow' } },
      [
        'spec.strategy: Unsupported value: apps.DeploymentStrategy{Type:"Slow", ' +
          'RollingUpdate:(*apps.RollingUpdateDeployment)(nil)}: supported values: "Recreate", "RollingUpdate"',
      ],
    ],
    [
      'a deadline that no pod can keep',
      { minReadySeconds: 10, progressDeadlineSeconds: 10 },
      ['spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds'],
    ],
  ]
  for (const [title, spec, wanted] of rows) t.same(shown(kind.validate(created(kind, workload(spec)))), wanted, title)
  const word = shown(kind.validate(created(kind, workload({ strategy: { rollingUpdate: { maxSurge: 'some' } } }))))
  t.match(word, [/^spec\.strategy\.rollingUpdate\.maxSurge: Invalid value: .*"some"}: a valid percent string must be/])
})

t.test('a change of annotations is a new generation', async (t) => {
  const old = created(kind, workload({}, { annotations: { a: 'b' }, generation: 3 }))
  const changed = created(kind, workload({}, { annotations: { a: 'c' }, generation: 3 }))
  kind.prepareForUpdate?.(changed, old)
  t.equal(changed.metadata.generation, 4)
  const labelled = created(kind, workload({}, { annotations: { a: 'b' }, labels: { a: 'b' }, generation: 3 }))
  kind.prepareForUpdate?.(labelled, old)
  t.equal(labelled.metadata.generation, 3)
})

t.test('status', async (t) => {
  const old = { ...created(kind, workload()), status: { collisionCount: 2 } }
  const errors = (status: object) => shown(kind.validateStatusUpdate?.({ ...old, status }, old) ?? [])
  t.same(errors({ replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2, collisionCount: 3 }), [])
  t.same(errors({ replicas: 1, updatedReplicas: 2 }), [
    'status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas',
    'status.collisionCount: Invalid value: 0: cannot be decremented',
  ])
})

t.test('scale and columns', async (t) => {
  const object = created(kind, workload({ replicas: 3 }))
  object.status = { replicas: 4, readyReplicas: 2, updatedReplicas: 1, availableReplicas: 2 }
  t.equal(kind.scale?.selector(object), 'app=kubia')
  t.equal(kind.scale?.statusReplicas(object), 4)
  t.same(row(kind, object), {
    Name: 'web',
    Ready: '2/3',
    'Up-to-date': 1,
    Available: 2,
    Age: '<unknown>',
    Containers: 'kubia',
    Images: 'luksa/kubia',
    Selector: 'app=kubia',
  })
})
