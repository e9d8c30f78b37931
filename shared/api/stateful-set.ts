import { type FieldError, forbidden, invalid, invalidShown, required } from '../field-errors.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { invalidIntOrPercent, isZero, validateAtMostAll, validateIntOrPercent } from './int-or-percent.ts'
import type { Kind } from './kind.ts'
import { LabelSelector, typeMeta } from './meta.ts'
import { PersistentVolumeClaim } from './persistent-volume-claim.ts'
import { isNotNegative, isOneOf } from './pod/validation/rules.ts'
import { sameSpec } from './pod/validation/same-spec.ts'
import { PodTemplateSpec, templateDefaults } from './pod-template.ts'
import { choice, field, int32, int64, intOrString, list, object, type Static, text } from './schema.ts'
import { validateLabelSelector } from './validate-label-selector.ts'
import { containerColumns } from './workload/columns.ts'
import { conditionList, workloadCondition } from './workload/conditions.ts'
import { appsModel } from './workload/models.ts'
import { replicaScale, validateCollisions, validateCounts, validateReplicaParts } from './workload/replica-counts.ts'
import { refuseEmptySelector, showLabelSelector, usableSelector } from './workload/selector.ts'
import { validateEndlessTemplate } from './workload/template.ts'

const RollingUpdateStatefulSetStrategy = object(
  appsModel('RollingUpdateStatefulSetStrategy'),
  'How far a rolling update goes.',
  {
    partition: int32('Pods with this ordinal and higher ones are updated, the others stay.', { default: 0 }),
    maxUnavailable: intOrString('Most pods that may be missing, as a number or a percentage. Default: 1.'),
  },
)

const StatefulSetUpdateStrategy = object(
  appsModel('StatefulSetUpdateStrategy'),
  'How pods of an old template are replaced.',
  {
    type: choice(
      'RollingUpdate replaces them from the highest ordinal down; OnDelete when somebody deletes them.',
      ['RollingUpdate', 'OnDelete'],
      {
        default: 'RollingUpdate',
      },
    ),
    rollingUpdate: field(RollingUpdateStatefulSetStrategy, 'Limits of a rolling update.', {
      default: ({ type }: { type?: string }) => (type === 'RollingUpdate' ? {} : undefined),
    }),
  },
  { required: ['type'] },
)
type StatefulSetUpdateStrategy = Static<typeof StatefulSetUpdateStrategy>

const RETENTION = ['Retain', 'Delete'] as const

const retention = (when: string) =>
  choice(`Whether claims stay (Retain) or go (Delete) when ${when}.`, RETENTION, { default: 'Retain' })

const ClaimRetentionPolicy = object(
  appsModel('StatefulSetPersistentVolumeClaimRetentionPolicy'),
  'What becomes of claims that are needed no longer.',
  {
    whenDeleted: retention('the set is deleted'),
    whenScaled: retention('their pod goes because there shall be fewer'),
  },
)

const StatefulSetOrdinals = object(appsModel('StatefulSetOrdinals'), 'How the pods are numbered.', {
  start: int32('Ordinal of the first pod. Default: 0.'),
})

const StatefulSetSpec = object(
  appsModel('StatefulSetSpec'),
  'How many pods with names of their own there should be, and which.',
  {
    replicas: int32('Number of pods that there should be.', { default: 1 }),
    selector: field(
      LabelSelector,
      'Which pods belong to it; the template’s labels must be among them. Cannot be changed.',
    ),
    template: field(PodTemplateSpec, 'What the pods are made from.', { default: {} }),
    volumeClaimTemplates: list(PersistentVolumeClaim, 'Claims that each pod gets for its own.', { type: 'atomic' }),
    serviceName: text('Service that gives the pods their names in the network. Cannot be changed.'),
    podManagementPolicy: choice(
      'Whether pods are started and stopped in order (OrderedReady) or at once (Parallel).',
      ['OrderedReady', 'Parallel'],
      {
        default: 'OrderedReady',
      },
    ),
    updateStrategy: field(StatefulSetUpdateStrategy, 'How pods of an old template are replaced.', { default: {} }),
    revisionHistoryLimit: int32('Old revisions that are kept for a rollback.', { default: 10 }),
    minReadySeconds: int32('Seconds for which a pod must have been ready to count as available. Default: 0.'),
    persistentVolumeClaimRetentionPolicy: field(
      ClaimRetentionPolicy,
      'What becomes of claims that are needed no longer.',
      {
        default: {},
      },
    ),
    ordinals: field(StatefulSetOrdinals, 'How the pods are numbered.'),
  },
  { required: ['replicas', 'selector', 'template', 'podManagementPolicy', 'updateStrategy', 'revisionHistoryLimit'] },
)
type StatefulSetSpec = Static<typeof StatefulSetSpec>

const StatefulSetCondition = workloadCondition(appsModel('StatefulSetCondition'), 'none are in use yet')

const StatefulSetStatus = object(
  appsModel('StatefulSetStatus'),
  'How many pods there are, and of which revision.',
  {
    observedGeneration: int64('The `metadata.generation` that the controller has acted upon.'),
    replicas: int32('Number of pods.'),
    readyReplicas: int32('Number of pods that are ready.'),
    currentReplicas: int32('Number of pods of `currentRevision`.'),
    updatedReplicas: int32('Number of pods of `updateRevision`.'),
    availableReplicas: int32('Number of pods that have been ready for `minReadySeconds`.'),
    currentRevision: text('The revision that an update starts from.'),
    updateRevision: text('The revision that it leads to.'),
    collisionCount: int32('How often the name of a new revision was taken; part of the hash in the next one’s name.'),
    conditions: conditionList(StatefulSetCondition, 'What there is to say beside the counts.'),
  },
  { required: ['replicas'] },
)
export type StatefulSetStatus = Static<typeof StatefulSetStatus>

const schema = object(
  appsModel('StatefulSet'),
  'Keeps a number of pods running that have lasting names and storage.',
  {
    ...typeMeta,
    spec: field(StatefulSetSpec, 'How many pods there should be, and which.', { default: {} }),
    status: field(StatefulSetStatus, 'How many pods there are.', { default: { replicas: 0 } }),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec', 'status'] },
)
export type StatefulSet = Static<typeof schema>

function validateUpdateStrategy({ type, rollingUpdate }: StatefulSetUpdateStrategy): FieldError[] {
  const path = 'spec.updateStrategy'
  if (type !== 'RollingUpdate' && type !== 'OnDelete')
    return [invalid(path, { type, rollingUpdate }, "must be 'RollingUpdate' or 'OnDelete'")]
  if (rollingUpdate === undefined) return []
  if (type === 'OnDelete')
    return [invalid(`${path}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")]
  const { partition, maxUnavailable } = rollingUpdate
  const field = `${path}.rollingUpdate.maxUnavailable`
  return [
    ...isNotNegative(`${path}.rollingUpdate.partition`, partition),
    ...(maxUnavailable === undefined
      ? []
      : [
          ...validateIntOrPercent(maxUnavailable, field),
          ...(isZero(maxUnavailable) ? [invalidIntOrPercent(field, maxUnavailable, 'cannot be 0')] : []),
          ...validateAtMostAll(maxUnavailable, field),
        ]),
  ]
}

function validateTemplate({ selector, template }: StatefulSetSpec): FieldError[] {
  const path = 'spec.selector'
  const errors =
    selector === undefined
      ? [required(path)]
      : [...validateLabelSelector(selector, path), ...refuseEmptySelector(selector, path, 'statefulset')]
  const usable = usableSelector(selector)
  return usable === undefined
    ? [...errors, invalidShown(path, showLabelSelector(selector), '')]
    : [...errors, ...validateEndlessTemplate(template, 'spec.template', { selector: usable, kind: 'StatefulSet' })]
}

function validate({ spec }: StatefulSet): FieldError[] {
  const { podManagementPolicy, persistentVolumeClaimRetentionPolicy: claims = {} } = spec
  const isKnown = podManagementPolicy === 'OrderedReady' || podManagementPolicy === 'Parallel'
  return [
    ...(isKnown
      ? []
      : [invalid('spec.podManagementPolicy', podManagementPolicy, "must be 'OrderedReady' or 'Parallel'")]),
    ...validateUpdateStrategy(spec.updateStrategy),
    ...isOneOf('spec.persistentVolumeClaimRetentionPolicy.whenDeleted', claims.whenDeleted, RETENTION),
    ...isOneOf('spec.persistentVolumeClaimRetentionPolicy.whenScaled', claims.whenScaled, RETENTION),
    ...isNotNegative('spec.replicas', spec.replicas),
    ...isNotNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...isNotNegative('spec.ordinals.start', spec.ordinals?.start),
    ...isNotNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...validateTemplate(spec),
  ]
}

const CHANGEABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const

/** What pods are called by, and what they have stored, lasts as long as the set. */
function validateUpdate({ spec }: StatefulSet, { spec: old }: StatefulSet): FieldError[] {
  const allowed = { ...old, ...Object.fromEntries(CHANGEABLE.map((name) => [name, spec[name]])) }
  if (sameSpec(spec, allowed)) return []
  const names = CHANGEABLE.map((name) => `'${name}'`)
  const shown = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  return [forbidden('spec', `updates to statefulset spec for fields other than ${shown} are forbidden`)]
}

const PARTS = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'] as const

const validateStatusUpdate = ({ status }: StatefulSet, { status: old }: StatefulSet): FieldError[] => [
  ...validateCounts(status, ['replicas', ...PARTS, 'observedGeneration', 'collisionCount']),
  ...validateReplicaParts(status, PARTS),
  ...validateCollisions(status, old),
]

export const statefulSet: Kind<StatefulSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  singular: 'statefulset',
  shortNames: ['sts'],
  categories: ['all'],
  namespaced: true,
  schema,
  hasStatus: true,
  hasGeneration: true,
  warningsOnCreate: () => ['stateful sets get no pods here yet: this one is only kept'],
  scale: replicaScale(),
  defaults: ({ spec }) => templateDefaults(spec.template),
  prepareForCreate: (set) => {
    set.status = { replicas: 0 }
  },
  validate,
  validateUpdate,
  validateStatusUpdate,
  columns: [
    nameColumn,
    {
      name: 'Ready',
      type: 'string',
      description: 'Pods that are ready, of those that there should be.',
      cell: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas}`,
    },
    ageColumn,
    ...containerColumns<StatefulSet>(({ spec }) => spec.template),
  ],
}
