import { type FieldError, notSupported, required } from '../field-errors.ts'
import type { BodyKind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { ObjectReference } from './object-reference.ts'
import { coreModel } from './pod/core-model.ts'
import { field, object, type Static } from './schema.ts'

const schema = object(
  coreModel('Binding'),
  'Ties a pod to a node: what a scheduler posts to the pod’s `binding` subresource.',
  { ...typeMeta, target: field(ObjectReference, 'The node.', { default: {} }) },
  { required: ['apiVersion', 'kind', 'metadata', 'target'] },
)
export type Binding = Static<typeof schema>

function validate({ target: { kind = '', name = '' } }: Binding): FieldError[] {
  const errors = kind === '' || kind === 'Node' ? [] : [notSupported('target.kind', kind, ['Node', '<empty>'])]
  return name === '' ? [...errors, required('target.name')] : errors
}

export const binding: BodyKind<Binding> = { group: '', version: 'v1', kind: 'Binding', schema, validate }
