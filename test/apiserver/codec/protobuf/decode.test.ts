import t from 'tap'
import { decodeProtobuf } from '../../../../apiserver/codec/protobuf/decode.ts'
import { messages } from '../../../../apiserver/codec/protobuf/messages.ts'
import { binding } from '../../../../shared/api/binding.ts'
import { deleteOptions } from '../../../../shared/api/delete-options.ts'
import { eviction } from '../../../../shared/api/eviction.ts'
import { builtInKinds } from '../../../../shared/api/kinds.ts'
import { scale } from '../../../../shared/api/scale.ts'

/** Writes messages, in the least code that does it. */
const varint = (value: bigint): Buffer =>
  value < 0x80n
    ? Buffer.from([Number(value)])
    : Buffer.concat([Buffer.from([Number(value & 0x7fn) | 0x80]), varint(value >> 7n)])
type Part = bigint | string | Buffer
const field = (number: number, value: Part): Buffer => {
  if (typeof value === 'bigint') return Buffer.concat([varint(BigInt(number * 8)), varint(BigInt.asUintN(64, value))])
  const bytes = Buffer.from(value as string)
  return Buffer.concat([varint(BigInt(number * 8 + 2)), varint(BigInt(bytes.length)), bytes])
}
const message = (...parts: [number, Part][]) => Buffer.concat(parts.map(([number, value]) => field(number, value)))
const body = (kind: string, raw: Buffer) =>
  Buffer.concat([Buffer.from('k8s\0'), message([1, message([1, 'v1'], [2, kind])], [2, raw])])

t.test('what kubectl sends for a ConfigMap', async (t) => {
  const sent = Buffer.from(
    '6b3873000a0f0a0276311209436f6e6669674d6170121d0a130a036333331200' +
      '1a0022002a003200380042001206' +
      '0a016112016' +
      '21a002200',
    'hex',
  )
  t.strictSame(decodeProtobuf(sent, 'ConfigMap'), {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c33' },
    data: { a: 'b' },
  })
})

t.test('values that have a form of their own', async (t) => {
  const probe = message([1, message([2, message([1, '/'], [2, message([1, 1n], [3, 'http'])])])], [2, 0n], [3, 5n])
  const container = message(
    [1, 'c'],
    [2, 'image'],
    [6, message([1, 'web'], [2, 0n], [3, 8080n])],
    [8, message([1, message([1, 'cpu'], [2, message([1, '500m'])])])],
    [10, probe],
  )
  const spec = message(
    [2, container],
    [4, 0n],
    [14, message([2, -1n], [4, 7n], [4, 8n])],
    [1, message([1, 'v'], [2, message([2, message([1, ''])])])],
  )
  const meta = message([1, 'p'], [8, message([1, 1_700_000_000n])], [11, message([1, 'a'], [2, 'b'])])
  t.match(decodeProtobuf(body('Pod', message([1, meta], [2, spec])), 'Pod'), {
    metadata: { name: 'p', creationTimestamp: '2023-11-14T22:13:20Z', labels: { a: 'b' } },
    spec: {
      containers: [
        {
          name: 'c',
          ports: [{ name: 'web', containerPort: 8080 }],
          resources: { limits: { cpu: '500m' } },
          livenessProbe: { httpGet: { path: '/', port: 'http' }, timeoutSeconds: 5 },
        },
      ],
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsUser: -1, supplementalGroups: [7, 8] },
      volumes: [{ name: 'v', emptyDir: {} }],
    },
  })
  const renewed = message([2, message([1, 'me'], [4, message([1, 1_700_000_000n], [2, 123_456_000n])])])
  t.match(decodeProtobuf(body('Lease', renewed), 'Lease'), { spec: { renewTime: '2023-11-14T22:13:20.123456Z' } })
  const secret = message([2, message([1, 'k'], [2, 'v'])], [5, 0n])
  t.match(decodeProtobuf(body('Secret', secret), 'Secret'), { data: { k: 'dg==' }, immutable: false })
})

t.test('JSON in a message', async (t) => {
  const revision = (data: string) => body('ControllerRevision', message([2, message([1, data])], [3, 2n]))
  t.match(decodeProtobuf(revision('{"spec":{"a":[1]}}'), 'ControllerRevision'), {
    data: { spec: { a: [1] } },
    revision: 2,
  })
  t.throws(() => decodeProtobuf(revision('{'), 'ControllerRevision'), { name: 'WireError', message: /invalid JSON/ })
})

t.test('bytes that are no message', async (t) => {
  const wrong: [title: string, bytes: Buffer, message: RegExp][] = [
    ['JSON', Buffer.from('{}'), /does not appear to be a protobuf message/],
    ['cut off', body('ConfigMap', message([1, message([1, 'name'])])).subarray(0, -3), /unexpected EOF/],
    ['a number for an object', body('ConfigMap', message([1, 5n])), /wrong wireType/],
    ['an endless number', Buffer.concat([Buffer.from('k8s\0'), Buffer.alloc(20, 0xff)]), /integer overflow/],
  ]
  for (const [title, bytes, message] of wrong)
    t.throws(() => decodeProtobuf(bytes, 'ConfigMap'), { name: 'WireError', message }, title)
})

interface Node {
  properties?: Record<string, Node>
  items?: Node
  additionalProperties?: Node
  'x-kubernetes-model'?: string
}

/** The names of a message's fields, with those of the messages that JSON has in place. */
const namesOf = (name: string): string[] =>
  [...messages.get(name)!.values()].flatMap(({ name, type, shape }) => (shape === 'inline' ? namesOf(type) : [name]))

t.test('the table speaks of the fields that the schemas have, and of every kind', async (t) => {
  const kinds = [...builtInKinds, binding, deleteOptions, eviction, scale]
  const schemas = new Map<string, Node>()
  const walk = (node: Node | undefined): void => {
    if (node === undefined) return
    const name = node['x-kubernetes-model']?.split('.').at(-1)
    if (name !== undefined) {
      if (schemas.has(name)) return
      schemas.set(name, node)
    }
    for (const member of Object.values(node.properties ?? {})) walk(member)
    walk(node.items)
    walk(node.additionalProperties)
  }
  for (const { schema } of kinds) walk(schema as unknown as Node)
  for (const { kind } of kinds) t.ok(messages.has(kind), kind)
  for (const [name, { properties = {} }] of schemas) {
    if (!messages.has(name)) continue
    const unknown = namesOf(name).filter((field) => !Object.hasOwn(properties, field))
    t.strictSame(unknown, [], name)
  }
})
