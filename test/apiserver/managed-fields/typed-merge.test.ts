import t from 'tap'
import type { FieldSet } from '../../../apiserver/managed-fields/field-set.ts'
import { shapeOf } from '../../../apiserver/managed-fields/field-shape.ts'
import { removeFields } from '../../../apiserver/managed-fields/remove-fields.ts'
import { mergeTyped } from '../../../apiserver/managed-fields/typed-merge.ts'
import { kind } from './objects.ts'

const shape = shapeOf(kind.schema)

const merges: { title: string; live: object; applied: object; wanted: object }[] = [
  { title: 'into nothing', live: {}, applied: { size: 1 }, wanted: { size: 1 } },
  {
    title: 'members are merged, null is absent',
    live: { size: 1, probe: { path: '/a', period: 3 } },
    applied: { size: null, probe: { path: '/b' } },
    wanted: { size: 1, probe: { path: '/b', period: 3 } },
  },
  {
    title: 'maps',
    live: { limits: { a: '1', b: '1' } },
    applied: { limits: { b: '2' } },
    wanted: { limits: { a: '1', b: '2' } },
  },
  {
    title: 'atomic maps',
    live: { selector: { a: '1' } },
    applied: { selector: { b: '2' } },
    wanted: { selector: { b: '2' } },
  },
  { title: 'sets', live: { tags: ['a', 'b'] }, applied: { tags: ['c', 'b'] }, wanted: { tags: ['a', 'c', 'b'] } },
  {
    title: 'elements take the order in which they are applied, the others stay among their neighbours',
    live: { tags: ['a', 'x', 'b', 'c'] },
    applied: { tags: ['c', 'a'] },
    wanted: { tags: ['c', 'a', 'x', 'b'] },
  },
  {
    title: 'lists by key, deep',
    live: { parts: [{ name: 'a', image: 'x', ports: [{ port: 1, protocol: 'TCP', name: 'p' }] }, { name: 'b' }] },
    applied: {
      parts: [
        {
          name: 'a',
          ports: [
            { port: 1, name: 'q' },
            { port: 1, protocol: 'UDP' },
          ],
        },
      ],
    },
    wanted: {
      parts: [
        {
          name: 'a',
          image: 'x',
          ports: [
            { port: 1, protocol: 'TCP', name: 'q' },
            { port: 1, protocol: 'UDP' },
          ],
        },
        { name: 'b' },
      ],
    },
  },
  {
    title: 'atomic lists',
    live: { parts: [{ name: 'a', args: ['x', 'y'] }] },
    applied: { parts: [{ name: 'a', args: ['z'] }] },
    wanted: { parts: [{ name: 'a', args: ['z'] }] },
  },
]

t.test('merge', async (t) => {
  for (const { title, live, applied, wanted } of merges) {
    const once = mergeTyped(shape, { spec: live }, { spec: applied })
    t.strictSame(once, { spec: wanted }, title)
    t.strictSame(mergeTyped(shape, once, { spec: applied }), once, `${title}: again changes nothing`)
  }
  const hostile = JSON.parse('{"spec":{"limits":{"__proto__":"x"}}}')
  t.strictSame(JSON.stringify(mergeTyped(shape, { spec: {} }, hostile)), JSON.stringify(hostile))
  t.notOk('x' in {})
})

const removals: { title: string; value: object; fields: FieldSet; wanted: object }[] = [
  { title: 'a field', value: { size: 1, paused: true }, fields: { 'f:size': {} }, wanted: { paused: true } },
  {
    title: 'an entry and an element',
    value: { limits: { a: '1', b: '1' }, tags: ['a', 'b'] },
    fields: { 'f:limits': { 'f:a': {} }, 'f:tags': { 'v:"b"': {} } },
    wanted: { limits: { b: '1' }, tags: ['a'] },
  },
  {
    title: 'what has lost everything goes too',
    value: { size: 1, limits: { a: '1' }, tags: ['a'] },
    fields: { 'f:limits': { 'f:a': {} }, 'f:tags': { 'v:"a"': {} } },
    wanted: { size: 1 },
  },
  {
    title: 'an element, with all that is in it',
    value: {
      parts: [
        { name: 'a', image: 'x' },
        { name: 'b', image: 'y' },
      ],
    },
    fields: { 'f:parts': { 'k:{"name":"a"}': { '.': {}, 'f:name': {} }, 'k:{"name":"b"}': { 'f:image': {} } } },
    wanted: { parts: [{ name: 'b' }] },
  },
]

t.test('removal', async (t) => {
  for (const { title, value, fields, wanted } of removals)
    t.strictSame(
      removeFields(shape, { kind: 'x', spec: value }, { 'f:spec': fields }),
      { kind: 'x', spec: wanted },
      title,
    )
})
