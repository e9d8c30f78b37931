import fc from 'fast-check'
import t from 'tap'
import { readJsonPatch } from '../../../apiserver/patch/json-patch.ts'
import { ApiError } from '../../../shared/errors.ts'

const REJECTED = new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {})

interface Case {
  title: string
  object: unknown
  patch: unknown[]
  /** Absent: the patch is rejected. */
  wanted?: unknown
}

const cases: Case[] = [
  {
    title: 'add a member',
    object: { a: 1 },
    patch: [{ op: 'add', path: '/b', value: [2] }],
    wanted: { a: 1, b: [2] },
  },
  {
    title: 'add replaces a member',
    object: { a: 1 },
    patch: [{ op: 'add', path: '/a', value: null }],
    wanted: { a: null },
  },
  {
    title: 'add to a list: before, at its end, behind it',
    object: { a: [1, 2] },
    patch: [
      { op: 'add', path: '/a/0', value: 0 },
      { op: 'add', path: '/a/-', value: 3 },
      { op: 'add', path: '/a/4', value: 4 },
    ],
    wanted: { a: [0, 1, 2, 3, 4] },
  },
  { title: 'add beyond the end', object: { a: [1] }, patch: [{ op: 'add', path: '/a/2', value: 0 }] },
  { title: 'add below nothing', object: {}, patch: [{ op: 'add', path: '/a/b', value: 0 }] },
  { title: 'add below a scalar', object: { a: 1 }, patch: [{ op: 'add', path: '/a/b', value: 0 }] },
  { title: 'add without a value', object: {}, patch: [{ op: 'add', path: '/a' }] },
  { title: 'add the whole', object: { a: 1 }, patch: [{ op: 'add', path: '', value: { b: 2 } }], wanted: { b: 2 } },
  {
    title: 'escaped names',
    object: { 'a/b': 1, 'c~d': 2 },
    patch: [
      { op: 'replace', path: '/a~1b', value: 3 },
      { op: 'remove', path: '/c~0d' },
      { op: 'add', path: '/~01', value: 4 },
    ],
    wanted: { 'a/b': 3, '~1': 4 },
  },
  {
    title: 'remove',
    object: { a: [1, 2, 3], b: null },
    patch: [
      { op: 'remove', path: '/a/1' },
      { op: 'remove', path: '/b' },
    ],
    wanted: { a: [1, 3] },
  },
  { title: 'remove nothing', object: { a: 1 }, patch: [{ op: 'remove', path: '/b' }] },
  { title: 'remove behind the end', object: { a: [1] }, patch: [{ op: 'remove', path: '/a/1' }] },
  { title: 'remove the whole', object: {}, patch: [{ op: 'remove', path: '' }] },
  {
    title: 'replace',
    object: { a: [1, { b: 2 }] },
    patch: [{ op: 'replace', path: '/a/1/b', value: 3 }],
    wanted: { a: [1, { b: 3 }] },
  },
  { title: 'replace nothing', object: {}, patch: [{ op: 'replace', path: '/a', value: 1 }] },
  {
    title: 'move',
    object: { a: { b: 1 }, c: [2, 3] },
    patch: [
      { op: 'move', from: '/a/b', path: '/d' },
      { op: 'move', from: '/c/0', path: '/c/1' },
    ],
    wanted: { a: {}, c: [3, 2], d: 1 },
  },
  { title: 'move into itself', object: { a: { b: 1 } }, patch: [{ op: 'move', from: '/a', path: '/a/b' }] },
  {
    title: 'copy, then change the copy',
    object: { a: { b: 1 } },
    patch: [
      { op: 'copy', from: '/a', path: '/c' },
      { op: 'replace', path: '/c/b', value: 2 },
    ],
    wanted: { a: { b: 1 }, c: { b: 2 } },
  },
  { title: 'copy nothing', object: {}, patch: [{ op: 'copy', from: '/a', path: '/b' }] },
  { title: 'copy without from', object: {}, patch: [{ op: 'copy', path: '/b' }] },
  {
    title: 'test what is so',
    object: { a: { b: [1, 'x', null], c: true } },
    patch: [{ op: 'test', path: '/a', value: { c: true, b: [1, 'x', null] } }],
    wanted: { a: { b: [1, 'x', null], c: true } },
  },
  { title: 'test null of what is absent', object: {}, patch: [{ op: 'test', path: '/a', value: null }], wanted: {} },
  { title: 'test what is not so', object: { a: 1 }, patch: [{ op: 'test', path: '/a', value: '1' }] },
  { title: 'test a longer list', object: { a: [1] }, patch: [{ op: 'test', path: '/a', value: [1, 2] }] },
  { title: 'test of a member more', object: { a: {} }, patch: [{ op: 'test', path: '/a', value: { b: 1 } }] },
  {
    title: 'nothing is kept of a patch that fails later',
    object: { a: 1 },
    patch: [
      { op: 'replace', path: '/a', value: 2 },
      { op: 'test', path: '/a', value: 1 },
    ],
  },
  { title: 'an unknown operation', object: {}, patch: [{ op: 'constructor', path: '/a', value: 1 }] },
  { title: 'a path without its slash', object: { a: 1 }, patch: [{ op: 'remove', path: 'a' }] },
  { title: 'an index with a zero before', object: { a: [1, 2] }, patch: [{ op: 'remove', path: '/a/01' }] },
  { title: 'an inherited name', object: {}, patch: [{ op: 'copy', from: '/constructor', path: '/a' }] },
]

for (const { title, object, patch, wanted } of cases) {
  t.test(title, async (t) => {
    const before = JSON.stringify([object, patch])
    const apply = () => readJsonPatch(patch)(object)
    if (wanted === undefined) t.throws(apply, REJECTED)
    else t.strictSame(apply(), wanted)
    t.equal(JSON.stringify([object, patch]), before)
  })
}

t.test('what is no patch', async (t) => {
  const decodingFailed = (message: string) => new ApiError(400, 'BadRequest', `error decoding patch: json: ${message}`)
  t.throws(
    () => readJsonPatch({}),
    decodingFailed('cannot unmarshal object into Go value of type []map[string]interface {}'),
  )
  t.throws(
    () => readJsonPatch(['x']),
    decodingFailed('cannot unmarshal string into Go value of type map[string]interface {}'),
  )
})

t.test('work is bounded', async (t) => {
  const many = (count: number, operation: object) => Array.from({ length: count }, () => operation)
  const add = { op: 'add', path: '/a', value: 1 }
  t.strictSame(readJsonPatch(many(10_000, add))({}), { a: 1 })
  t.throws(() => readJsonPatch(many(10_001, add)), {
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: 'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
  })
  const large = { a: 'x'.repeat(100_000) }
  t.ok(readJsonPatch(many(30, { op: 'copy', from: '/a', path: '/b' }))(large))
  t.throws(() => readJsonPatch(many(40, { op: 'copy', from: '/a', path: '/b' }))(large), REJECTED)
  const doubling = many(64, { op: 'copy', from: '/a', path: '/a/-' })
  t.throws(() => readJsonPatch(doubling)({ a: [1] }), REJECTED)
  const long = { a: Array.from({ length: 100_000 }, () => 0) }
  t.ok(readJsonPatch(many(100, { op: 'add', path: '/a/0', value: 1 }))(long))
  t.throws(() => readJsonPatch(many(1000, { op: 'add', path: '/a/0', value: 1 }))(long), REJECTED)
  const nested = Array.from({ length: 12 }, (_, n) => ({ op: 'copy', from: '/a', path: `/a${'/a'.repeat(2 ** n)}` }))
  t.throws(() => readJsonPatch(nested)({ a: {} }), REJECTED)
})

t.test('names that all objects inherit are names like others', async (t) => {
  const object = JSON.parse('{"a":{"__proto__":{"b":1}}}')
  const patch = JSON.parse(
    '[{"op":"add","path":"/__proto__","value":{"polluted":true}},{"op":"copy","from":"/a","path":"/c"}]',
  )
  const result = readJsonPatch(patch)(object) as Record<string, unknown>
  t.equal(JSON.stringify(result), '{"a":{"__proto__":{"b":1}},"__proto__":{"polluted":true},"c":{"__proto__":{"b":1}}}')
  t.equal(Object.getPrototypeOf(result), Object.prototype)
  t.equal(({} as { polluted?: boolean }).polluted, undefined)
})

t.test('any operations leave object and patch alone, and mean the same again', async () => {
  const path = fc
    .array(fc.constantFrom('a', 'b', '0', '1', '-'), { maxLength: 3 })
    .map((tokens) => tokens.map((token) => `/${token}`).join(''))
  const value = fc.jsonValue({ maxDepth: 2 })
  const operation = fc.record({
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
    path,
    from: path,
    value,
  })
  const object = fc.record({ a: value, b: fc.array(value) }, { requiredKeys: [] })
  const outcome = (apply: () => unknown) => {
    try {
      return JSON.stringify(apply())
    } catch (error) {
      if (error instanceof ApiError && error.code === 422) return 'rejected'
      throw error
    }
  }
  fc.assert(
    fc.property(object, fc.array(operation, { maxLength: 6 }), (object, operations) => {
      const before = JSON.stringify([object, operations])
      const apply = readJsonPatch(operations)
      const first = outcome(() => apply(object))
      return first === outcome(() => apply(object)) && JSON.stringify([object, operations]) === before
    }),
  )
})

t.test('a value that was added is there, and removing it again undoes it', async () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), fc.nat(), fc.jsonValue(), (list, at, value) => {
      const path = `/list/${at % (list.length + 1)}`
      const undone = readJsonPatch([
        { op: 'add', path, value },
        { op: 'test', path, value: JSON.parse(JSON.stringify(value)) },
        { op: 'remove', path },
      ])({ list })
      return JSON.stringify(undone) === JSON.stringify({ list })
    }),
  )
})
