import { type FieldError, forbidden, invalid, notSupportedShown } from '../field-errors.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { invalidIntOrPercent, isZero, validateAtMostAll, validateIntOrPercent } from './int-or-percent.ts'
import type { Kind } from './kind.ts'
import { LabelSelector, typeMeta } from './meta.ts'
import { isNotNegative } from './pod/validation/rules.ts'
import { sameSpec } from './pod/validation/same-spec.ts'
import { PodTemplateSpec, templateDefaults, templateWarnings } from './pod-template.ts'
import { boolean, choice, field, int32, int64, intOrString, object, type Static, time } from './schema.ts'
import { workloadColumns } from './workload/columns.ts'
import { conditionFields, conditionList } from './workload/conditions.ts'
import { appsModel } from './workload/models.ts'
import { replicaScale, validateCollisions, validateCounts, validateReplicaParts } from './workload/replica-counts.ts'
import { validateSameSelector, validateWorkloadSelector } from './workload/selector.ts'
import { validateSelectedTemplate } from './workload/template.ts'

const RollingUpdateDeployment = object(
  appsModel('RollingUpdateDeployment'),
  'How far a rolling update may go from the wanted number of pods.',
  {
    maxUnavailable: intOrString(
      'Most pods that may be missing, as a number or a percentage of the wanted ones, rounded down. Not 0 if `maxSurge` is.',
      { default: '25%' },
    ),
    maxSurge: intOrString(
      'Most pods that there may be beyond the wanted ones, as a number or a percentage of them, rounded up.',
      { default: '25%' },
    ),
  },
)

const DeploymentStrategy = object(
  appsModel('DeploymentStrategy'),
  'How pods of an old template are replaced.',
  {
    type: choice(
      'RollingUpdate replaces them little by little; Recreate stops all the old ones before it starts new ones.',
      ['Recreate', 'RollingUpdate'],
      { default: 'RollingUpdate' },
    ),
    rollingUpdate: field(RollingUpdateDeployment, 'Limits of a rolling update.', {
      // An empty object, which the defaults of its own fields then fill.
      default: ({ type }: { type?: string }) => (type === 'RollingUpdate' ? {} : undefined),
    }),
  },
  { required: ['type'] },
)
export type DeploymentStrategy = Static<typeof DeploymentStrategy>

const DeploymentSpec = object(
  appsModel('DeploymentSpec'),
  'How many pods there should be, which, and how they are replaced.',
  {
    replicas: int32('Number of pods that there should be.', { default: 1 }),
    selector: field(
      LabelSelector,
      'Which pods belong to it; the template’s labels must be among them. Cannot be changed.',
    ),
    template: field(PodTemplateSpec, 'What the pods are made from; a change of it is a new revision.', { default: {} }),
    strategy: field(DeploymentStrategy, 'How pods of an old template are replaced.', {
      default: {},
      patch: 'retainKeys',
    }),
    minReadySeconds: int32('Seconds for which a pod must have been ready to count as available. Default: 0.'),
    revisionHistoryLimit: int32('Old ReplicaSets that are kept for a rollback.', { default: 10 }),
    paused: boolean('Whether changes of the template wait.'),
    progressDeadlineSeconds: int32('Seconds without progress after which a rollout counts as failed.', {
      default: 600,
    }),
  },
  { required: ['replicas', 'selector', 'template', 'strategy', 'revisionHistoryLimit', 'progressDeadlineSeconds'] },
)

const DeploymentCondition = object(
  appsModel('DeploymentCondition'),
  'One aspect of a deployment’s current state.',
  {
    ...conditionFields('Available, Progressing or ReplicaFailure'),
    lastUpdateTime: time('When the condition was last changed in any way.'),
  },
  { required: ['type', 'status'] },
)
export type DeploymentCondition = Static<typeof DeploymentCondition>

const DeploymentStatus = object(appsModel('DeploymentStatus'), 'How many pods there are, and how a rollout goes.', {
  observedGeneration: int64('The `metadata.generation` that the controller has acted upon.'),
  replicas: int32('Number of pods that are not being deleted, of all revisions.'),
  updatedReplicas: int32('Number of pods of the current template.'),
  readyReplicas: int32('Number of pods that are ready.'),
  availableReplicas: int32('Number of pods that have been ready for `minReadySeconds`.'),
  unavailableReplicas: int32('Number of pods that are missing: wanted, but not available.'),
  terminatingReplicas: int32('Number of pods that are being deleted and are not gone yet.'),
  conditions: conditionList(DeploymentCondition, 'How a rollout goes.'),
  collisionCount: int32('How often the name of a new ReplicaSet was taken; part of the hash in the next one’s name.'),
})
export type DeploymentStatus = Static<typeof DeploymentStatus>

const schema = object(
  appsModel('Deployment'),
  'Keeps a number of pods running, and replaces them when their template changes.',
  {
    ...typeMeta,
    spec: field(DeploymentSpec, 'How many pods there should be, which, and how they are replaced.', { default: {} }),
    status: field(DeploymentStatus, 'How many pods there are, and how a rollout goes.', { default: {} }),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec', 'status'] },
)
export type Deployment = Static<typeof schema>

function validateRollingUpdate({ maxUnavailable = 0, maxSurge = 0 }: Static<typeof RollingUpdateDeployment>) {
  const path = 'spec.strategy.rollingUpdate'
  const unavailable = `${path}.maxUnavailable`
  const errors = [
    ...validateIntOrPercent(maxUnavailable, unavailable),
    ...validateIntOrPercent(maxSurge, `${path}.maxSurge`),
  ]
  if (isZero(maxUnavailable) && isZero(maxSurge))
    errors.push(invalidIntOrPercent(unavailable, maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  return [...errors, ...validateAtMostAll(maxUnavailable, unavailable)]
}

function validateStrategy({ type, rollingUpdate }: DeploymentStrategy): FieldError[] {
  const path = 'spec.strategy'
  if (type === 'RollingUpdate') return validateRollingUpdate(rollingUpdate ?? {})
  if (type === 'Recreate')
    return rollingUpdate === undefined
      ? []
      : [forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")]
  const shown = `apps.DeploymentStrategy{Type:${JSON.stringify(type)}, RollingUpdate:(*apps.RollingUpdateDeployment)(nil)}`
  return [notSupportedShown(path, shown, ['Recreate', 'RollingUpdate'])]
}

function validate({ spec }: Deployment): FieldError[] {
  const { minReadySeconds = 0, progressDeadlineSeconds } = spec
  const errors = [
    ...isNotNegative('spec.replicas', spec.replicas),
    ...validateWorkloadSelector(spec.selector, 'spec.selector'),
    ...validateSelectedTemplate(spec, 'ReplicaSet'),
    ...validateStrategy(spec.strategy),
    ...isNotNegative('spec.minReadySeconds', minReadySeconds),
    ...isNotNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...isNotNegative('spec.progressDeadlineSeconds', progressDeadlineSeconds),
  ]
  if (progressDeadlineSeconds <= minReadySeconds) {
    const detail = 'must be greater than minReadySeconds'
    errors.push(invalid('spec.progressDeadlineSeconds', progressDeadlineSeconds, detail))
  }
  return errors
}

/** Annotations count as well: among them are those by which a rollout is restarted or explained. */
function prepareForUpdate({ metadata }: Deployment, { metadata: old }: Deployment): void {
  if (!sameSpec(metadata.annotations, old.annotations)) metadata.generation = (old.generation ?? 0) + 1
}

const COUNTS = [
  'observedGeneration',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'terminatingReplicas',
  'collisionCount',
] as const

const validateStatusUpdate = ({ status }: Deployment, { status: old }: Deployment): FieldError[] => [
  ...validateCounts(status, COUNTS),
  ...validateReplicaParts(status, ['updatedReplicas', 'readyReplicas', 'availableReplicas']),
  ...validateCollisions(status, old),
]

export const deployment: Kind<Deployment> = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  schema,
  hasStatus: true,
  isAnnotatedByStatus: true,
  hasGeneration: true,
  warningsOnCreate: ({ spec }) => templateWarnings(spec.template),
  scale: replicaScale(),
  defaults: ({ spec }) => templateDefaults(spec.template),
  prepareForCreate: (object) => {
    object.status = {}
  },
  prepareForUpdate,
  validate,
  validateUpdate: ({ spec }, old) => validateSameSelector(spec.selector, old.spec.selector),
  validateStatusUpdate,
  columns: [
    nameColumn,
    {
      name: 'Ready',
      type: 'string',
      description: 'Pods that are ready, of those that there should be.',
      cell: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas}`,
    },
    {
      name: 'Up-to-date',
      type: 'string',
      description: 'Number of pods of the current template.',
      cell: ({ status }) => status.updatedReplicas ?? 0,
    },
    {
      name: 'Available',
      type: 'string',
      description: 'Number of pods that have been ready for long enough.',
      cell: ({ status }) => status.availableReplicas ?? 0,
    },
    ageColumn,
    ...workloadColumns<Deployment>(),
  ],
}
