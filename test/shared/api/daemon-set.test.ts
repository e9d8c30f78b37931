import t from 'tap'
import { daemonSet as kind } from '../../../shared/api/daemon-set.ts'
import { created, decoded, row, shown } from '../../support/kind-objects.ts'
import { podTemplate, workload } from '../../support/workload-objects.ts'

const GENERATION = 'deprecated.daemonset.template.generation'

t.test('defaults', async (t) => {
  const object = created(kind, workload())
  t.match(object.spec, {
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    revisionHistoryLimit: 10,
  })
  t.same(object.status, {
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
  })
  t.same(created(kind, workload({ updateStrategy: { type: 'OnDelete' } })).spec.updateStrategy, { type: 'OnDelete' })
  t.same(kind.validate(object), [])
})

t.test('changes of the template are counted', async (t) => {
  const given = (value: string) => created(kind, workload({}, { annotations: { [GENERATION]: value } }))
  t.equal(created(kind, workload()).metadata.annotations?.[GENERATION], '1')
  t.equal(given('7').metadata.annotations?.[GENERATION], '7')
  t.equal(given('none').metadata.annotations?.[GENERATION], '1')
  const updated = (draft: object) => {
    const object = decoded(kind, draft)
    kind.prepareForUpdate?.(object, given('7'))
    return object.metadata.annotations?.[GENERATION]
  }
  t.equal(updated(workload({ minReadySeconds: 1 })), '7')
  t.equal(updated(workload({ template: podTemplate({ app: 'kubia', v: '2' }) })), '8')
})

t.test('validation', async (t) => {
  const noMatch = '`selector` does not match template `labels`'
  const path = 'spec.updateStrategy.rollingUpdate'
  const rows: [title: string, spec: object, wanted: string[]][] = [
    ['surging', { updateStrategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: '10%' } } }, []],
    [
      'no selector',
      { selector: undefined },
      [`spec.template.metadata.labels: Invalid value: map[string]string{"app":"kubia"}: ${noMatch}`],
    ],
    [
      'an empty selector',
      { selector: {} },
      [
        'spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string(nil), ' +
          'MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: empty selector is invalid for daemonset',
      ],
    ],
    [
      'no room to move',
      { updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } },
      [`${path}.maxUnavailable: Required value: cannot be 0 when maxSurge is 0`],
    ],
    [
      'both limits',
      { updateStrategy: { rollingUpdate: { maxSurge: 1 } } },
      [
        `${path}.maxSurge: Invalid value: intstr.IntOrString{Type:0, IntVal:1, StrVal:""}: may not be set when maxUnavailable is non-zero`,
      ],
    ],
    [
      'an unknown strategy',
      { updateStrategy: { type: 'Slow' } },
      [
        'spec.updateStrategy: Unsupported value: apps.DaemonSetUpdateStrategy{Type:"Slow", ' +
          'RollingUpdate:(*apps.RollingUpdateDaemonSet)(nil)}: supported values: "RollingUpdate", "OnDelete"',
      ],
    ],
    [
      'pods that end',
      { template: podTemplate({ app: 'kubia' }, { restartPolicy: 'OnFailure' }) },
      ['spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"'],
    ],
  ]
  for (const [title, spec, wanted] of rows) t.same(shown(kind.validate(created(kind, workload(spec)))), wanted, title)
})

t.test('columns', async (t) => {
  const template = podTemplate({ app: 'kubia' }, { nodeSelector: { disk: 'ssd' } })
  const object = created(kind, workload({ template }))
  object.status = { ...object.status, desiredNumberScheduled: 3, currentNumberScheduled: 2, updatedNumberScheduled: 1 }
  t.same(row(kind, object), {
    Name: 'web',
    Desired: 3,
    Current: 2,
    Ready: 0,
    'Up-to-date': 1,
    Available: 0,
    'Node Selector': 'disk=ssd',
    Age: '<unknown>',
    Containers: 'kubia',
    Images: 'luksa/kubia',
    Selector: 'app=kubia',
  })
  t.equal(row(kind, created(kind, workload()))['Node Selector'], '<none>')
})
