import { ageColumn, nameColumn } from './columns.ts'
import type { Kind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { ObjectReference } from './object-reference.ts'
import { coreModel } from './pod/core-model.ts'
import { LocalObjectReference } from './pod/references.ts'
import { boolean, list, object, type Static } from './schema.ts'

const schema = object(
  coreModel('ServiceAccount'),
  'An identity for programs that run in pods.',
  {
    ...typeMeta,
    secrets: list(ObjectReference, 'Secrets that pods of this account may use.', {
      type: 'map',
      keys: ['name'],
      patch: 'merge',
      mergeKey: 'name',
    }),
    imagePullSecrets: list(LocalObjectReference, 'Secrets for fetching the images of pods of this account.', {
      type: 'atomic',
    }),
    automountServiceAccountToken: boolean(
      'Whether pods of this account get a token as a file. Pods may decide otherwise. Default: true.',
    ),
  },
  { required: ['apiVersion', 'kind', 'metadata'] },
)
export type ServiceAccount = Static<typeof schema>

export const serviceAccount: Kind<ServiceAccount> = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  namespaced: true,
  schema,
  hasStatus: false,
  hasGeneration: false,
  returnsDeleted: true,
  validate: () => [],
  columns: [
    nameColumn,
    {
      name: 'Secrets',
      type: 'string',
      description: 'Number of secrets.',
      cell: ({ secrets = [] }) => secrets.length,
    },
    ageColumn,
  ],
}
