import fc from 'fast-check'
import t from 'tap'
import { decodeValue } from '../../../apiserver/codec/decode.ts'
import { applyConfiguration } from '../../../apiserver/managed-fields/apply.ts'
import { decodeConfiguration } from '../../../apiserver/managed-fields/configuration.ts'
import { isFieldSet, pathsOf } from '../../../apiserver/managed-fields/field-set.ts'
import { type FieldShape, shapeOf } from '../../../apiserver/managed-fields/field-shape.ts'
import { LAST_APPLIED } from '../../../apiserver/managed-fields/last-applied.ts'
import { fieldsOfEntry, setOwners } from '../../../apiserver/managed-fields/ownership.ts'
import { trackCreate, trackUpdate } from '../../../apiserver/managed-fields/track.ts'
import type { Decodable, KubeObject } from '../../../shared/api/kind.ts'
import type { ApiError } from '../../../shared/errors.ts'
import { kind, thing } from './objects.ts'

const part = 'withoutStatus' as const
const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString().replace('.000', '')

/** Completes an object as the registry does, with the owners that it is to have. */
function settled(object: object, managedFields: ReturnType<typeof trackCreate>): KubeObject {
  const { metadata } = object as KubeObject
  const bare = { ...object, metadata: { ...metadata, managedFields: undefined } }
  const next = decodeValue(bare, kind as Decodable, { fieldValidation: 'Strict' }).object as KubeObject
  setOwners(next, managedFields)
  return next
}

function apply(
  live: KubeObject | undefined,
  object: object,
  { manager = 'm', force = false, second = 1 }: { manager?: string; force?: boolean; second?: number } = {},
): KubeObject {
  const configuration = decodeConfiguration(object, kind as Decodable)
  const result = applyConfiguration(live, configuration, { kind, part, manager, force, time: at(second) })
  return settled(result.object, result.managedFields)
}

function update(live: KubeObject, object: KubeObject, { manager = 'u', second = 1 } = {}): KubeObject {
  return settled(object, trackUpdate(object, live, { kind, part, manager, time: at(second) }))
}

const specOf = (object: KubeObject) => (object as unknown as { spec: Record<string, unknown> }).spec
const owners = ({ metadata }: KubeObject) =>
  Object.fromEntries(
    (metadata.managedFields ?? []).map((entry) => [
      `${entry.manager} ${entry.operation}`,
      [...pathsOf(fieldsOfEntry(entry))].map((path) => path.join('/')),
    ]),
  )

t.test('an apply that creates', async (t) => {
  const made = apply(
    undefined,
    thing({ probe: { path: '/' }, parts: [{ name: 'a' }] }, { metadata: { labels: { l: '1' } } }),
  )
  t.strictSame(specOf(made), { probe: { path: '/', period: 10 }, parts: [{ name: 'a' }], size: 1 })
  t.strictSame(owners(made), {
    'm Apply': [
      'f:metadata/f:labels/f:l',
      'f:spec/f:parts/k:{"name":"a"}',
      'f:spec/f:parts/k:{"name":"a"}/f:name',
      'f:spec/f:probe/f:path',
    ],
  })
})

t.test('what a manager leaves out is taken out, unless somebody owns it', async (t) => {
  const both = apply(undefined, thing({ tags: ['a', 'b'], limits: { x: '1' }, probe: { path: '/' } }))
  const shared = apply(both, thing({ tags: ['b'] }), { manager: 'other' })
  const left = apply(shared, thing({ tags: ['c'] }))
  t.strictSame(specOf(left), { tags: ['b', 'c'], size: 1 }, 'a probe goes with its defaults')
  t.strictSame(owners(left), { 'm Apply': ['f:spec/f:tags/v:"c"'], 'other Apply': ['f:spec/f:tags/v:"b"'] })
  t.strictSame(specOf(apply(left, thing({}))), { tags: ['b'], size: 1 })
})

t.test('conflicts', async (t) => {
  const made = apply(undefined, thing({ size: 1, tags: ['a'] }))
  const scaled = update(made, thing({ size: 5, tags: ['a'] }), { manager: 'scaler' })
  const refusal = (run: () => unknown): ApiError => {
    try {
      run()
    } catch (error) {
      return error as ApiError
    }
    throw new Error('nothing was refused')
  }
  t.match(
    refusal(() => apply(scaled, thing({ size: 2 }))),
    {
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "scaler" using test/v1: .spec.size',
      details: {
        causes: [
          { reason: 'FieldManagerConflict', message: 'conflict with "scaler" using test/v1', field: '.spec.size' },
        ],
      },
    },
  )
  const more = apply(scaled, thing({ limits: { a: '1' }, probe: { path: '/' } }), { manager: 'second' })
  const { message } = refusal(() => apply(more, thing({ size: 2, limits: { a: '2' }, probe: { path: '/x' } })))
  t.equal(
    message,
    [
      'Apply failed with 3 conflicts: conflicts with "second":',
      '- .spec.limits.a',
      '- .spec.probe.path',
      'conflicts with "scaler" using test/v1:',
      '- .spec.size',
    ].join('\n'),
  )
  t.strictSame(owners(apply(scaled, thing({ size: 5 }))), {
    'm Apply': ['f:spec/f:size'],
    'scaler Update': ['f:spec/f:size'],
  })
  const forced = apply(scaled, thing({ size: 2 }), { force: true })
  t.equal(specOf(forced).size, 2)
  t.strictSame(owners(forced), { 'm Apply': ['f:spec/f:size'] })
})

t.test('an object from before tracking', async (t) => {
  const old = thing({ size: 4, paused: true })
  t.throws(() => apply(old, thing({ size: 2 })), {
    message: /conflict with "before-first-apply" using test\/v1: \.spec\.size/,
  })
  t.strictSame(owners(apply(old, thing({ size: 4 }))), {
    'm Apply': ['f:spec/f:size'],
    'before-first-apply Update': ['f:spec/f:paused', 'f:spec/f:size'],
  })
})

t.test('kubectl may change what it has applied on the client before', async (t) => {
  const annotations = { [LAST_APPLIED]: JSON.stringify(thing({ size: 2, paused: true })) }
  const object = thing({ size: 2, paused: false }, { metadata: { annotations } })
  const live = settled(object, trackCreate(object, { kind, part, manager: 'kubectl-client-side-apply', time: at(1) }))
  const configuration = thing({ size: 3 }, { metadata: { annotations } })
  t.equal(specOf(apply(live, configuration, { manager: 'kubectl' })).size, 3)
  t.throws(() => apply(live, configuration, { manager: 'other' }), { message: /\.spec\.size/ })
  t.throws(
    () => apply(live, thing({ size: 3, paused: true }, { metadata: { annotations } }), { manager: 'kubectl' }),
    { message: 'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using test/v1: .spec.paused' },
    'but not what has changed since',
  )
})

t.test('configurations that cannot be', async (t) => {
  const cases: [string, unknown, string][] = [
    ['nothing', null, 'invalid object type: /, Kind='],
    ['another kind', { apiVersion: 'v1', kind: 'Pod' }, 'invalid object type: /v1, Kind=Pod'],
    ['owners', thing({}, { metadata: { managedFields: [] } }), 'metadata.managedFields must be nil'],
    [
      'an unknown field',
      thing({ parts: [{ name: 'a', imagee: 'x' }] }),
      'failed to create typed patch object (/x; test/v1, Kind=Thing): .spec.parts[0].imagee: field not declared in schema',
    ],
    [
      'an element twice',
      thing({ parts: [{ name: 'a' }, { name: 'a' }] }),
      'failed to create typed patch object (/x; test/v1, Kind=Thing): .spec.parts: duplicate entries for key [name="a"]',
    ],
    [
      'an element without its key',
      thing({ parts: [{ image: 'a' }] }),
      `failed to create typed patch object (/x; test/v1, Kind=Thing): .spec.parts: element 0: associative list with keys has an element that omits key field "name" (and doesn't have default value)`,
    ],
    ['a value twice in a set', thing({ tags: ['a', 'a'] }), 'duplicate entries for key [="a"]'],
    ['a wrong type', thing({ size: 'many' }), 'cannot unmarshal string into Go struct field'],
  ]
  for (const [title, body, message] of cases) {
    try {
      decodeConfiguration(body, kind as Decodable)
      t.fail(title)
    } catch (error) {
      t.match(error, { code: 400, reason: 'BadRequest' }, title)
      t.ok((error as Error).message.includes(message), `${title}: ${(error as Error).message}`)
    }
  }
})

const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })
const name = fc.constantFrom('a', 'b', 'c')
const value = fc.constantFrom('1', '2')
const port = fc.record({ port: fc.constantFrom(1, 2), protocol: fc.constantFrom('TCP', 'UDP'), name: optional(name) })
const partOfThing = fc.record({
  name,
  image: optional(value),
  args: optional(fc.array(value, { maxLength: 2 })),
  ports: optional(
    fc.uniqueArray(port, { maxLength: 3, selector: ({ port: number, protocol }) => `${number}/${protocol}` }),
  ),
})
const anyThing = fc
  .record({
    spec: fc.record({
      size: optional(fc.integer({ min: 0, max: 3 })),
      paused: optional(fc.boolean()),
      selector: optional(fc.dictionary(name, value)),
      limits: optional(fc.dictionary(name, value)),
      parts: optional(fc.uniqueArray(partOfThing, { maxLength: 3, selector: (given) => given.name })),
      tags: optional(fc.uniqueArray(value)),
      probe: optional(fc.record({ path: optional(value), period: optional(fc.integer({ min: 1, max: 3 })) })),
    }),
    labels: optional(fc.dictionary(name, value)),
    finalizers: optional(fc.uniqueArray(name)),
  })
  .map(({ spec, ...metadata }) => JSON.parse(JSON.stringify(thing(spec, { metadata }))) as KubeObject)

const write = fc.record({
  how: fc.constantFrom('apply', 'update'),
  manager: fc.constantFrom('one', 'two'),
  object: anyThing,
})

/** Whether there is something at the end of a path. */
function exists(shape: FieldShape, at: unknown, [step, ...rest]: readonly string[]): boolean {
  if (at === undefined || at === null) return false
  if (step === undefined) return true
  if (shape.type === 'list') {
    const element = (at as unknown[]).find((candidate) => shape.stepTo(candidate) === step)
    return exists(shape.items, element, rest)
  }
  const field = step.slice(2)
  const below = shape.type === 'map' ? shape.values : shape.type === 'object' ? shape.field(field)?.shape : undefined
  return below !== undefined && exists(below, (at as Record<string, unknown>)[field], rest)
}

t.test('however objects are written, their owners are consistent', async () => {
  fc.assert(
    fc.property(fc.array(write, { minLength: 1, maxLength: 6 }), (writes) => {
      let live: KubeObject | undefined
      for (const [second, { how, manager, object }] of writes.entries()) {
        if (how === 'apply' || live === undefined) live = apply(live, object, { manager, force: true, second })
        else live = update(live, settled(object, []), { manager, second })
        const { managedFields = [] } = live.metadata
        for (const entry of managedFields) {
          const fields = fieldsOfEntry(entry)
          const paths = [...pathsOf(fields)]
          if (paths.length === 0 || !isFieldSet(fields)) throw new Error(`${entry.manager} owns nothing`)
          const missing = paths.find((path) => !exists(shapeOf(kind.schema), live, path))
          if (missing !== undefined) throw new Error(`${entry.manager} owns ${missing.join('/')}, which is not there`)
        }
        const names = managedFields.map((entry) => `${entry.operation} ${entry.manager}`)
        if (new Set(names).size < names.length) throw new Error('a manager has two entries')
      }
    }),
    { numRuns: 300 },
  )
})

t.test('to apply again changes nothing', async () => {
  fc.assert(
    fc.property(anyThing, fc.array(write, { maxLength: 4 }), (object, writes) => {
      let live: KubeObject | undefined
      for (const { manager, object: other } of writes) live = apply(live, other, { manager, force: true })
      const once = apply(live, object, { manager: 'three', force: true, second: 1 })
      t.strictSame(apply(once, object, { manager: 'three', second: 2 }), once)
      const read = structuredClone(once)
      t.strictSame(update(once, read, { second: 3 }), once, 'nor does it to write what was read')
    }),
    { numRuns: 150 },
  )
})
