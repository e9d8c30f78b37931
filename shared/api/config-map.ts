import { at, type FieldError, invalid, tooLong } from '../field-errors.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { MAX_CONFIG_BYTES, sizeOf, validateImmutable, validateKeys } from './config-entries.ts'
import type { Kind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { boolean, bytes, map, object, type Static, text } from './schema.ts'

const schema = object(
  'io.k8s.api.core.v1.ConfigMap',
  'Configuration for pods to consume, as named texts or bytes.',
  {
    ...typeMeta,
    data: map(text('The text of one entry.'), 'Entries as UTF-8 text. Keys: letters, digits, `-`, `_` and `.`.'),
    binaryData: map(bytes('The bytes of one entry.'), 'Entries as bytes. A key may not be in `data` as well.'),
    immutable: boolean('Whether the data can no longer be changed; cannot be unset.'),
  },
  { required: ['apiVersion', 'kind', 'metadata'] },
)
export type ConfigMap = Static<typeof schema>

function validate({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors = [...validateKeys(data, 'data'), ...validateKeys(binaryData, 'binaryData')]
  for (const key of Object.keys(data)) {
    if (!Object.hasOwn(binaryData, key)) continue
    errors.push(invalid(at('data', key), key, 'duplicate of key present in binaryData'))
  }
  const size = sizeOf(data, 'utf8') + sizeOf(binaryData, 'base64')
  return size > MAX_CONFIG_BYTES ? [...errors, tooLong('', MAX_CONFIG_BYTES)] : errors
}

export const configMap: Kind<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  schema,
  hasStatus: false,
  hasGeneration: false,
  validate,
  validateUpdate: (object, old) => validateImmutable(object, old, ['data', 'binaryData']),
  columns: [
    nameColumn,
    {
      name: 'Data',
      type: 'string',
      description: 'Number of entries.',
      cell: ({ data = {}, binaryData = {} }) => Object.keys(data).length + Object.keys(binaryData).length,
    },
    ageColumn,
  ],
}
