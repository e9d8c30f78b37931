import t from 'tap'
import { statefulSet as kind } from '../../../shared/api/stateful-set.ts'
import { created, row, shown } from '../../support/kind-objects.ts'
import { podTemplate, workload } from '../../support/workload-objects.ts'

const claim = { metadata: { name: 'data' }, spec: { resources: { requests: { storage: '1Gi' } } } }

t.test('defaults', async (t) => {
  const object = created(kind, workload({ serviceName: 'web', volumeClaimTemplates: [claim] }))
  t.match(object.spec, {
    replicas: 1,
    podManagementPolicy: 'OrderedReady',
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    revisionHistoryLimit: 10,
    volumeClaimTemplates: [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        spec: { volumeMode: 'Filesystem' },
        status: { phase: 'Pending' },
      },
    ],
  })
  t.same(object.status, { replicas: 0 })
  t.same(kind.validate(object), [])
})

t.test('validation', async (t) => {
  const rows: [title: string, spec: object, wanted: string[]][] = [
    [
      'no selector',
      { selector: undefined },
      [
        'spec.selector: Required value',
        'spec.template.metadata.labels: Invalid value: map[string]string{"app":"kubia"}: `selector` does not match template `labels`',
      ],
    ],
    [
      'a selector that cannot be evaluated',
      { selector: { matchLabels: { app: '-' } } },
      [
        'spec.selector.matchLabels: Invalid value: "-": a valid label must be an empty string or consist of alphanumeric ' +
          "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  " +
          "or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
        'spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"app":"-"}, ' +
          'MatchExpressions:[]v1.LabelSelectorRequirement(nil)}',
      ],
    ],
    [
      'choices',
      { podManagementPolicy: 'Random', persistentVolumeClaimRetentionPolicy: { whenScaled: 'Burn' } },
      [
        `spec.podManagementPolicy: Invalid value: "Random": must be 'OrderedReady' or 'Parallel'`,
        'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Burn": supported values: "Retain", "Delete"',
      ],
    ],
    [
      'limits of an update',
      { updateStrategy: { rollingUpdate: { partition: -1, maxUnavailable: 0 } } },
      [
        'spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0',
        'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: intstr.IntOrString{Type:0, IntVal:0, StrVal:""}: cannot be 0',
      ],
    ],
    [
      'limits of no update',
      { updateStrategy: { type: 'OnDelete', rollingUpdate: {} } },
      [
        `spec.updateStrategy.rollingUpdate: Invalid value: {"partition":0}: only allowed for updateStrategy 'RollingUpdate'`,
      ],
    ],
    [
      'numbers',
      { ordinals: { start: -1 } },
      ['spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0'],
    ],
  ]
  for (const [title, spec, wanted] of rows) t.same(shown(kind.validate(created(kind, workload(spec)))), wanted, title)
})

t.test('what may change', async (t) => {
  const old = created(kind, workload({ serviceName: 'web' }))
  const errors = (spec: object) => shown(kind.validateUpdate?.(created(kind, workload(spec)), old) ?? [])
  const template = podTemplate({ app: 'kubia', v: '2' })
  t.same(errors({ serviceName: 'web', replicas: 3, template, minReadySeconds: 1, ordinals: { start: 1 } }), [])
  t.same(errors({ serviceName: 'other' }), [
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', " +
      "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
  ])
})

t.test('scale and columns', async (t) => {
  const object = created(kind, workload({ replicas: 3 }))
  object.status = { replicas: 2, readyReplicas: 1 }
  t.equal(kind.scale?.selector(object), 'app=kubia')
  t.same(row(kind, object), {
    Name: 'web',
    Ready: '1/3',
    Age: '<unknown>',
    Containers: 'kubia',
    Images: 'luksa/kubia',
  })
})
