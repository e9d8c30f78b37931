import t from 'tap'
import type { PodSpec } from '../../../../../shared/api/pod/pod.ts'
import { validatePodUpdate } from '../../../../../shared/api/pod/validation/pod-update.ts'
import { type Partly, podOf } from '../../../../support/pods.ts'

const REFUSED =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

const image = (name: string) => ({ containers: [{ name: 'c', image: name }] })
const exists = { key: 'a', operator: 'Exists' } as const
const onNodes = (...keys: string[]) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: keys.map((key) => ({ key, operator: 'Exists' })) }],
      },
    },
  },
})
const gated = { schedulingGates: [{ name: 'g' }] }

const worlds: [title: string, from: Partly<PodSpec>, to: Partly<PodSpec>, wanted: string[]][] = [
  ['nothing', {}, {}, []],
  ['an image', image('x:1'), image('x:2'), []],
  ['empty for absent', { tolerations: [] }, { hostAliases: [], nodeSelector: {} }, []],
  ['a node selector', {}, { nodeSelector: { a: 'b' } }, [REFUSED]],
  ['a command', {}, { containers: [{ name: 'c', image: 'x:1', command: ['a'] }] }, [REFUSED]],
  [
    'the order of containers',
    { initContainers: [{ name: 'a' }, { name: 'b' }] },
    { initContainers: [{ name: 'b' }, { name: 'a' }] },
    [REFUSED],
  ],
  [
    'one more container',
    {},
    {
      containers: [
        { name: 'c', image: 'x:1' },
        { name: 'd', image: 'x:1' },
      ],
    },
    ['spec.containers: Forbidden: pod updates may not add or remove containers'],
  ],
  ['a deadline', {}, { activeDeadlineSeconds: 10 }, []],
  ['an earlier deadline', { activeDeadlineSeconds: 10 }, { activeDeadlineSeconds: 5 }, []],
  [
    'a later deadline',
    { activeDeadlineSeconds: 5 },
    { activeDeadlineSeconds: 10 },
    ['spec.activeDeadlineSeconds: Invalid value: 10: must be less than or equal to previous value'],
  ],
  [
    'no deadline any more',
    { activeDeadlineSeconds: 5 },
    {},
    ['spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value'],
  ],
  ['one more toleration', { tolerations: [exists] }, { tolerations: [exists, { key: 'b' }] }, []],
  [
    'other seconds of a toleration',
    { tolerations: [{ ...exists, effect: 'NoExecute', tolerationSeconds: 1 }] },
    { tolerations: [{ ...exists, effect: 'NoExecute', tolerationSeconds: 2 }] },
    [],
  ],
  [
    'one toleration less',
    { tolerations: [exists] },
    {},
    ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'],
  ],
  ['a gate less', gated, {}, []],
  [
    'a gate more',
    {},
    gated,
    [`spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g'`],
  ],
  ['a gated pod can be steered', gated, { ...gated, nodeSelector: { a: 'b' }, ...onNodes('a') }, []],
  ['and steered closer', { ...gated, ...onNodes('a') }, { ...gated, ...onNodes('a', 'b') }, []],
  [
    'but not let loose',
    { ...gated, ...onNodes('a'), nodeSelector: { a: 'b' } },
    { ...gated, ...onNodes('b') },
    [
      'spec.nodeSelector: Invalid value: map[string]string{}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]: Invalid value: {"matchExpressions":[{"key":"b","operator":"Exists"}]}: only additions are allowed (no mutations or deletions)',
    ],
  ],
  ['a negative period made 1', { terminationGracePeriodSeconds: -1 }, { terminationGracePeriodSeconds: 1 }, []],
  ['another period', { terminationGracePeriodSeconds: 2 }, { terminationGracePeriodSeconds: 1 }, [REFUSED]],
]

for (const [title, from, to, wanted] of worlds) {
  t.test(title, async (t) => {
    const errors = validatePodUpdate(podOf({ spec: to }), podOf({ spec: from }))
    t.strictSame(
      errors.map(({ field, message }) => `${field}: ${message}`),
      wanted,
    )
  })
}
