import { type FieldError, forbidden, invalid, notSupported, required } from '../field-errors.ts'
import { formatSelector, matchesSelector, selectorFromMap } from '../labels.ts'
import { ageColumn, nameColumn } from './columns.ts'
import type { Kind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { coreModel } from './pod/core-model.ts'
import { PodTemplateSpec, templateDefaults, validatePodTemplate } from './pod-template.ts'
import { field, int32, int64, list, map, object, type Static, text, time } from './schema.ts'

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

const ReplicationControllerCondition = object(
  coreModel('ReplicationControllerCondition'),
  'One aspect of a controller’s current state.',
  {
    type: text('Name of the aspect: ReplicaFailure.'),
    status: text('True, False or Unknown.'),
    lastTransitionTime: time('When `status` last changed.'),
    reason: text('Why, in one CamelCase word.'),
    message: text('Why, for people.'),
  },
  { required: ['type', 'status'] },
)
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
    conditions: list(ReplicationControllerCondition, 'What keeps the controller from its work.', {
      type: 'map',
      keys: ['type'],
      patch: 'merge',
      mergeKey: 'type',
    }),
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

const NEGATIVE = 'must be greater than or equal to 0'

const refuseNegative = (field: string, value: number | undefined): FieldError[] =>
  value !== undefined && value < 0 ? [invalid(field, value, NEGATIVE)] : []

/** What every pod template must be, and what only those of controllers must be: running for ever. */
function validateTemplate(controller: ReplicationController): FieldError[] {
  const { template, selector = {} } = draftOf(controller)
  const path = 'spec.template'
  if (template === undefined) return [required(path)]
  const errors: FieldError[] = []
  const { labels = {} } = template.metadata
  if (!isEmpty(selector) && !matchesSelector(selectorFromMap(selector), labels)) {
    errors.push(invalid(`${path}.metadata.labels`, labels, '`selector` does not match template `labels`'))
  }
  errors.push(...validatePodTemplate(template, path))
  const { restartPolicy, activeDeadlineSeconds } = template.spec
  if (restartPolicy !== 'Always') errors.push(notSupported(`${path}.spec.restartPolicy`, restartPolicy, ['Always']))
  if (activeDeadlineSeconds !== undefined) {
    const detail = 'activeDeadlineSeconds in ReplicationController is not Supported'
    errors.push(forbidden(`${path}.spec.activeDeadlineSeconds`, detail))
  }
  return errors
}

function validate(controller: ReplicationController): FieldError[] {
  const { minReadySeconds, selector, replicas } = draftOf(controller)
  return [
    ...refuseNegative('spec.minReadySeconds', minReadySeconds),
    ...(isEmpty(selector) ? [required('spec.selector')] : []),
    ...refuseNegative('spec.replicas', replicas),
    ...validateTemplate(controller),
  ]
}

const COUNTS = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'] as const

function validateStatusUpdate({ status }: ReplicationController): FieldError[] {
  const { replicas, readyReplicas = 0, availableReplicas = 0, fullyLabeledReplicas = 0 } = status
  const errors = COUNTS.flatMap((count) => refuseNegative(`status.${count}`, status[count]))
  for (const [name, count] of Object.entries({ fullyLabeledReplicas, readyReplicas, availableReplicas })) {
    if (count > replicas) errors.push(invalid(`status.${name}`, count, 'cannot be greater than status.replicas'))
  }
  if (availableReplicas > readyReplicas) {
    errors.push(invalid('status.availableReplicas', availableReplicas, 'cannot be greater than readyReplicas'))
  }
  return errors
}

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
    {
      name: 'Containers',
      type: 'string',
      priority: 1,
      description: 'Names of the containers.',
      cell: ({ spec }) => spec.template.spec.containers.map(({ name }) => name).join(','),
    },
    {
      name: 'Images',
      type: 'string',
      priority: 1,
      description: 'Images of the containers.',
      cell: ({ spec }) => spec.template.spec.containers.map(({ image }) => image).join(','),
    },
    {
      name: 'Selector',
      type: 'string',
      priority: 1,
      description: 'Labels of the pods that are counted.',
      cell: selectorText,
    },
  ],
  selectableFields: { 'status.replicas': ({ status }) => String(status.replicas) },
}
