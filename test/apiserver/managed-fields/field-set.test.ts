import fc from 'fast-check'
import t from 'tap'
import {
  difference,
  type FieldSet,
  intersection,
  isFieldSet,
  pathsOf,
  sameFields,
  union,
} from '../../../apiserver/managed-fields/field-set.ts'
import { printPath } from '../../../apiserver/managed-fields/field-step.ts'

type Maybe = FieldSet | undefined

const labels: FieldSet = { 'f:labels': { '.': {}, 'f:a': {}, 'f:b': {} } }

const cases: { title: string; got: Maybe; wanted: Maybe }[] = [
  { title: 'union of nothing', got: union(undefined, undefined), wanted: undefined },
  { title: 'union with nothing', got: union(labels, undefined), wanted: labels },
  {
    title: 'union below one field',
    got: union({ 'f:x': { 'f:a': {} } }, { 'f:x': { 'f:b': {} }, 'f:y': {} }),
    wanted: { 'f:x': { 'f:a': {}, 'f:b': {} }, 'f:y': {} },
  },
  {
    title: 'union of a field and what is below it',
    got: union({ 'f:x': {} }, { 'f:x': { 'f:a': {} } }),
    wanted: { 'f:x': { '.': {}, 'f:a': {} } },
  },
  {
    title: 'difference leaves what leads to the rest',
    got: difference(labels, { 'f:labels': { 'f:a': {} } }),
    wanted: { 'f:labels': { '.': {}, 'f:b': {} } },
  },
  {
    title: 'difference of a field does not take what is below it',
    got: difference(labels, { 'f:labels': {} }),
    wanted: { 'f:labels': { 'f:a': {}, 'f:b': {} } },
  },
  {
    title: 'difference leaves the field that has lost everything below it',
    got: difference(labels, { 'f:labels': { 'f:a': {}, 'f:b': {} } }),
    wanted: { 'f:labels': {} },
  },
  { title: 'difference with itself', got: difference(labels, labels), wanted: undefined },
  { title: 'difference with nothing in common is the same', got: difference(labels, { 'f:x': {} }), wanted: labels },
  {
    title: 'intersection',
    got: intersection(labels, { 'f:labels': { 'f:b': {}, 'f:c': {} }, 'f:x': {} }),
    wanted: { 'f:labels': { 'f:b': {} } },
  },
  {
    title: 'intersection of a field and what is below it',
    got: intersection(labels, { 'f:labels': {} }),
    wanted: { 'f:labels': {} },
  },
]

t.test('algebra', async (t) => {
  for (const { title, got, wanted } of cases) t.strictSame(got, wanted, title)
})

/** A set as the texts of its paths: what the algebra must agree with. */
const texts = (set: Maybe) => new Set([...pathsOf(set)].map((path) => path.join('/')))

const step = fc.constantFrom('f:a', 'f:b', 'k:{"name":"c"}', 'v:"x"')
const setOfPaths = (paths: string[][]) =>
  paths.reduce<Maybe>((set, path) => {
    const single = path.reduceRight<FieldSet>((below, at) => ({ [at]: below }), {})
    return union(set, single)
  }, undefined)
const anySet = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 8 }).map(setOfPaths)

t.test('the algebra is that of sets of paths', async () => {
  fc.assert(
    fc.property(anySet, anySet, (a, b) => {
      const [left, right] = [texts(a), texts(b)]
      t.strictSame(texts(union(a, b)), left.union(right))
      t.strictSame(texts(difference(a, b)), left.difference(right))
      t.strictSame(texts(intersection(a, b)), left.intersection(right))
      t.equal(sameFields(a, b), left.symmetricDifference(right).size === 0)
    }),
    { numRuns: 200 },
  )
})

t.test('sets survive being written and read', async () => {
  fc.assert(
    fc.property(anySet, (set) => {
      if (set === undefined) return
      const read: unknown = JSON.parse(JSON.stringify(set))
      t.ok(isFieldSet(read))
      t.ok(sameFields(read as FieldSet, set))
    }),
    { numRuns: 100 },
  )
})

t.test('what is no field set', async (t) => {
  const wrong: unknown[] = [
    null,
    'f:a',
    [],
    { a: {} },
    { 'f:a': 1 },
    { 'f:a': { '.': { 'f:b': {} } } },
    { 'k:{"a"': {} },
    { 'k:1': {} },
    { 'v:': {} },
    { 'i:x': {} },
    JSON.parse('{"__proto__": {}}'),
  ]
  for (const value of wrong) t.notOk(isFieldSet(value), JSON.stringify(value))
  t.ok(isFieldSet({ 'f:__proto__': {}, 'i:0': {}, 'v:1': {}, 'k:{"a":"b"}': { '.': {} } }))
})

t.test('paths as conflicts print them', async (t) => {
  const set = {
    'f:spec': {
      'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': {} } } },
    },
    'f:metadata': { 'f:finalizers': { 'v:"a/b"': {} }, 'f:labels': { 'f:app.kubernetes.io/name': {} } },
    'f:list': { 'i:3': {} },
  }
  t.strictSame([...pathsOf(set)].map(printPath), [
    '.list[3]',
    '.metadata.finalizers[="a/b"]',
    '.metadata.labels.app.kubernetes.io/name',
    '.spec.containers[name="web"]',
    '.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"]',
  ])
})
