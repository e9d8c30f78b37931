import { type FieldError, required } from '../field-errors.ts'
import { formatSelector, selectorFromMap } from '../labels.ts'
import { ageColumn, nameColumn } from './columns.ts'
import type { Kind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { coreModel } from './pod/core-model.ts'
import { isNotNegative } from './pod/validation/rules.ts'
import { PodTemplateSpec, templateDefaults, templateWarnings } from './pod-template.ts'
import { field, int32, int64, map, object, type Static, text } from './schema.ts'
import { containerColumns, selectorColumn } from './workload/columns.ts'
import { conditionList, workloadCondition } from './workload/conditions.ts'
import { validateCounts, validateReplicaParts } from './workload/replica-counts.ts'
import { validateEndlessTemplate } from './workload/template.ts'

const ReplicationControllerSpec = object(
  coreModel('ReplicationControllerSpec'),
  'How many pods there should be, and which.',
  {
    replicas: int32('Number of pods that there should be.', { default: 1 }),
    minReadySeconds: int32('Seconds for which a pod must have been ready to count as available. Default: 0.'),
    selector: map(
      text('Label value.'),
      'Labels of the pods that are counted; the template must have them. Default: all labels of the template.',
      { mapType: 'atomic' },
    ),
    template: field(PodTemplateSpec, 'What missing pods are made from.'),
  },
  { required: ['replicas', 'selector', 'template'] },
)

const ReplicationControllerCondition = workloadCondition(coreModel('ReplicationControllerCondition'), 'ReplicaFailure')
export type ReplicationControllerCondition = Static<typeof ReplicationControllerCondition>

const ReplicationControllerStatus = object(
  coreModel('ReplicationControllerStatus'),
  'How many pods there are.',
  {
    replicas: int32('Number of pods.'),
    fullyLabeledReplicas: int32('Number of pods that have all labels of the template.'),
    readyReplicas: int32('Number of pods that are ready.'),
    availableReplicas: int32('Number of pods that have been ready for `minReadySeconds`.'),
    observedGeneration: int64('The `metadata.generation` that the controller has acted upon.'),
    conditions: conditionList(ReplicationControllerCondition, 'What keeps the controller from its work.'),
  },
  { required: ['replicas'] },
)
export type ReplicationControllerStatus = Static<typeof ReplicationControllerStatus>

const schema = object(
  coreModel('ReplicationController'),
  'Keeps a number of pods running. The older brother of ReplicaSet.',
  {
    ...typeMeta,
    spec: field(ReplicationControllerSpec, 'How many pods there should be, and which.', { default: {} }),
    status: field(ReplicationControllerStatus, 'How many pods there are.', { default: { replicas: 0 } }),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec', 'status'] },
)
export type ReplicationController = Static<typeof schema>

/** An object as its client sent it: what validation asks for may be missing. */
const draftOf = ({ spec }: ReplicationController): Partial<ReplicationController['spec']> => spec

const isEmpty = (labels: Readonly<Record<string, string>> | undefined) => Object.keys(labels ?? {}).length === 0

/** Without a selector, and without labels of its own, a controller takes those of its template. */
function defaults(controller: ReplicationController): void {
  const { template, selector } = draftOf(controller)
  if (template === undefined) return
  templateDefaults(template)
  const { labels } = template.metadata
  if (isEmpty(labels)) return
  if (isEmpty(selector)) controller.spec.selector = { ...labels }
  if (isEmpty(controller.metadata.labels)) controller.metadata.labels = { ...labels }
}

/** Errors of the template, which behind a pointer upstream may be missing. An empty selector is judged elsewhere. */
function validateTemplate(controller: ReplicationController): FieldError[] {
  const { template, selector } = draftOf(controller)
  const path = 'spec.template'
  return template === undefined
    ? [required(path)]
    : validateEndlessTemplate(template, path, { selector: selectorFromMap(selector), kind: 'ReplicationController' })
}

function validate(controller: ReplicationController): FieldError[] {
  const { minReadySeconds, selector, replicas } = draftOf(controller)
  return [
    ...isNotNegative('spec.minReadySeconds', minReadySeconds),
    ...(isEmpty(selector) ? [required('spec.selector')] : []),
    ...isNotNegative('spec.replicas', replicas),
    ...validateTemplate(controller),
  ]
}

const COUNTS = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'] as const

const validateStatusUpdate = ({ status }: ReplicationController): FieldError[] => [
  ...validateCounts(status, COUNTS),
  ...validateReplicaParts(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']),
]

const selectorText = ({ spec }: ReplicationController) => formatSelector(selectorFromMap(spec.selector))

export const replicationController: Kind<ReplicationController> = {
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  singular: 'replicationcontroller',
  shortNames: ['rc'],
  categories: ['all'],
  namespaced: true,
  schema,
  hasStatus: true,
  hasGeneration: true,
  warningsOnCreate: ({ spec }) => templateWarnings(spec.template),
  orphansByDefault: true,
  scale: {
    replicas: ({ spec }) => spec.replicas,
    statusReplicas: ({ status }) => status.replicas,
    selector: selectorText,
    withReplicas: (controller, replicas) => ({ ...controller, spec: { ...controller.spec, replicas } }),
  },
  defaults,
  prepareForCreate: (controller) => {
    controller.status = { replicas: 0 }
  },
  validate,
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
    ...containerColumns<ReplicationController>(({ spec }) => spec.template),
    selectorColumn<ReplicationController>(selectorText),
  ],
  selectableFields: { 'status.replicas': ({ status }) => String(status.replicas) },
}
