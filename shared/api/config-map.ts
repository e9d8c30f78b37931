import { at, type FieldError, forbidden, invalid, tooLong } from '../field-errors.ts'
import { ageColumn, nameColumn } from './columns.ts'
import type { Kind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { validateConfigKey } from './names.ts'
import { boolean, bytes, map, object, type Static, text } from './schema.ts'

/** Upstream's limit for the values of one ConfigMap or Secret together. */
export const MAX_CONFIG_BYTES = 1024 * 1024

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

const sizeOf = (values: readonly string[]) => values.reduce((sum, value) => sum + Buffer.byteLength(value), 0)

function validate({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors: FieldError[] = []
  for (const [field, entries] of Object.entries({ data, binaryData })) {
    for (const key of Object.keys(entries)) {
      errors.push(...validateConfigKey(key).map((detail) => invalid(at(field, key), key, detail)))
    }
  }
  for (const key of Object.keys(data)) {
    if (Object.hasOwn(binaryData, key))
      errors.push(invalid(at('data', key), key, 'duplicate of key present in binaryData'))
  }
  if (sizeOf([...Object.values(data), ...Object.values(binaryData)]) > MAX_CONFIG_BYTES)
    errors.push(tooLong('', MAX_CONFIG_BYTES))
  return errors
}

function validateUpdate(object: ConfigMap, old: ConfigMap): FieldError[] {
  if (old.immutable !== true) return []
  const detail = 'field is immutable when `immutable` is set'
  if (object.immutable !== true) return [forbidden('immutable', detail)]
  return (['data', 'binaryData'] as const)
    .filter((field) => JSON.stringify(object[field] ?? {}) !== JSON.stringify(old[field] ?? {}))
    .map((field) => forbidden(field, detail))
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
  validateUpdate,
  columns: [
    nameColumn,
    {
      name: 'Data',
      type: 'integer',
      description: 'Number of entries.',
      cell: ({ data = {}, binaryData = {} }) => Object.keys(data).length + Object.keys(binaryData).length,
    },
    ageColumn,
  ],
}
