import { at, type FieldError, invalid, required, tooLong } from '../field-errors.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { type Entries, MAX_CONFIG_BYTES, sizeOf, validateImmutable, validateKeys } from './config-entries.ts'
import type { Kind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { coreModel } from './pod/core-model.ts'
import { boolean, bytes, map, object, type Static, text } from './schema.ts'

const schema = object(
  coreModel('Secret'),
  'Configuration that not everybody may read, as named bytes.',
  {
    ...typeMeta,
    data: map(bytes('The bytes of one entry.'), 'Entries. Keys: letters, digits, `-`, `_` and `.`.'),
    stringData: map(
      text('The text of one entry.'),
      'Entries as text, for writing only: the server puts them into `data`, where they win.',
    ),
    type: text('What the entries are for; decides which must be there. Cannot be changed.', { default: 'Opaque' }),
    immutable: boolean('Whether the data can no longer be changed; cannot be unset.'),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'type'] },
)
export type Secret = Static<typeof schema>

const ACCOUNT_ANNOTATION = 'kubernetes.io/service-account.name'

/** Entries are shown to nobody, not even in an error. */
const REDACTED = '<secret contents redacted>'

const requireEntries =
  (...keys: string[]) =>
  (data: Entries): FieldError[] =>
    keys.filter((key) => !Object.hasOwn(data, key)).map((key) => required(at('data', key)))

const requireJson =
  (key: string) =>
  (data: Entries): FieldError[] => {
    if (!Object.hasOwn(data, key)) return [required(at('data', key))]
    try {
      JSON.parse(Buffer.from(data[key]!, 'base64').toString())
      return []
    } catch {
      // The parser's own message would quote the secret.
      return [invalid(at('data', key), REDACTED, 'invalid JSON')]
    }
  }

/** What each type of secret must hold; other types may hold anything. */
const RULES: ReadonlyMap<string, (data: Entries, secret: Secret) => FieldError[]> = new Map([
  [
    'kubernetes.io/service-account-token',
    (_: Entries, { metadata }: Secret) =>
      (metadata.annotations?.[ACCOUNT_ANNOTATION] ?? '') === ''
        ? [required(at('metadata.annotations', ACCOUNT_ANNOTATION))]
        : [],
  ],
  ['kubernetes.io/dockercfg', requireJson('.dockercfg')],
  ['kubernetes.io/dockerconfigjson', requireJson('.dockerconfigjson')],
  [
    'kubernetes.io/basic-auth',
    (data: Entries) =>
      Object.hasOwn(data, 'username') || Object.hasOwn(data, 'password')
        ? []
        : [required(at('data', 'username')), required(at('data', 'password'))],
  ],
  [
    'kubernetes.io/ssh-auth',
    (data: Entries) => ((data['ssh-privatekey'] ?? '') === '' ? [required(at('data', 'ssh-privatekey'))] : []),
  ],
  ['kubernetes.io/tls', requireEntries('tls.crt', 'tls.key')],
])

function validate(secret: Secret): FieldError[] {
  const { data = {}, type } = secret
  const errors = validateKeys(data, 'data')
  if (sizeOf(data, 'base64') > MAX_CONFIG_BYTES) errors.push(tooLong('data', MAX_CONFIG_BYTES))
  return [...errors, ...(RULES.get(type)?.(data, secret) ?? [])]
}

function validateUpdate(secret: Secret, old: Secret): FieldError[] {
  const errors = secret.type === old.type ? [] : [invalid('type', secret.type, 'field is immutable')]
  return [...errors, ...validateImmutable(secret, old, ['data'])]
}

export const secret: Kind<Secret> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  namespaced: true,
  schema,
  hasStatus: false,
  hasGeneration: false,
  defaults: (secret) => {
    const { stringData } = secret
    if (stringData === undefined) return
    delete secret.stringData
    const encoded = Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
    secret.data = { ...secret.data, ...Object.fromEntries(encoded) }
  },
  validate,
  validateUpdate,
  columns: [
    nameColumn,
    { name: 'Type', type: 'string', description: 'What the entries are for.', cell: ({ type }) => type },
    {
      name: 'Data',
      type: 'string',
      description: 'Number of entries.',
      cell: ({ data = {} }) => Object.keys(data).length,
    },
    ageColumn,
  ],
  selectableFields: { type: ({ type }) => type },
}
