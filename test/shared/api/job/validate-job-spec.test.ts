import t, { type Test } from 'tap'
import { job as kind } from '../../../../shared/api/job/job.ts'
import { shown } from '../../../support/kind-objects.ts'
import { jobTemplate, newJob } from './job-objects.ts'

const indexed = { completionMode: 'Indexed', completions: 10 }
const policy = (...rules: object[]) => ({ podFailurePolicy: { rules } })
const exitCodes = (onExitCodes: object, rest: object = {}) => policy({ action: 'FailJob', onExitCodes, ...rest })

type Row = [title: string, spec: object, wanted: string[]]

function judge(t: Test, rows: readonly Row[]) {
  for (const [title, spec, wanted] of rows) t.same(shown(kind.validate(newJob(spec))), wanted, title)
}

t.test('numbers', async (t) =>
  judge(t, [
    [
      'below zero',
      { parallelism: -1, completions: -1, activeDeadlineSeconds: -1, backoffLimit: -1, ttlSecondsAfterFinished: -1 },
      ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished'].map(
        (name) => `spec.${name}: Invalid value: -1: must be greater than or equal to 0`,
      ),
    ],
    [
      'limits of indexes without indexes',
      { backoffLimitPerIndex: 1, maxFailedIndexes: 1 },
      [
        'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
        'spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode',
      ],
    ],
    [
      'an unknown mode',
      { completionMode: 'Some' },
      ['spec.completionMode: Unsupported value: "Some": supported values: "NonIndexed", "Indexed"'],
    ],
    [
      'indexes without a number',
      { completionMode: 'Indexed', parallelism: 1 },
      ['spec.completions: Required value: when completion mode is Indexed'],
    ],
    [
      'a limit on failed indexes alone',
      { ...indexed, maxFailedIndexes: 11 },
      [
        'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
        'spec.maxFailedIndexes: Invalid value: 11: must be less than or equal to completions',
      ],
    ],
    [
      'too many at once',
      { ...indexed, completions: 200_000, parallelism: 100_001 },
      ['spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed'],
    ],
    [
      'very many indexes with limits of their own',
      { ...indexed, completions: 100_001, parallelism: 10_001, backoffLimitPerIndex: 1 },
      [
        'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
        'spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
      ],
    ],
  ]),
)

t.test('managers', async (t) =>
  judge(t, [
    ['one', { managedBy: 'example.com/jobs' }, []],
    [
      'no domain',
      { managedBy: 'jobs' },
      ['spec.managedBy: Invalid value: "jobs": must be a domain-prefixed path (such as "acme.io/foo")'],
    ],
    [
      'a long one',
      { managedBy: `example.com/${'x'.repeat(60)}` },
      ['spec.managedBy: Too long: may not be more than 63 bytes'],
    ],
  ]),
)

t.test('restart policies', async (t) => {
  const path = 'spec.template.spec.restartPolicy'
  judge(t, [
    [
      'none',
      { template: jobTemplate({ restartPolicy: undefined }) },
      [`${path}: Required value: valid values: "OnFailure", "Never"`],
    ],
    [
      'for ever',
      { template: jobTemplate({ restartPolicy: 'Always' }) },
      [`${path}: Required value: valid values: "OnFailure", "Never"`],
    ],
    [
      'with a policy for failed pods',
      { template: jobTemplate({ restartPolicy: 'OnFailure' }), ...exitCodes({ operator: 'In', values: [1] }) },
      [`${path}: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified`],
    ],
  ])
  t.match(shown(kind.validate(newJob({ template: jobTemplate({ restartPolicy: 'Often' }) }))), [
    /^spec\.template\.spec\.restartPolicy: Unsupported value: "Often"/,
    `${path}: Unsupported value: "Often": supported values: "OnFailure", "Never"`,
  ])
})

t.test('policies for failed pods', async (t) => {
  const rule = 'spec.podFailurePolicy.rules[0]'
  judge(t, [
    ['a good one', exitCodes({ operator: 'NotIn', values: [0, 42], containerName: 'main' }), []],
    [
      'an action',
      policy({ onExitCodes: { operator: 'In', values: [1] } }),
      [`${rule}.action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]`],
    ],
    [
      'indexes to fail',
      policy({ action: 'FailIndex', onExitCodes: { operator: 'In', values: [1] } }),
      [`${rule}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`],
    ],
    [
      'no requirement',
      policy({ action: 'Count' }),
      [`${rule}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`],
    ],
    [
      'two requirements',
      exitCodes({ operator: 'In', values: [1] }, { onPodConditions: [{ type: 'A' }] }),
      [`${rule}: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported`],
    ],
    [
      'exit codes',
      exitCodes({ operator: 'In', values: [3, 0, 3], containerName: 'other' }),
      [
        `${rule}.onExitCodes.containerName: Invalid value: "other": must be one of the container or initContainer names in the pod template`,
        `${rule}.onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator`,
        `${rule}.onExitCodes.values[2]: Duplicate value: 3`,
        `${rule}.onExitCodes.values: Invalid value: []int32{3, 0, 3}: must be ordered`,
      ],
    ],
    [
      'none of them',
      exitCodes({ values: [] }),
      [
        `${rule}.onExitCodes.operator: Required value: valid values: ["In" "NotIn"]`,
        `${rule}.onExitCodes.values: Invalid value: []int32(nil): at least one value is required`,
      ],
    ],
    [
      'conditions',
      policy({ action: 'Ignore', onPodConditions: [{ type: 'A', status: 'Maybe' }] }),
      [`${rule}.onPodConditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"`],
    ],
    [
      'replacing pods that are still there',
      { ...exitCodes({ operator: 'In', values: [1] }), podReplacementPolicy: 'TerminatingOrFailed' },
      ['spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"'],
    ],
  ])
})

t.test('policies for success', async (t) => {
  const success = (...rules: object[]) => ({ ...indexed, successPolicy: { rules } })
  const rule = 'spec.successPolicy.rules[0]'
  judge(t, [
    ['good ones', success({ succeededIndexes: '0,2-4', succeededCount: 2 }, { succeededCount: 10 }), []],
    [
      'no rules',
      success(),
      [
        'spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified',
      ],
    ],
    [
      'no content',
      success({}),
      [`${rule}: Required value: at least one of succeededCount or succeededIndexes must be specified`],
    ],
    [
      'indexes that there are not',
      success({ succeededIndexes: '1,10' }),
      [`${rule}.succeededIndexes: Invalid value: "1,10": error parsing succeededIndexes: too large index: "10"`],
    ],
    [
      'more than there are',
      success({ succeededIndexes: '1-2', succeededCount: 11 }),
      [
        `${rule}.succeededCount: Invalid value: 11: must be less than or equal to 10 (the number of specified completions)`,
        `${rule}.succeededCount: Invalid value: 11: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)`,
      ],
    ],
  ])
  const plain = shown(kind.validate(newJob({ successPolicy: { rules: [{ succeededCount: 1 }] } })))
  t.match(plain, [/^spec\.successPolicy: Invalid value: .*: requires indexed completion mode$/])
})
