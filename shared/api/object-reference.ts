import { coreModel } from './pod/core-model.ts'
import { object, type Static, text } from './schema.ts'

export const ObjectReference = object(
  coreModel('ObjectReference'),
  'Names an object, or a part of one, as well as the one who writes it can.',
  {
    kind: text('Kind of the object.'),
    namespace: text('Namespace of the object.'),
    name: text('Name of the object.'),
    uid: text('UID of the object.'),
    apiVersion: text('API version of the object.'),
    resourceVersion: text('Version of the object that is meant, if it matters.'),
    fieldPath: text('Part of the object, such as `spec.containers{main}`; empty for the whole.'),
  },
  { mapType: 'atomic' },
)
export type ObjectReference = Static<typeof ObjectReference>
