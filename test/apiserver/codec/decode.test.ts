import t from 'tap'
import { decodeObject, decodeValue, type FieldValidation } from '../../../apiserver/codec/decode.ts'
import { configMap } from '../../../shared/api/config-map.ts'
import { deleteOptions } from '../../../shared/api/delete-options.ts'
import { event } from '../../../shared/api/event.ts'
import type { Decodable } from '../../../shared/api/kind.ts'
import { lease } from '../../../shared/api/lease.ts'
import { node } from '../../../shared/api/node/node.ts'
import { pod } from '../../../shared/api/pod/pod.ts'
import { secret } from '../../../shared/api/secret.ts'
import { ApiError } from '../../../shared/errors.ts'

interface Request {
  contentType?: string
  fieldValidation?: FieldValidation
}

const decode = <Body extends object>(
  kind: Decodable<Body>,
  body: string | object,
  { contentType, fieldValidation = 'Warn' }: Request = {},
) =>
  decodeObject(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), contentType, kind, {
    fieldValidation,
  })

/** The error that a body is refused with. */
async function refusal(...args: Parameters<typeof decode>): Promise<ApiError> {
  try {
    await decode(...args)
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
  throw new Error('the body was not refused')
}

const POD_ERROR = 'Pod in version "v1" cannot be handled as a Pod: '
const UNRECOGNIZED = 'the object provided is unrecognized (must be of type Pod): '
const NO_IDENTITY = `${UNRECOGNIZED}couldn't get version/kind; json parse error: `
const container = { name: 'c', image: 'x' }

t.test('bodies that are no Pod', async (t) => {
  const rows: [title: string, body: string | object, message: string][] = [
    ['cut off', '{"apiVersion":', `${NO_IDENTITY}unexpected end of JSON input ({"apiVersion":)`],
    ['empty', '', `${NO_IDENTITY}unexpected end of JSON input (<empty>)`],
    ['no JSON', 'kind: Pod', `${NO_IDENTITY}invalid character 'k' looking for beginning of value (6b696e643a20506f64)`],
    [
      'long',
      `{"a":"${'x'.repeat(50)}",}`,
      `${NO_IDENTITY}invalid character '}' looking for beginning of object key string ({"a":"${'x'.repeat(24)} ...)`,
    ],
    [
      'a list',
      [],
      `${NO_IDENTITY}json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (5b5d)`,
    ],
    [
      'a kind that is a number',
      { kind: 1 },
      `${NO_IDENTITY}json: cannot unmarshal number into Go struct field .kind of type string ({"kind":1})`,
    ],
    [
      'a version of too many parts',
      { apiVersion: 'a/b/c' },
      `${UNRECOGNIZED}unexpected GroupVersion string: a/b/c ({"apiVersion":"a/b/c"})`,
    ],
    [
      'another kind',
      { apiVersion: 'v1', kind: 'Service' },
      'Service in version "v1" cannot be handled as a Pod: converting (v1.Service) to (core.Pod): unknown conversion',
    ],
    [
      'another version',
      { apiVersion: 'apps/v2', kind: 'Pod' },
      'Pod in version "v2" cannot be handled as a Pod: no kind "Pod" is registered for version "apps/v2"',
    ],
  ]
  for (const [title, body, message] of rows) {
    const error = await refusal(pod, body)
    t.same([error.code, error.reason, error.message], [400, 'BadRequest', message], title)
  }
})

t.test('bodies too deep to be read', async (t) => {
  const EXCEEDED = /exceeded max depth/
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  const rows: [title: string, body: string, contentType?: string][] = [
    ['lists', nested(10_000)],
    ['lists without end', '['.repeat(1_000_000)],
    ['objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['where anything goes', `{"metadata":{"managedFields":[{"fieldsV1":{"a":${nested(10_000)}}}]}}`],
    ['YAML', nested(10_000), 'application/yaml'],
    ['YAML blocks', '- '.repeat(10_000), 'application/yaml'],
  ]
  for (const [title, body, contentType] of rows) {
    const error = await refusal(pod, body, { contentType })
    t.match([error.code, error.message], [400, EXCEEDED], title)
  }
  await t.resolves(decode(pod, `{"unknown":${nested(900)}}`), 'what is only deep is fine')
})

t.test('fields of the wrong type', async (t) => {
  const spec = (fields: object) => ({ spec: fields })
  const first = (fields: object) => spec({ containers: [{ ...container, ...fields }] })
  const json = (found: string, place: string) => `${POD_ERROR}json: cannot unmarshal ${found} into Go ${place}`
  const field = (found: string, name: string, type: string) => json(found, `struct field ${name} of type ${type}`)
  const rows: [body: object, message: string][] = [
    [spec({ containers: 'no' }), field('string', 'PodSpec.spec.containers', '[]v1.Container')],
    [spec({ containers: {} }), field('object', 'PodSpec.spec.containers', '[]v1.Container')],
    [spec({ containers: ['no'] }), field('string', 'PodSpec.spec.containers', 'v1.Container')],
    [{ spec: 5 }, field('number', 'Pod.spec', 'v1.PodSpec')],
    [{ metadata: [] }, field('array', 'Pod.metadata', 'v1.ObjectMeta')],
    [first({ image: true }), field('bool', 'Container.spec.containers.image', 'string')],
    [first({ command: [1] }), field('number', 'Container.spec.containers.command', 'string')],
    [first({ stdin: 'yes' }), field('string', 'Container.spec.containers.stdin', 'bool')],
    [{ metadata: { labels: { a: 1 } } }, field('number', 'ObjectMeta.metadata.labels', 'string')],
    [{ metadata: { labels: 'a=b' } }, field('string', 'ObjectMeta.metadata.labels', 'map[string]string')],
    [
      first({ resources: { limits: 1 } }),
      field('number', 'ResourceRequirements.spec.containers.resources.limits', 'v1.ResourceList'),
    ],
    [
      first({ livenessProbe: { periodSeconds: 1.5 } }),
      field('number 1.5', 'Probe.spec.containers.livenessProbe.periodSeconds', 'int32'),
    ],
    [
      first({ livenessProbe: { periodSeconds: 2147483648 } }),
      field('number 2147483648', 'Probe.spec.containers.livenessProbe.periodSeconds', 'int32'),
    ],
    [
      first({ livenessProbe: { httpGet: { port: false } } }),
      field('bool', 'HTTPGetAction.spec.containers.livenessProbe.httpGet.port', 'int32'),
    ],
    [
      spec({ activeDeadlineSeconds: 2 ** 60 }),
      field(`number ${2 ** 60}`, 'PodSpec.spec.activeDeadlineSeconds', 'int64'),
    ],
    [
      { metadata: { creationTimestamp: 'now' } },
      `${POD_ERROR}parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006"`,
    ],
    [
      first({ resources: { limits: { cpu: 'lots' } } }),
      `${POD_ERROR}quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
    ],
  ]
  for (const [body, message] of rows) {
    const error = await refusal(pod, { kind: 'Pod', apiVersion: 'v1', ...body })
    t.same([error.code, error.reason, error.message], [400, 'BadRequest', message], JSON.stringify(body))
  }
})

t.test('the first wrong field is reported, and before anything strict', async (t) => {
  const body = '{"zzz":1,"spec":{"nodeName":1,"containers":2},"metadata":3}'
  const { message } = await refusal(pod, body, { fieldValidation: 'Strict' })
  t.equal(
    message,
    `${POD_ERROR}json: cannot unmarshal number into Go struct field PodSpec.spec.nodeName of type string`,
  )
})

t.test('a body that says nothing is what the endpoint serves', async (t) => {
  for (const body of ['{}', 'null', '{"kind":"","apiVersion":null}']) {
    const { object } = await decode(configMap, body)
    t.same(object, { kind: 'ConfigMap', apiVersion: 'v1', metadata: {} }, body)
  }
})

t.test('options are taken in any version', async (t) => {
  for (const apiVersion of ['v1', 'apps/v1', 'meta.k8s.io/v1']) {
    const { object } = await decode(deleteOptions, { kind: 'DeleteOptions', apiVersion, propagationPolicy: 'Orphan' })
    t.match(object, { propagationPolicy: 'Orphan' }, apiVersion)
  }
})

t.test('an empty list or map is the same as none, where none may be', async (t) => {
  const text =
    '{"metadata":{"name":"a","labels":{},"finalizers":[]},"spec":{"containers":[],"volumes":[{"name":"v","emptyDir":{}}]}}'
  const { object } = await decode(pod, text)
  t.same(object.metadata, { name: 'a' })
  const { containers, volumes } = object.spec as { containers: unknown[]; volumes: unknown[] }
  t.same(containers, [], 'what must be there stays')
  t.same(volumes, [{ name: 'v', emptyDir: {} }], 'an object without fields is there')
})

t.test('null is absent, or Go’s zero where a value must be', async (t) => {
  const text = `{"metadata":{"labels":{"a":null},"annotations":null,"creationTimestamp":null,"finalizers":[null]},
    "spec":{"containers":[null],"nodeName":null},"status":null}`
  const { object, warnings } = await decode(pod, text)
  t.same(object.metadata, { labels: { a: '' }, finalizers: [''] })
  t.match(object.spec, { containers: [{ imagePullPolicy: 'Always' }] })
  t.notOk('nodeName' in object.spec)
  t.same(warnings, [])
})

t.test('values take the form in which they are stored', async (t) => {
  const { object } = await decode(node, {
    metadata: { creationTimestamp: '2026-01-01T02:00:00.987+02:00', generation: -0 },
    status: { capacity: { cpu: 2, memory: '1024Mi', pods: null, x: ' 0.5 ' } },
  })
  t.equal(object.metadata.creationTimestamp, '2026-01-01T00:00:00Z')
  t.ok(Object.is(object.metadata.generation, 0))
  t.same(object.status.capacity, { cpu: '2', memory: '1Gi', pods: '0', x: '500m' })
  t.same((await decode(secret, { data: { a: 'YW\nJj\r\n', b: 'YR==' } })).object.data, { a: 'YWJj', b: 'YQ==' })
})

t.test('times', async (t) => {
  const good: [kind: Decodable, field: object, wanted: object][] = [
    [event, { firstTimestamp: '2024-02-29T23:59:59Z' }, { firstTimestamp: '2024-02-29T23:59:59Z' }],
    [event, { firstTimestamp: '2024-12-31T23:30:00-01:00' }, { firstTimestamp: '2025-01-01T00:30:00Z' }],
    [
      lease,
      { spec: { renewTime: '2026-01-01T00:00:00.123456Z' } },
      { spec: { renewTime: '2026-01-01T00:00:00.123456Z' } },
    ],
    [
      lease,
      { spec: { renewTime: '2026-01-01T01:00:00.123456+01:00' } },
      { spec: { renewTime: '2026-01-01T00:00:00.123456Z' } },
    ],
  ]
  for (const [kind, field, wanted] of good) t.match((await decode(kind, field)).object, wanted)
  const layout = (text: string, rest: string, element: string) =>
    `parsing time "${text}" as "2006-01-02T15:04:05Z07:00": cannot parse "${rest}" as "${element}"`
  const bad: [text: string, message: string][] = [
    ['', layout('', '', '2006')],
    ['2026-1-01T00:00:00Z', layout('2026-1-01T00:00:00Z', '1-01T00:00:00Z', '01')],
    ['2026-01-01 00:00:00Z', layout('2026-01-01 00:00:00Z', ' 00:00:00Z', 'T')],
    ['2026-01-01T00:00:00', layout('2026-01-01T00:00:00', '', 'Z07:00')],
    ['2026-01-01T00:00:00Zz', 'parsing time "2026-01-01T00:00:00Zz": extra text: "z"'],
    ['2026-13-01T00:00:00Z', 'parsing time "2026-13-01T00:00:00Z": month out of range'],
    ['2026-02-29T00:00:00Z', 'parsing time "2026-02-29T00:00:00Z": day out of range'],
    ['2026-01-01T24:00:00Z', 'parsing time "2026-01-01T24:00:00Z": hour out of range'],
    ['2026-01-01T00:60:00Z', 'parsing time "2026-01-01T00:60:00Z": minute out of range'],
    ['2026-01-01T00:00:60Z', 'parsing time "2026-01-01T00:00:60Z": second out of range'],
  ]
  for (const [text, message] of bad) {
    const error = await refusal(event, { firstTimestamp: text })
    t.equal(error.message, `Event in version "v1" cannot be handled as a Event: ${message}`, text)
  }
  const micro = await refusal(lease, { spec: { renewTime: '2026-01-01T00:00:00Z' } })
  t.match(micro.message, 'as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"')
})

t.test('base64', async (t) => {
  const rows: [text: string, position: number][] = [
    ['YWJ', 0],
    ['YWJjZ', 4],
    ['YW!j', 2],
    ['Y===', 1],
    ['YQ=a', 2],
    ['=', 0],
  ]
  for (const [text, position] of rows) {
    const { message } = await refusal(secret, { data: { a: text } })
    t.match(message, `: illegal base64 data at input byte ${position}`, text)
  }
  t.match(
    (await refusal(secret, { data: { a: 5 } })).message,
    'number into Go struct field Secret.data of type []uint8',
  )
})

t.test('field validation', async (t) => {
  const body = `{"kind":"Pod","apiVersion":"v1","spec":{"foo":1,"containers":[{"name":"c","imagge":"x","name":"d"}]},
    "metadata":{"labels":{"a":"1","a":"2"}},"spec ":null}`
  const unknown = ['spec.foo', 'spec.containers[0].imagge', 'spec '].map((path) => `unknown field "${path}"`)
  const duplicate = ['spec.containers[0].name', 'metadata.labels.a'].map((path) => `duplicate field "${path}"`)
  const found = [...unknown, ...duplicate]

  const warned = await decode(pod, body, { fieldValidation: 'Warn' })
  t.same(warned.warnings, found)
  t.same((await decode(pod, body, { fieldValidation: 'Ignore' })).warnings, [])
  t.match(warned.object, { metadata: { labels: { a: '2' } }, spec: { containers: [{ name: 'd' }] } })
  t.notOk('foo' in warned.object.spec)

  const error = await refusal(pod, body, { fieldValidation: 'Strict' })
  t.equal(error.message, `${POD_ERROR}strict decoding error: ${found.join(', ')}`)
  t.same((await decode(pod, { spec: { containers: [container] } }, { fieldValidation: 'Strict' })).warnings, [])

  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x${index}`, 1]))
  t.equal((await decode(pod, many)).warnings.length, 100, 'a bounded number is reported')
})

t.test('duplicates are found whatever the keys look like', async (t) => {
  const rows: [text: string, wanted: string[]][] = [
    ['{"data":{"a\\"b":"x","a\\"b":"y"}}', ['data.a"b']],
    ['{"data":{"\\u0061":"x","a":"y"}}', ['data.a']],
    ['{"data":{"a":"\\\\","b":"a\\":"}}', []],
    ['{"data" : {"a"\n:\t"x", "a" :"y"}}', ['data.a']],
    ['{"data":{"__proto__":"x","__proto__":"y"}}', ['data.__proto__']],
    ['{"data":{"a":"{\\"b\\":1,\\"b\\":2}"}}', []],
  ]
  for (const [text, wanted] of rows) {
    const { warnings } = await decode(configMap, text)
    t.same(
      warnings,
      wanted.map((path) => `duplicate field ${JSON.stringify(path)}`),
      text,
    )
  }
})

t.test('keys that are special in JavaScript are harmless', async (t) => {
  const text = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},
    "data":{"__proto__":"x","constructor":"y","toString":"z"},"metadata":{"__proto__":{"name":"evil"}}}`
  const { object, warnings } = await decode(configMap, text)
  t.same(Object.keys(object.data ?? {}), ['__proto__', 'constructor', 'toString'])
  t.equal(object.metadata.name, undefined)
  t.equal(({} as { polluted?: unknown }).polluted, undefined)
  t.equal(Object.getPrototypeOf(object.data), Object.prototype)
  t.same(
    warnings,
    ['__proto__', 'constructor', 'metadata.__proto__'].map((path) => `unknown field "${path}"`),
  )
})

t.test('YAML', async (t) => {
  const yaml = { contentType: 'application/yaml; charset=utf-8' }
  const good = `
# Comments are fine.
kind: Pod
metadata: {name: a, creationTimestamp: 2026-01-01T00:00:00Z, labels: {time: "12:30"}}
spec:
  hostNetwork: on
  containers: [{name: c, image: x, command: [&a sh, *a]}]
  volumes: [{name: v, configMap: {name: m, defaultMode: 0644}}]
---
ignored: true
`
  const { object } = await decode(pod, good, { ...yaml, fieldValidation: 'Strict' })
  t.match(object, {
    metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z', labels: { time: '12:30' } },
    spec: {
      hostNetwork: true,
      containers: [{ command: ['sh', 'sh'] }],
      volumes: [{ configMap: { defaultMode: 420 } }],
    },
  })

  const duplicate = await refusal(configMap, 'data:\n  a: one\n  a: two\n', { ...yaml, fieldValidation: 'Strict' })
  t.match(duplicate.message, 'strict decoding error: yaml: unmarshal errors:\n  line 3: key "a" already set in map')

  const laughs = ['a: &a [x, x]']
  for (let index = 1; index < 12; index++) {
    const previous = `*${String.fromCharCode(96 + index)}`
    const name = String.fromCharCode(97 + index)
    laughs.push(`${name}: &${name} [${Array(9).fill(previous).join(', ')}]`)
  }
  const rows: [title: string, text: string, message: RegExp][] = [
    ['broken', 'kind: Pod\nspec: [', /^the object provided is unrecognized \(must be of type Pod\): yaml: line 2: /],
    ['a billion laughs', laughs.join('\n'), /Excessive alias count/],
    ['large aliases', `a: &a ${'x'.repeat(3e4)}\nb: [${Array(60).fill('*a').join(', ')}]`, /excessive aliasing/],
    ['an alias of nothing', 'a: *b', /yaml: .*alias/],
    ['infinity', 'spec: {activeDeadlineSeconds: .inf}', /unsupported value/],
    ['a text', 'hello', /cannot unmarshal string into Go value/],
  ]
  for (const [title, text, message] of rows) {
    const error = await refusal(pod, text, yaml)
    t.match([error.code, error.message], [400, message], title)
  }
})

t.test('other media types', async (t) => {
  const error = await refusal(pod, 'x', { contentType: 'application/vnd.kubernetes.protobuf' })
  t.same([error.code, error.reason], [415, 'UnsupportedMediaType'])
  await t.resolves(decode(pod, '{}', { contentType: 'Application/JSON;charset=utf-8' }))
})

t.test('the result of a patch', async (t) => {
  const value = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a', labels: { x: 'y' } }, data: { a: 'b' } }
  const before = structuredClone(value)
  const { object } = decodeValue(value, configMap, { fieldValidation: 'Warn' })
  object.metadata.labels!.x = 'changed'
  object.data!.a = 'changed'
  t.same(value, before, 'shares nothing with what it was made of')

  const refused = (body: unknown, fieldValidation: FieldValidation = 'Warn') => {
    try {
      decodeValue(body, configMap, { fieldValidation })
    } catch (error) {
      return error
    }
    return undefined
  }
  t.match(refused({ data: 5 }), {
    code: 422,
    reason: 'Invalid',
    message:
      ' "" is invalid: patch: Invalid value: "{\\"data\\":5}": json: cannot unmarshal number into Go struct field ConfigMap.data of type map[string]string',
    details: { causes: [{ field: 'patch' }] },
  })
  t.match(refused({ foo: 1 }, 'Strict'), { code: 422, message: /strict decoding error: unknown field "foo"$/ })
  t.match(refused({ kind: 'Pod' }), { code: 422 })
  t.equal(refused({ foo: 1 }), undefined)
})
