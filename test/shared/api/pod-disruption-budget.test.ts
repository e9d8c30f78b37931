import t from 'tap'
import { podDisruptionBudget as kind } from '../../../shared/api/pod-disruption-budget.ts'
import { created, decoded, row, shown } from '../../support/kind-objects.ts'

const made = (spec: object) => created(kind, { metadata: { name: 'web' }, spec })

t.test('validation', async (t) => {
  const rows: [spec: object, wanted: string[]][] = [
    [{}, []],
    [{ minAvailable: 2, selector: { matchLabels: { app: 'web' } } }, []],
    [{ maxUnavailable: '25%', unhealthyPodEvictionPolicy: 'AlwaysAllow' }, []],
    [
      { minAvailable: 1, maxUnavailable: 1 },
      [
        'spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set',
      ],
    ],
    [{ minAvailable: -1 }, ['spec.minAvailable: Invalid value: -1: must be greater than or equal to 0']],
    [
      { maxUnavailable: '101%' },
      [
        'spec.maxUnavailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"101%"}: must not be greater than 100%',
      ],
    ],
    [
      { maxUnavailable: 'some' },
      [
        'spec.maxUnavailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"some"}: a valid percent string must be a numeric string followed by an ' +
          "ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      ],
    ],
    [
      { unhealthyPodEvictionPolicy: 'Never' },
      [
        'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"',
      ],
    ],
    [
      { selector: { matchExpressions: [{ key: 'app', operator: 'In' }] } },
      [
        "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      ],
    ],
  ]
  for (const [spec, wanted] of rows) t.same(shown(kind.validate(made(spec))).sort(), wanted, JSON.stringify(spec))
})

t.test('a new budget allows nothing, whatever its client says', async (t) => {
  const budget = created(kind, {
    metadata: { name: 'web' },
    status: { disruptionsAllowed: 5, currentHealthy: 5, desiredHealthy: 0, expectedPods: 5 },
  })
  t.same(budget.status, { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 })
})

t.test('status', async (t) => {
  const budget = decoded(kind, {
    metadata: { name: 'web' },
    status: { disruptionsAllowed: -1, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
  })
  t.same(shown(kind.validateStatusUpdate!(budget, budget)), [
    'status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0',
  ])
})

t.test('columns', async (t) => {
  t.same(row(kind, made({ minAvailable: '50%' })), {
    Name: 'web',
    'Min Available': '50%',
    'Max Unavailable': 'N/A',
    'Allowed Disruptions': 0,
    Age: '<unknown>',
  })
})
