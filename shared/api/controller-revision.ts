import { type FieldError, invalid, required } from '../field-errors.ts'
import { ageColumn, nameColumn } from './columns.ts'
import type { Kind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { isNotNegative } from './pod/validation/rules.ts'
import { sameSpec } from './pod/validation/same-spec.ts'
import { anyObject, int64, object, type Static } from './schema.ts'
import { appsModel } from './workload/models.ts'

const schema = object(
  appsModel('ControllerRevision'),
  'A former or the current state of a DaemonSet or StatefulSet, to which it can be rolled back.',
  {
    ...typeMeta,
    data: anyObject('The state. Cannot be changed.'),
    revision: int64('Place in the history: a later state has a higher number.'),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'data', 'revision'] },
)
export type ControllerRevision = Static<typeof schema>

const validate = ({ data, revision }: Partial<ControllerRevision>): FieldError[] => [
  ...(data === undefined ? [required('data', 'data is mandatory')] : []),
  ...isNotNegative('revision', revision),
]

/** `daemonset.apps/ssd-monitor`. */
function controllerOf({ metadata: { ownerReferences = [] } }: ControllerRevision): string {
  const owner = ownerReferences.find(({ controller }) => controller === true)
  if (owner === undefined) return '<none>'
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : ''
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`
}

export const controllerRevision: Kind<ControllerRevision> = {
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  singular: 'controllerrevision',
  namespaced: true,
  schema,
  hasStatus: false,
  hasGeneration: false,
  defaults: (object) => {
    object.revision ??= 0
  },
  validate,
  validateUpdate: ({ data }, { data: old }) =>
    sameSpec(data, old) ? [] : [invalid('data', data, 'field is immutable')],
  columns: [
    nameColumn,
    {
      name: 'Controller',
      type: 'string',
      description: 'What it is a state of.',
      cell: controllerOf,
    },
    { name: 'Revision', type: 'string', description: 'Place in the history.', cell: ({ revision }) => revision },
    ageColumn,
  ],
}
