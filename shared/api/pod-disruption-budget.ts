import { type FieldError, invalid, notSupported } from '../field-errors.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { validateAtMostAll, validateIntOrPercent } from './int-or-percent.ts'
import type { Kind } from './kind.ts'
import { Condition, LabelSelector, typeMeta } from './meta.ts'
import { choice, field, int32, int64, intOrString, list, map, object, type Static, time } from './schema.ts'
import { validateLabelSelector } from './validate-label-selector.ts'

const EVICTION_POLICIES = ['AlwaysAllow', 'IfHealthyBudget'] as const

const PodDisruptionBudgetSpec = object(
  'io.k8s.api.policy.v1.PodDisruptionBudgetSpec',
  'Which pods are protected, and how many of them may be missing.',
  {
    minAvailable: intOrString('Pods that must be left after an eviction: a number, or a percentage of all.'),
    maxUnavailable: intOrString('Pods that may be missing after an eviction: a number, or a percentage of all.'),
    selector: field(LabelSelector, 'Labels of the pods that are protected; an empty selector means all.', {
      patch: 'replace',
    }),
    unhealthyPodEvictionPolicy: choice(
      'When pods that run without being ready may be evicted. Default: IfHealthyBudget.',
      EVICTION_POLICIES,
    ),
  },
)

const PodDisruptionBudgetStatus = object(
  'io.k8s.api.policy.v1.PodDisruptionBudgetStatus',
  'How many pods may be evicted now.',
  {
    observedGeneration: int64('The `metadata.generation` that the numbers were computed from.'),
    disruptedPods: map(
      time('When the eviction was granted.'),
      'Pods whose eviction was granted and which are not seen to be gone yet, by name.',
    ),
    disruptionsAllowed: int32('Number of pods that may be evicted now.'),
    currentHealthy: int32('Number of pods that are ready.'),
    desiredHealthy: int32('Number of pods that must be ready.'),
    expectedPods: int32('Number of pods that there should be.'),
    conditions: list(Condition, 'Whether the budget can be computed and allows evictions: DisruptionAllowed.', {
      type: 'map',
      keys: ['type'],
      patch: 'merge',
      mergeKey: 'type',
    }),
  },
  { required: ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] },
)
export type PodDisruptionBudgetStatus = Static<typeof PodDisruptionBudgetStatus>

const newStatus = (): PodDisruptionBudgetStatus => ({
  disruptionsAllowed: 0,
  currentHealthy: 0,
  desiredHealthy: 0,
  expectedPods: 0,
})

const schema = object(
  'io.k8s.api.policy.v1.PodDisruptionBudget',
  'Limits how many pods of an application evictions may take away at the same time.',
  {
    ...typeMeta,
    spec: field(PodDisruptionBudgetSpec, 'Which pods are protected, and how far.', { default: {} }),
    status: field(PodDisruptionBudgetStatus, 'How many pods may be evicted now.', { default: newStatus }),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec', 'status'] },
)
export type PodDisruptionBudget = Static<typeof schema>

function validate({ spec }: PodDisruptionBudget): FieldError[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec
  const errors: FieldError[] = []
  if (minAvailable !== undefined && maxUnavailable !== undefined)
    errors.push(invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set'))
  for (const [name, value] of Object.entries({ minAvailable, maxUnavailable })) {
    if (value === undefined) continue
    errors.push(...validateIntOrPercent(value, `spec.${name}`), ...validateAtMostAll(value, `spec.${name}`))
  }
  errors.push(...validateLabelSelector(selector, 'spec.selector'))
  if (policy !== undefined && !EVICTION_POLICIES.includes(policy))
    errors.push(notSupported('spec.unhealthyPodEvictionPolicy', policy, EVICTION_POLICIES))
  return errors
}

const COUNTS = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const

const validateStatusUpdate = ({ status }: PodDisruptionBudget): FieldError[] =>
  COUNTS.filter((count) => status[count] < 0).map((count) =>
    invalid(`status.${count}`, status[count], 'must be greater than or equal to 0'),
  )

const NOT_SET = 'N/A'

export const podDisruptionBudget: Kind<PodDisruptionBudget> = {
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  singular: 'poddisruptionbudget',
  shortNames: ['pdb'],
  namespaced: true,
  schema,
  hasStatus: true,
  hasGeneration: true,
  createsOnUpdate: true,
  prepareForCreate: (budget) => {
    budget.status = newStatus()
  },
  validate,
  validateStatusUpdate,
  columns: [
    nameColumn,
    {
      name: 'Min Available',
      type: 'string',
      description: 'Pods that must be left.',
      cell: ({ spec }) => spec.minAvailable ?? NOT_SET,
    },
    {
      name: 'Max Unavailable',
      type: 'string',
      description: 'Pods that may be missing.',
      cell: ({ spec }) => spec.maxUnavailable ?? NOT_SET,
    },
    {
      name: 'Allowed Disruptions',
      type: 'integer',
      description: 'Number of pods that may be evicted now.',
      cell: ({ status }) => status.disruptionsAllowed,
    },
    ageColumn,
  ],
}
