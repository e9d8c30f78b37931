import fc from 'fast-check'
import t from 'tap'
import { readMergePatch } from '../../../apiserver/patch/merge-patch.ts'

const cases: { title: string; object: unknown; patch: object; wanted: unknown }[] = [
  { title: 'replaces', object: { a: 'b' }, patch: { a: 'c' }, wanted: { a: 'c' } },
  { title: 'adds', object: { a: 'b' }, patch: { b: 'c' }, wanted: { a: 'b', b: 'c' } },
  { title: 'removes', object: { a: 'b', b: 'c' }, patch: { a: null }, wanted: { b: 'c' } },
  { title: 'removes what is absent', object: { b: 'c' }, patch: { a: null }, wanted: { b: 'c' } },
  { title: 'replaces lists whole', object: { a: ['b'] }, patch: { a: ['c', null] }, wanted: { a: ['c', null] } },
  { title: 'replaces a list by a scalar', object: { a: ['b'] }, patch: { a: 'c' }, wanted: { a: 'c' } },
  {
    title: 'goes into objects',
    object: { a: { b: 'c', d: 'e' } },
    patch: { a: { b: 'd', d: null } },
    wanted: { a: { b: 'd' } },
  },
  { title: 'makes objects without nulls', object: {}, patch: { a: { bb: { ccc: null } } }, wanted: { a: { bb: {} } } },
  { title: 'replaces a scalar by an object', object: { a: 'b' }, patch: { a: { c: 1 } }, wanted: { a: { c: 1 } } },
  { title: 'of what is no object', object: ['a'], patch: { b: 1 }, wanted: { b: 1 } },
]

for (const { title, object, patch, wanted } of cases) {
  t.test(title, async (t) => {
    const before = JSON.stringify([object, patch])
    t.strictSame(readMergePatch(patch)(object), wanted)
    t.equal(JSON.stringify([object, patch]), before)
  })
}

t.test('a patch must be an object', async (t) => {
  for (const [document, found] of [
    [[], 'array'],
    ['x', 'string'],
    [1, 'number'],
    [true, 'bool'],
  ] as const)
    t.throws(() => readMergePatch(document), {
      code: 400,
      message: `error decoding patch: json: cannot unmarshal ${found} into Go value of type map[string]interface {}`,
    })
  t.throws(() => readMergePatch(null), { code: 400 })
})

t.test('no patch reaches the prototype', async (t) => {
  const patched = readMergePatch(JSON.parse('{"__proto__":{"polluted":true},"a":{"__proto__":null}}'))({ a: {} })
  t.equal(Object.getPrototypeOf(patched), Object.prototype)
  t.equal(({} as { polluted?: boolean }).polluted, undefined)
  t.equal(JSON.stringify(patched), '{"a":{},"__proto__":{"polluted":true}}')
})

t.test('applied twice is applied once', async () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.dictionary(fc.string(), fc.jsonValue()),
      (object, patch) => {
        const apply = readMergePatch(patch)
        const once = apply(object)
        return JSON.stringify(apply(once)) === JSON.stringify(once)
      },
    ),
  )
})

t.test('the difference of two objects, as a patch, makes one of the other', async () => {
  type Plain = { [name: string]: Plain | number }
  const { object } = fc.letrec<{ object: Plain; value: Plain | number }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, fc.integer(), tie('object')),
    object: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value')),
  }))
  const difference = (from: Plain, to: Plain): Record<string, unknown> => {
    const patch: Record<string, unknown> = {}
    for (const name of Object.keys(from)) if (!(name in to)) patch[name] = null
    for (const [name, value] of Object.entries(to)) {
      const old = from[name]
      patch[name] = typeof value === 'object' ? difference(typeof old === 'object' ? old : {}, value) : value
    }
    return patch
  }
  fc.assert(
    fc.property(object, object, (from, to) => {
      const made = readMergePatch(difference(from, to))(from)
      const sorted = (value: unknown) => JSON.stringify(value, ['a', 'b', 'c', 'd'])
      return sorted(made) === sorted(to)
    }),
  )
})
