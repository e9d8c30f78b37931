import { type FieldError, invalid } from '../field-errors.ts'
import { ageColumn, nameColumn } from './columns.ts'
import type { Kind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { dnsLabelName } from './names.ts'
import { coreModel } from './pod/core-model.ts'
import { field, list, object, type Static, text, time } from './schema.ts'
import { validateFinalizer } from './validate-meta.ts'

/** The label by which selectors find a namespace by its name; the server sets it, and sets it again when it is changed. */
export const NAME_LABEL = 'kubernetes.io/metadata.name'

/** The finalizer that keeps a namespace until everything in it is gone. */
export const NAMESPACE_FINALIZER = 'kubernetes'

const NamespaceSpec = object(coreModel('NamespaceSpec'), 'What a namespace should be.', {
  finalizers: list(
    text('Finalizer name.'),
    'Must be empty before the namespace is removed; only the `finalize` subresource changes it.',
    { type: 'atomic' },
  ),
})

const NamespaceCondition = object(
  coreModel('NamespaceCondition'),
  'One aspect of a namespace’s current state.',
  {
    type: text('Name of the aspect.'),
    status: text('True, False or Unknown.'),
    lastTransitionTime: time('When `status` last changed.'),
    reason: text('Why, in one CamelCase word.'),
    message: text('Why, for people.'),
  },
  { required: ['type', 'status'] },
)

const NamespaceStatus = object(coreModel('NamespaceStatus'), 'What a namespace is.', {
  phase: text('Active, or Terminating once its deletion was asked for.'),
  conditions: list(NamespaceCondition, 'What a deletion has reached or waits for.', {
    type: 'map',
    keys: ['type'],
    patch: 'merge',
    mergeKey: 'type',
  }),
})

const schema = object(
  coreModel('Namespace'),
  'A space of names: objects in different namespaces may have the same name.',
  {
    ...typeMeta,
    spec: field(NamespaceSpec, 'What the namespace should be.', { default: {} }),
    status: field(NamespaceStatus, 'What the namespace is.', { default: {} }),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec', 'status'] },
)
export type Namespace = Static<typeof schema>

function labelWithName({ metadata }: Namespace): void {
  metadata.labels = { ...metadata.labels, [NAME_LABEL]: metadata.name }
}

function validateStatusUpdate({ metadata, status }: Namespace): FieldError[] {
  const isDeleted = metadata.deletionTimestamp !== undefined
  const wanted = isDeleted ? 'Terminating' : 'Active'
  if (status.phase === wanted) return []
  const detail = `may only be '${wanted}' if \`deletionTimestamp\` is ${isDeleted ? 'not ' : ''}empty`
  return [invalid('status.Phase', status.phase ?? '', detail)]
}

export const namespace: Kind<Namespace> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  namespaced: false,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  schema,
  hasStatus: true,
  hasGeneration: false,
  validateName: dnsLabelName,
  defaults: ({ status }) => {
    if (status.phase === undefined || status.phase === '') status.phase = 'Active'
  },
  prepareForCreate: (object) => {
    labelWithName(object)
    object.status = { phase: 'Active' }
    const finalizers = object.spec.finalizers ?? []
    if (!finalizers.includes(NAMESPACE_FINALIZER)) object.spec.finalizers = [...finalizers, NAMESPACE_FINALIZER]
  },
  prepareForUpdate: (object, old) => {
    labelWithName(object)
    object.spec = old.spec
  },
  prepareForDelete: ({ status }) => {
    status.phase = 'Terminating'
  },
  isHeld: ({ spec }) => (spec.finalizers ?? []).length > 0,
  validate: ({ spec }) => (spec.finalizers ?? []).flatMap((name) => validateFinalizer(name, 'spec.finalizers')),
  validateStatusUpdate,
  columns: [
    nameColumn,
    {
      name: 'Status',
      type: 'string',
      description: 'Phase of the namespace.',
      cell: ({ status }) => status.phase ?? '',
    },
    ageColumn,
  ],
  selectableFields: { 'status.phase': ({ status }) => status.phase ?? '' },
}
