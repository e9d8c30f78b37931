import t from 'tap'
import type { LabelSelector } from '../../../shared/api/meta.ts'
import { validateLabelSelector } from '../../../shared/api/validate-label-selector.ts'

const worlds: [title: string, selector: LabelSelector | undefined, wanted: (string | RegExp)[]][] = [
  ['absent', undefined, []],
  ['empty', {}, []],
  ['labels', { matchLabels: { 'example.com/a': 'b' } }, []],
  ['conditions', { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }, []],
  ['a label', { matchLabels: { a: 'b c' } }, [/^s\.matchLabels: Invalid value: "b c": a valid label must be/]],
  [
    'an operator',
    { matchExpressions: [{ key: 'a', operator: 'Near', values: ['b'] }] },
    ['s.matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator'],
  ],
  [
    'no values',
    { matchExpressions: [{ key: 'a', operator: 'NotIn' }] },
    ["s.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"],
  ],
  [
    'values for none',
    { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] },
    ["s.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"],
  ],
  [
    'a key and a value',
    { matchExpressions: [{ key: '/a', operator: 'In', values: ['-'] }] },
    [
      's.matchExpressions[0].key: Invalid value: "/a": prefix part must be non-empty',
      /^s\.matchExpressions\[0\]\.values\[0\]: Invalid value: "-": a valid label must be/,
    ],
  ],
]

for (const [title, selector, wanted] of worlds) {
  t.test(title, async (t) => {
    const errors = validateLabelSelector(selector, 's').map(({ field, message }) => `${field}: ${message}`)
    t.equal(errors.length, wanted.length, errors.join('\n'))
    t.match(errors, wanted)
  })
}
