import t from 'tap'
import type { Affinity, PodSpec } from '../../../../../shared/api/pod/pod.ts'
import { validatePodSpec } from '../../../../../shared/api/pod/validation/pod-spec.ts'
import { type Partly, podOf } from '../../../../support/pods.ts'

const errorsOf = (spec: Partly<PodSpec>): string[] =>
  validatePodSpec(podOf({ spec }).spec, 'spec').map(({ field, message }) => `${field}: ${message}`)

const wrong = (value: string) => value as never
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'
const NODE_TERMS = `spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms`

const affinity = (value: Partly<Affinity>): Partly<PodSpec> => ({ affinity: value })
const onNodes = (...nodeSelectorTerms: object[]): Partly<PodSpec> =>
  affinity({ nodeAffinity: { [REQUIRED]: { nodeSelectorTerms } } } as Partly<Affinity>)
const nearPods = (term: object): Partly<PodSpec> =>
  affinity({ podAffinity: { [REQUIRED]: [term] } } as Partly<Affinity>)

const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' } as const
const QUALIFIED =
  "name part must be non-empty|name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

const worlds: [title: string, spec: Partly<PodSpec>, wanted: string[]][] = [
  [
    'tolerations',
    {
      tolerations: [
        { operator: 'Exists' },
        { key: 'a', value: 'b' },
        { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 0 },
      ],
    },
    [],
  ],
  [
    'a toleration of nothing',
    { tolerations: [{}] },
    [
      'spec.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
  ],
  [
    'a value for any value',
    { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] },
    [`spec.tolerations[0].operator: Invalid value: "b": value must be empty when \`operator\` is 'Exists'`],
  ],
  [
    'seconds without eviction',
    { tolerations: [{ key: 'a', effect: 'NoSchedule', tolerationSeconds: 1 }] },
    [
      `spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be 'NoExecute' when \`tolerationSeconds\` is set`,
    ],
  ],
  [
    'an operator and an effect',
    { tolerations: [{ key: 'a', operator: wrong('Like'), effect: wrong('Never') }] },
    [
      'spec.tolerations[0].operator: Unsupported value: "Like": supported values: "Equal", "Exists"',
      'spec.tolerations[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    ],
  ],
  ['node affinity', onNodes({ matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] }), []],
  ['no terms', onNodes(), [`${NODE_TERMS}: Required value: must have at least one node selector term`]],
  [
    'conditions on nodes',
    onNodes({
      matchExpressions: [
        { key: 'a', operator: 'In' },
        { key: 'a', operator: 'Exists', values: ['b'] },
        { key: 'a', operator: 'Lt', values: ['1', '2'] },
        { key: 'a', operator: 'Near' },
      ],
      matchFields: [{ key: 'metadata.namespace', operator: 'Exists' }],
    }),
    [
      `${NODE_TERMS}[0].matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
      `${NODE_TERMS}[0].matchExpressions[1].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
      `${NODE_TERMS}[0].matchExpressions[2].values: Required value: must be specified single value when \`operator\` is 'Lt' or 'Gt'`,
      `${NODE_TERMS}[0].matchExpressions[3].operator: Invalid value: "Near": not a valid selector operator`,
      `${NODE_TERMS}[0].matchFields[0].operator: Invalid value: "Exists": not a valid selector operator`,
      `${NODE_TERMS}[0].matchFields[0].key: Invalid value: "metadata.namespace": not a valid field selector key`,
    ],
  ],
  [
    'a weight',
    affinity({ nodeAffinity: { [PREFERRED]: [{ weight: 101, preference: {} }] } }),
    [`spec.affinity.nodeAffinity.${PREFERRED}[0].weight: Invalid value: 101: must be in the range 1-100`],
  ],
  ['pod affinity', nearPods({ topologyKey: 'zone', labelSelector: { matchLabels: { a: 'b' } } }), []],
  [
    'no topology key',
    nearPods({ labelSelector: {} }),
    [
      `spec.affinity.podAffinity.${REQUIRED}[0].topologyKey: Required value: can not be empty`,
      ...QUALIFIED.split('|').map(
        (detail) => `spec.affinity.podAffinity.${REQUIRED}[0].topologyKey: Invalid value: "": ${detail}`,
      ),
    ],
  ],
  [
    'label keys',
    nearPods({ topologyKey: 'zone', matchLabelKeys: ['a'] }),
    [
      `spec.affinity.podAffinity.${REQUIRED}[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set`,
    ],
  ],
  [
    'label keys that contradict',
    nearPods({ topologyKey: 'zone', labelSelector: {}, matchLabelKeys: ['a'], mismatchLabelKeys: ['a'] }),
    [
      `spec.affinity.podAffinity.${REQUIRED}[0].matchLabelKeys[0]: Invalid value: "a": exists in both matchLabelKeys and mismatchLabelKeys`,
    ],
  ],
  ['spreading', { topologySpreadConstraints: [{ ...spread, minDomains: 2 }] }, []],
  [
    'spreading nothing',
    { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: '', whenUnsatisfiable: wrong('Cry') }] },
    [
      'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
      'spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty',
      'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Cry": supported values: "DoNotSchedule", "ScheduleAnyway"',
    ],
  ],
  [
    'the same spreading twice',
    { topologySpreadConstraints: [spread, spread] },
    ['spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"'],
  ],
  [
    'places for a preference',
    { topologySpreadConstraints: [{ ...spread, whenUnsatisfiable: 'ScheduleAnyway', minDomains: 0 }] },
    [
      'spec.topologySpreadConstraints[0].minDomains: Invalid value: 0: must be greater than zero',
      'spec.topologySpreadConstraints[0].minDomains: Invalid value: 0: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
    ],
  ],
  [
    'spreading by a key that is selected already',
    { topologySpreadConstraints: [{ ...spread, labelSelector: { matchLabels: { a: 'b' } }, matchLabelKeys: ['a'] }] },
    [
      'spec.topologySpreadConstraints[0].matchLabelKeys[0]: Invalid value: "a": exists in both matchLabelKeys and labelSelector',
    ],
  ],
]

for (const [title, spec, wanted] of worlds) {
  t.test(title, async (t) => t.strictSame(errorsOf(spec), wanted))
}
