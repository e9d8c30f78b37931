import t from 'tap'
import { MAX_CONFIG_BYTES } from '../../../shared/api/config-entries.ts'
import { configMap } from '../../../shared/api/config-map.ts'
import { secret } from '../../../shared/api/secret.ts'
import { created, row, shown } from '../../support/kind-objects.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const map = (fields: object) => created(configMap, { metadata: { name: 'c' }, ...fields })
const made = (fields: object) => created(secret, { metadata: { name: 's' }, ...fields })

t.test('ConfigMap: validation', async (t) => {
  const rows: [title: string, fields: object, wanted: (string | RegExp)[]][] = [
    ['empty', {}, []],
    ['texts and bytes', { data: { a: 'x' }, binaryData: { b: base64('y') } }, []],
    ['bad key', { data: { 'a b': '' } }, [/^data\[a b\]: Invalid value: "a b": a valid config key/]],
    [
      'key twice',
      { data: { a: '' }, binaryData: { a: '' } },
      ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
    ],
    [
      'too large',
      { data: { a: 'x'.repeat(MAX_CONFIG_BYTES + 1) } },
      [': Too long: may not be more than 1048576 bytes'],
    ],
    ['just not too large', { binaryData: { a: Buffer.alloc(MAX_CONFIG_BYTES).toString('base64') } }, []],
  ]
  for (const [title, fields, wanted] of rows) {
    const errors = shown(configMap.validate(map(fields)))
    t.match(errors, wanted, title)
    t.equal(errors.length, wanted.length, title)
  }
})

t.test('what is immutable stays', async (t) => {
  const old = map({ immutable: true, data: { a: '1', b: '2' } })
  const errors = (fields: object) => shown(configMap.validateUpdate?.(map(fields), old) ?? [])
  const DETAIL = 'Forbidden: field is immutable when `immutable` is set'
  t.same(errors({ immutable: true, data: { b: '2', a: '1' } }), [])
  t.same(errors({ immutable: true, data: { a: '1' } }), [`data: ${DETAIL}`])
  t.same(errors({ data: { a: '1', c: '2' }, binaryData: { x: '' } }), [
    `immutable: ${DETAIL}`,
    `data: ${DETAIL}`,
    `binaryData: ${DETAIL}`,
  ])
  t.same(configMap.validateUpdate?.(map({}), map({ data: { a: '1' } })), [], 'unless it is not')
})

t.test('Secret: texts are put into the data, where they win', async (t) => {
  const object = made({ data: { a: base64('old'), b: base64('b') }, stringData: { a: 'new', ['__proto__']: 'p' } })
  t.same(object, {
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: { name: 's' },
    type: 'Opaque',
    data: { a: base64('new'), b: base64('b'), ['__proto__']: base64('p') },
  })
  t.ok(Object.hasOwn(object.data ?? {}, '__proto__'))
})

t.test('Secret: what each type must hold', async (t) => {
  const type = (name: string) => `kubernetes.io/${name}`
  const rows: [title: string, fields: object, wanted: string[]][] = [
    ['any type', { type: 'example.com/own' }, []],
    [
      'token',
      { type: type('service-account-token') },
      ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
    ],
    [
      'token with account',
      {
        type: type('service-account-token'),
        metadata: { name: 's', annotations: { 'kubernetes.io/service-account.name': 'default' } },
      },
      [],
    ],
    ['basic-auth', { type: type('basic-auth') }, ['data[username]: Required value', 'data[password]: Required value']],
    ['basic-auth with a password', { type: type('basic-auth'), stringData: { password: '' } }, []],
    [
      'ssh-auth',
      { type: type('ssh-auth'), stringData: { 'ssh-privatekey': '' } },
      ['data[ssh-privatekey]: Required value'],
    ],
    ['tls', { type: type('tls'), stringData: { 'tls.crt': '' } }, ['data[tls.key]: Required value']],
    ['dockerconfigjson', { type: type('dockerconfigjson') }, ['data[.dockerconfigjson]: Required value']],
    ['dockerconfigjson, good', { type: type('dockerconfigjson'), stringData: { '.dockerconfigjson': '{}' } }, []],
    [
      'dockercfg that is no JSON',
      { type: type('dockercfg'), stringData: { '.dockercfg': '{"password' } },
      ['data[.dockercfg]: Invalid value: "<secret contents redacted>": invalid JSON'],
    ],
  ]
  for (const [title, fields, wanted] of rows) t.same(shown(secret.validate(made(fields))), wanted, title)
  const large = made({ data: { a: Buffer.alloc(MAX_CONFIG_BYTES + 1).toString('base64') } })
  t.same(shown(secret.validate(large)), ['data: Too long: may not be more than 1048576 bytes'])
})

t.test('Secret: the type stays', async (t) => {
  const errors = secret.validateUpdate?.(made({ type: 'b' }), made({ type: 'a' })) ?? []
  t.same(shown(errors), ['type: Invalid value: "b": field is immutable'])
})

t.test('columns and fields', async (t) => {
  t.same(row(configMap, map({ data: { a: '' }, binaryData: { b: '' } })), { Name: 'c', Data: 2, Age: '<unknown>' })
  const object = made({ stringData: { a: 'x' } })
  t.same(row(secret, object), { Name: 's', Type: 'Opaque', Data: 1, Age: '<unknown>' })
  t.equal(secret.selectableFields?.type?.(object), 'Opaque')
})
