import type { FieldError } from '../field-errors.ts'
import { ageColumn, nameColumn } from './columns.ts'
import type { Kind } from './kind.ts'
import { LabelSelector, typeMeta } from './meta.ts'
import { isNotNegative } from './pod/validation/rules.ts'
import { PodTemplateSpec, templateDefaults, templateWarnings } from './pod-template.ts'
import { field, int32, int64, object, type Static } from './schema.ts'
import { workloadColumns } from './workload/columns.ts'
import { conditionList, workloadCondition } from './workload/conditions.ts'
import { appsModel } from './workload/models.ts'
import { replicaScale, validateCounts, validateReplicaParts } from './workload/replica-counts.ts'
import { validateSameSelector, validateWorkloadSelector } from './workload/selector.ts'
import { validateSelectedTemplate } from './workload/template.ts'

const ReplicaSetSpec = object(
  appsModel('ReplicaSetSpec'),
  'How many pods there should be, and which.',
  {
    replicas: int32('Number of pods that there should be.', { default: 1 }),
    minReadySeconds: int32('Seconds for which a pod must have been ready to count as available. Default: 0.'),
    selector: field(
      LabelSelector,
      'Which pods are counted; the template’s labels must be among them. Cannot be changed.',
    ),
    template: field(PodTemplateSpec, 'What missing pods are made from.', { default: {} }),
  },
  { required: ['replicas', 'selector', 'template'] },
)

const ReplicaSetCondition = workloadCondition(appsModel('ReplicaSetCondition'), 'ReplicaFailure')
export type ReplicaSetCondition = Static<typeof ReplicaSetCondition>

const ReplicaSetStatus = object(
  appsModel('ReplicaSetStatus'),
  'How many pods there are.',
  {
    replicas: int32('Number of pods that are not being deleted.'),
    fullyLabeledReplicas: int32('Number of pods that have all labels of the template.'),
    readyReplicas: int32('Number of pods that are ready.'),
    availableReplicas: int32('Number of pods that have been ready for `minReadySeconds`.'),
    terminatingReplicas: int32('Number of pods that are being deleted and are not gone yet.'),
    observedGeneration: int64('The `metadata.generation` that the controller has acted upon.'),
    conditions: conditionList(ReplicaSetCondition, 'What keeps the controller from its work.'),
  },
  { required: ['replicas'] },
)
export type ReplicaSetStatus = Static<typeof ReplicaSetStatus>

const schema = object(
  appsModel('ReplicaSet'),
  'Keeps a number of pods running. Deployments make ReplicaSets, one for each version of their template.',
  {
    ...typeMeta,
    spec: field(ReplicaSetSpec, 'How many pods there should be, and which.', { default: {} }),
    status: field(ReplicaSetStatus, 'How many pods there are.', { default: { replicas: 0 } }),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec', 'status'] },
)
export type ReplicaSet = Static<typeof schema>

const validate = ({ spec }: ReplicaSet): FieldError[] => [
  ...isNotNegative('spec.replicas', spec.replicas),
  ...isNotNegative('spec.minReadySeconds', spec.minReadySeconds),
  ...validateWorkloadSelector(spec.selector, 'spec.selector'),
  ...validateSelectedTemplate(spec, 'ReplicaSet'),
]

const COUNTS = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const

const validateStatusUpdate = ({ status }: ReplicaSet): FieldError[] => [
  ...validateCounts(status, [...COUNTS, 'terminatingReplicas', 'observedGeneration']),
  ...validateReplicaParts(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']),
]

export const replicaSet: Kind<ReplicaSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  schema,
  hasStatus: true,
  hasGeneration: true,
  warningsOnCreate: ({ spec }) => templateWarnings(spec.template),
  scale: replicaScale(),
  defaults: ({ spec }) => templateDefaults(spec.template),
  prepareForCreate: (set) => {
    set.status = { replicas: 0 }
  },
  validate,
  validateUpdate: ({ spec }, old) => validateSameSelector(spec.selector, old.spec.selector),
  validateStatusUpdate,
  columns: [
    nameColumn,
    {
      name: 'Desired',
      type: 'integer',
      description: 'Number of pods that there should be.',
      cell: ({ spec }) => spec.replicas,
    },
    { name: 'Current', type: 'integer', description: 'Number of pods.', cell: ({ status }) => status.replicas },
    {
      name: 'Ready',
      type: 'integer',
      description: 'Number of pods that are ready.',
      cell: ({ status }) => status.readyReplicas ?? 0,
    },
    ageColumn,
    ...workloadColumns<ReplicaSet>(),
  ],
  selectableFields: { 'status.replicas': ({ status }) => String(status.replicas) },
}
