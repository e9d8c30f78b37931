import fc from 'fast-check'
import t from 'tap'
import { readStrategicMergePatch } from '../../../apiserver/patch/strategic-merge.ts'
import { PodSpec } from '../../../shared/api/pod/pod-spec.ts'
import { list, map, object, text } from '../../../shared/api/schema.ts'

const element = object('test.Element', 'An element.', {
  name: text('Merge key.'),
  value: text('A value.'),
  other: text('Another one.'),
  tags: list(text('A tag.'), 'A merged list of scalars.', { patch: 'merge' }),
})
const schema = object('test.Root', 'The root.', {
  title: text('A scalar.'),
  labels: map(text('A label.'), 'A map.'),
  atomic: list(text('A word.'), 'A list that is replaced.'),
  tags: list(text('A tag.'), 'A merged list of scalars.', { patch: 'merge' }),
  elements: list(element, 'A merged list of objects.', { patch: 'merge', mergeKey: 'name' }),
  keyless: list(element, 'A merged list without a key.', { patch: 'merge' }),
  volumes: list(element, 'Elements of which one member counts.', { patch: 'merge,retainKeys', mergeKey: 'name' }),
  nested: object('test.Nested', 'An object.', {
    a: text('A scalar.'),
    b: text('A scalar.'),
    tags: list(text('A tag.'), 'A merged list of scalars.', { patch: 'merge' }),
  }),
})

interface Case {
  title: string
  object: object
  patch: object
  /** The result, or the error's code and message. */
  wanted: object | [code: number, message: string]
}

const named = (...names: string[]) => names.map((name) => ({ name }))

const cases: Case[] = [
  {
    title: 'objects and maps are merged, null removes',
    object: { title: 'x', labels: { a: '1', b: '2' }, nested: { a: '1' } },
    patch: { title: null, labels: { a: null, c: '3' }, nested: { b: '2', none: null } },
    wanted: { labels: { b: '2', c: '3' }, nested: { a: '1', b: '2' } },
  },
  {
    title: 'lists without a strategy are replaced',
    object: { atomic: ['a', 'b'] },
    patch: { atomic: ['c'] },
    wanted: { atomic: ['c'] },
  },
  {
    title: 'a value of another type is replaced',
    object: { title: 'x', nested: { a: '1' } },
    patch: { title: { a: 1, b: null }, nested: 'x' },
    wanted: { title: { a: 1 }, nested: 'x' },
  },
  {
    title: 'scalars are added once, the patch’s in its own order',
    object: { tags: ['a', 'b'] },
    patch: { tags: ['c', 'b', 'c'] },
    wanted: { tags: ['c', 'a', 'b'] },
  },
  {
    title: 'scalars are deleted by directive',
    object: { tags: ['a', 'b', 'a', 'c'] },
    patch: { '$deleteFromPrimitiveList/tags': ['a', 'none'], tags: ['d'] },
    wanted: { tags: ['d', 'b', 'c'] },
  },
  {
    title: 'deleting scalars from nothing',
    object: {},
    patch: { '$deleteFromPrimitiveList/tags': ['a'] },
    wanted: {},
  },
  {
    title: 'elements are merged by their key and added',
    object: { elements: [{ name: 'a', value: '1', other: 'x', tags: ['t'] }, { name: 'b' }] },
    patch: {
      elements: [
        { name: 'b', value: '2' },
        { name: 'a', value: '3', other: null, tags: ['u'] },
        { name: 'c', value: null },
      ],
    },
    wanted: {
      elements: [{ name: 'b', value: '2' }, { name: 'a', value: '3', tags: ['u', 't'] }, { name: 'c' }],
    },
  },
  {
    title: 'an element is deleted by its key',
    object: { elements: named('a', 'b', 'c') },
    patch: { elements: [{ name: 'b', $patch: 'delete' }] },
    wanted: { elements: named('a', 'c') },
  },
  {
    title: 'a list is replaced by directive',
    object: { elements: named('a', 'b') },
    patch: { elements: [{ $patch: 'replace' }, { name: 'c', value: null }] },
    wanted: { elements: named('c') },
  },
  {
    title: 'a list is emptied by directive',
    object: { elements: named('a') },
    patch: { elements: [{ $patch: 'replace' }] },
    wanted: { elements: [] },
  },
  {
    title: 'an object is replaced by directive',
    object: { nested: { a: '1', b: '2' } },
    patch: { nested: { $patch: 'replace', b: '3' } },
    wanted: { nested: { b: '3' } },
  },
  {
    title: 'an object is emptied by directive',
    object: { nested: { a: '1' }, title: 'x' },
    patch: { nested: { $patch: 'delete' } },
    wanted: { nested: {}, title: 'x' },
  },
  {
    title: 'directives leave nothing behind where there was nothing',
    object: {},
    patch: {
      nested: { a: '1', b: null, $retainKeys: ['a'], '$setElementOrder/tags': ['x'] },
      elements: [{ name: 'a', $patch: 'delete' }, { name: 'b' }],
      '$setElementOrder/elements': named('b'),
    },
    wanted: { nested: { a: '1' }, elements: named('b') },
  },
  {
    title: 'only retained members stay',
    object: { volumes: [{ name: 'v', value: '1' }] },
    patch: { volumes: [{ name: 'v', other: '2', $retainKeys: ['name', 'other'] }] },
    wanted: { volumes: [{ name: 'v', other: '2' }] },
  },
  {
    title: 'a member that is set must be retained',
    object: { nested: { a: '1' } },
    patch: { nested: { b: '2', $retainKeys: ['a'] } },
    wanted: [400, 'invalid patch format of retainKeys'],
  },
  {
    title: 'an order without changes',
    object: { elements: named('a', 'b', 'c') },
    patch: { '$setElementOrder/elements': named('c', 'a', 'b') },
    wanted: { elements: named('c', 'a', 'b') },
  },
  {
    title: 'an order with changes; what only the server has stays where it was',
    object: { elements: named('a', 'server', 'b', 'c') },
    patch: {
      '$setElementOrder/elements': named('c', 'new', 'a'),
      elements: [{ name: 'new' }, { name: 'b', $patch: 'delete' }],
    },
    wanted: { elements: named('server', 'c', 'new', 'a') },
  },
  {
    title: 'an order of scalars',
    object: { tags: ['a', 'b', 'c'] },
    patch: { '$setElementOrder/tags': ['d', 'b', 'a'], tags: ['d'] },
    wanted: { tags: ['d', 'b', 'a', 'c'] },
  },
  {
    title: 'an order of nothing',
    object: { title: 'x' },
    patch: { '$setElementOrder/elements': named('a') },
    wanted: { title: 'x' },
  },
  {
    title: 'a patch in another order than it asks for',
    object: { tags: [] },
    patch: { '$setElementOrder/tags': ['a', 'b'], tags: ['b', 'a'] },
    wanted: [400, 'The order in patch list:\n["b","a"]\n doesn\'t match $setElementOrder list:\n["a","b"]\n'],
  },
  {
    title: 'an order that is no list',
    object: { tags: [] },
    patch: { '$setElementOrder/tags': 'a' },
    wanted: [400, 'invalid patch format of setElementOrder list'],
  },
  {
    title: 'deletions that are no list',
    object: { tags: [] },
    patch: { '$deleteFromPrimitiveList/tags': 'a' },
    wanted: [400, 'invalid patch format of primitive list'],
  },
  {
    title: 'an element without its key',
    object: { elements: named('a') },
    patch: { elements: [{ value: 'x' }] },
    wanted: [400, 'map: {"value":"x"} does not contain declared merge key: name'],
  },
  {
    title: 'a deletion without its key',
    object: { elements: named('a') },
    patch: { elements: [{ $patch: 'delete' }] },
    wanted: [400, 'map: {"$patch":"delete"} does not contain declared merge key: name'],
  },
  {
    title: 'an unknown directive',
    object: { nested: {} },
    patch: { nested: { $patch: 'explode' } },
    wanted: [400, 'unknown patch type: explode in map: {"$patch":"explode"}'],
  },
  {
    title: 'merging a list by directive',
    object: { elements: named('a') },
    patch: { elements: [{ $patch: 'merge' }] },
    wanted: [400, 'merging lists cannot yet be specified in the patch'],
  },
  {
    title: 'lists of lists',
    object: { tags: ['a'] },
    patch: { tags: [['b']] },
    wanted: [422, 'the server rejected our request due to an error in our request'],
  },
  {
    title: 'scalars among objects',
    object: { elements: named('a') },
    patch: { elements: ['b'] },
    wanted: [400, 'list element types are not identical'],
  },
  {
    title: 'objects without a key to merge by',
    object: { keyless: named('a') },
    patch: { keyless: named('b') },
    wanted: [400, 'cannot merge lists without merge key'],
  },
]

for (const { title, object, patch, wanted } of cases) {
  t.test(title, async (t) => {
    const before = JSON.stringify([object, patch])
    const apply = () => readStrategicMergePatch(patch, schema)(object)
    if (Array.isArray(wanted)) t.throws(apply, { code: wanted[0], message: wanted[1] })
    else t.strictSame(apply(), wanted)
    t.equal(JSON.stringify([object, patch]), before)
  })
}

t.test('a pod’s containers, their ports and environment', async (t) => {
  const pod = {
    containers: [
      {
        name: 'main',
        image: 'kubia:1',
        ports: [{ containerPort: 8080, protocol: 'TCP' }],
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      },
      { name: 'sidecar', image: 'proxy' },
    ],
    tolerations: [{ key: 'a', operator: 'Exists' }],
    nodeSelector: { gpu: 'true' },
  }
  const patch = {
    containers: [
      {
        name: 'main',
        image: 'kubia:2',
        ports: [{ containerPort: 8443 }],
        env: [
          { name: 'A', $patch: 'delete' },
          { name: 'B', value: '3' },
        ],
      },
    ],
    tolerations: [{ key: 'b', operator: 'Exists' }],
    nodeSelector: null,
  }
  t.strictSame(readStrategicMergePatch(patch, PodSpec)(pod), {
    containers: [
      {
        name: 'main',
        image: 'kubia:2',
        ports: [{ containerPort: 8443 }, { containerPort: 8080, protocol: 'TCP' }],
        env: [{ name: 'B', value: '3' }],
      },
      { name: 'sidecar', image: 'proxy' },
    ],
    tolerations: [{ key: 'b', operator: 'Exists' }],
  })
})

t.test('a patch must be an object', async (t) => {
  t.throws(() => readStrategicMergePatch([], schema), { code: 400 })
})

t.test('no patch reaches the prototype', async (t) => {
  const patch = JSON.parse(
    '{"__proto__":{"polluted":true},"$setElementOrder/__proto__":["a"],"labels":{"__proto__":"x"}}',
  )
  const patched = readStrategicMergePatch({ ...patch, '$setElementOrder/__proto__': null }, schema)
  t.throws(() => readStrategicMergePatch(patch, schema)({}), { code: 400 })
  t.throws(() => patched({}), { code: 400 })
  const { '$setElementOrder/__proto__': _, ...plain } = patch
  const result = readStrategicMergePatch(plain, schema)({ labels: {} }) as { labels: object }
  t.equal(JSON.stringify(result), '{"labels":{"__proto__":"x"},"__proto__":{"polluted":true}}')
  t.equal(Object.getPrototypeOf(result), Object.prototype)
  t.equal(({} as { polluted?: boolean }).polluted, undefined)
})

t.test('large lists are merged in little time', async (t) => {
  const elements = Array.from({ length: 50_000 }, (_, n) => ({ name: `n${n}` }))
  const patch = { '$setElementOrder/elements': elements.toReversed(), elements: elements.toReversed() }
  const merged = readStrategicMergePatch(patch, schema)({ elements }) as { elements: unknown[] }
  t.equal(merged.elements.length, 50_000)
  t.strictSame(merged.elements[0], { name: 'n49999' })
})

t.test('what `kubectl apply` computes as a patch makes one object of the other', async () => {
  type Item = { name: string; value?: string }
  interface World {
    tags: string[]
    elements: Item[]
  }
  const items = fc.uniqueArray(
    fc.record(
      { name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), value: fc.constantFrom('1', '2') },
      { requiredKeys: ['name'] },
    ),
    { selector: ({ name }) => name, maxLength: 5 },
  ) as fc.Arbitrary<Item[]>
  const world = fc.record({ tags: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 }), elements: items })
  const difference = (from: World, to: World) => ({
    '$setElementOrder/tags': to.tags,
    '$deleteFromPrimitiveList/tags': from.tags.filter((tag) => !to.tags.includes(tag)),
    tags: to.tags.filter((tag) => !from.tags.includes(tag)),
    '$setElementOrder/elements': to.elements.map(({ name }) => ({ name })),
    elements: [
      ...to.elements.map(({ name, value }) => ({ name, value: value ?? null })),
      ...from.elements
        .filter(({ name }) => !to.elements.some((item) => item.name === name))
        .map(({ name }) => ({ name, $patch: 'delete' })),
    ],
  })
  fc.assert(
    fc.property(world, world, (from, to) => {
      const before = JSON.stringify(from)
      const made = readStrategicMergePatch(difference(from, to), schema)(from) as World
      const sorted = ({ tags, elements }: World) =>
        JSON.stringify([tags, elements.map(({ name, value }) => [name, value])])
      return sorted(made) === sorted(to) && JSON.stringify(from) === before
    }),
  )
})
