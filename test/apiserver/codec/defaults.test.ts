import t from 'tap'
import { applyDefaults } from '../../../apiserver/codec/defaults.ts'
import { boolean, field, int32, list, map, object, text } from '../../../shared/api/schema.ts'

const Part = object('test.v1.Part', 'A part.', {
  mode: int32('Mode.', { default: 420 }),
  path: text('Path.', { default: '/' }),
  plain: text('Without a default.'),
})
const Whole = object('test.v1.Whole', 'A whole.', {
  optional: field(Part, 'Not made up.'),
  made: field(Part, 'Made where it is absent.', { default: {} }),
  parts: list(Part, 'Parts.'),
  byName: map(Part, 'Parts by name.'),
  count: int32('Zero is zero.', { default: 1 }),
  limit: int32('Zero is unset.', { default: 5, zeroIsUnset: true }),
  enabled: boolean('False is false.', { default: true }),
  derived: text('From another default.', { default: ({ last }) => `after ${last}` }),
  none: text('Sometimes without.', { default: () => undefined }),
  last: text('Comes after what needs it.', { default: 'z' }),
})

const filled = (value: object) => {
  applyDefaults(Whole, value)
  return value
}
const PART = { mode: 420, path: '/' }
const EMPTY = { made: PART, count: 1, limit: 5, enabled: true, derived: 'after z', last: 'z' }

t.test('defaults', async (t) => {
  const rows: [title: string, value: object, wanted: object][] = [
    ['everything absent', {}, EMPTY],
    [
      'what is given stays',
      { made: { mode: 1 }, last: 'a' },
      { ...EMPTY, made: { mode: 1, path: '/' }, last: 'a', derived: 'after a' },
    ],
    [
      'inside lists and maps',
      { parts: [{}, { path: 'x' }], byName: { a: {} } },
      { ...EMPTY, parts: [PART, { mode: 420, path: 'x' }], byName: { a: PART } },
    ],
    ['inside optional objects that are there', { optional: {} }, { ...EMPTY, optional: PART }],
    [
      'zero, false and empty',
      { count: 0, limit: 0, enabled: false, last: '' },
      { ...EMPTY, count: 0, limit: 5, enabled: false },
    ],
  ]
  for (const [title, value, wanted] of rows) t.strictSame(filled(value), wanted, title)
})

t.test('objects do not share their defaults', async (t) => {
  const [a, b] = [filled({}), filled({})] as [{ made: object }, { made: object }]
  t.not(a.made, b.made)
})
