import fc from 'fast-check'
import t from 'tap'
import { commonIndex, countIndexes, type IndexRange, parseIndexes } from '../../../../shared/api/job/indexes.ts'

t.test('sets of indexes', async (t) => {
  const rows: [text: string, wanted: readonly IndexRange[] | string][] = [
    ['', []],
    [
      '0,2-4,9',
      [
        [0, 0],
        [2, 4],
        [9, 9],
      ],
    ],
    [
      '1-2-3',
      'the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by \'-\'',
    ],
    ['a', 'cannot convert string to integer for index: "a"'],
    ['1-', 'cannot convert string to integer for index: ""'],
    ['10', 'too large index: "10"'],
    ['3,2', 'non-increasing order, previous: 3, current: 2'],
    ['3-3', 'non-increasing order, previous: 3, current: 3'],
  ]
  for (const [text, wanted] of rows) t.same(parseIndexes(text, 10), wanted, text)
})

t.test('counting and comparing', async () => {
  const indexes = fc.uniqueArray(fc.integer({ min: 0, max: 30 })).map((list) => list.sort((a, b) => a - b))
  const rangesOf = (list: readonly number[]): IndexRange[] => list.map((index) => [index, index])
  fc.assert(
    fc.property(indexes, indexes, (left, right) => {
      const common = left.find((index) => right.includes(index))
      return countIndexes(rangesOf(left)) === left.length && commonIndex(rangesOf(left), rangesOf(right)) === common
    }),
  )
})
