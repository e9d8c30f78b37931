/** Properties that hold for every pod a client may send. */
import fc from 'fast-check'
import t from 'tap'
import { decodeValue } from '../../../../apiserver/codec/decode.ts'
import { type Pod, pod } from '../../../../shared/api/pod/pod.ts'
import { sameSpec } from '../../../../shared/api/pod/validation/same-spec.ts'
import type { Annotations } from '../../../../shared/api/schema.ts'

interface SchemaNode extends Annotations {
  type?: string
  format?: string
  enum?: readonly string[]
  items?: SchemaNode
  properties?: Readonly<Record<string, SchemaNode>>
  additionalProperties?: SchemaNode
}

const RUNS = 300
const FIELDS_MAX = 8

/** Few different texts: so that names clash, and references lead somewhere. */
const text = fc.constantFrom(
  '',
  'a',
  'b',
  'C',
  '..',
  '../x',
  '/a',
  'a/b',
  'example.com/a',
  '10.0.0.1',
  'a=b',
  ' x ',
  '1',
)
const number = fc.constantFrom(-1, 0, 1, 2, 80, 600, 70000)
const FORMATS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  quantity: fc.constantFrom('0', '1', '-1', '500m', '1Gi', '3Mi'),
  'date-time': fc.constant('2026-01-01T00:00:00Z'),
  byte: fc.constant('YQ=='),
}

/** Anything that a schema allows, each field there or not. `depth`: how far down lists and objects still have content. */
function anyOf(node: SchemaNode, depth: number): fc.Arbitrary<unknown> {
  if (node['x-kubernetes-int-or-string']) return fc.oneof(text, number)
  if (node.properties !== undefined) return depth === 0 ? fc.constant({}) : objectOf(node.properties, depth - 1)
  if (node.items !== undefined)
    return depth === 0 ? fc.constant([]) : fc.array(anyOf(node.items, depth - 1), { maxLength: 2 })
  if (node.additionalProperties !== undefined)
    return fc.dictionary(
      fc.constantFrom('a', 'cpu', 'memory', 'hugepages-2Mi', 'example.com/a', 'storage', '__x'),
      anyOf(node.additionalProperties, depth),
      { maxKeys: 3 },
    )
  if (node.enum !== undefined) return fc.constantFrom(...node.enum, 'Other')
  if (node.type === 'boolean') return fc.boolean()
  if (node.type === 'integer') return number
  if (node.type === 'string') return FORMATS[node.format ?? ''] ?? text
  return fc.constant({})
}

function objectOf(properties: Readonly<Record<string, SchemaNode>>, depth: number): fc.Arbitrary<object> {
  const names = Object.keys(properties)
  return fc
    .subarray(names, { maxLength: Math.min(names.length, FIELDS_MAX) })
    .chain((chosen) => fc.record(Object.fromEntries(chosen.map((name) => [name, anyOf(properties[name]!, depth)]))))
}

const { spec, status } = (pod.schema as unknown as SchemaNode).properties!
const DEPTH = 7
const anyPod = fc
  .record({ spec: anyOf(spec!, DEPTH), status: anyOf(status!, DEPTH) })
  .map((parts) => decodeValue({ metadata: { name: 'p' }, ...parts }, pod, { fieldValidation: 'Strict' }).object)

t.test('no pod makes the server stumble', async (t) => {
  fc.assert(
    fc.property(anyPod, anyPod, (one, other) => {
      pod.prepareForStatusUpdate?.(structuredClone(one), other)
      pod.prepareForCreate?.(structuredClone(one))
      const hooks = [pod.validate(one), pod.validateUpdate!(one, other), pod.validateStatusUpdate!(one, other)]
      for (const { field, message } of hooks.flat()) if (field === '' || message === '') return false
      // What is stored, and so is shown, has containers.
      const shown: Pod = { ...one, spec: { ...one.spec, containers: one.spec.containers ?? [] } }
      for (const { cell } of pod.columns) if (typeof cell(shown, 0) !== 'string') return false
      return Object.values(pod.selectableFields!).every((read) => typeof read(one) === 'string')
    }),
    { numRuns: RUNS },
  )
  t.pass()
})

t.test('a pod may stay as it is', async (t) => {
  fc.assert(
    fc.property(anyPod, (each: Pod) => {
      const copy = structuredClone(each)
      return sameSpec(copy, each) && pod.validateUpdate!(copy, each).every(({ field }) => field !== 'spec')
    }),
    { numRuns: RUNS },
  )
  t.pass()
})

t.test('defaults are complete: filling them in again changes nothing', async (t) => {
  fc.assert(
    fc.property(anyPod, (each: Pod) => {
      const again = decodeValue(each, pod, { fieldValidation: 'Strict' }).object
      return JSON.stringify(again) === JSON.stringify(each) || sameSpec(again, each)
    }),
    { numRuns: RUNS },
  )
  t.pass()
})
