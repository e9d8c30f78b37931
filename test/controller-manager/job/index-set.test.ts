import fc from 'fast-check'
import t from 'tap'
import { formatIndexes, parseIndexes } from '../../../controller-manager/job/index-set.ts'

t.test('reads and writes', async (t) => {
  for (const [text, indexes] of [
    ['', []],
    ['3', [3]],
    ['1,2', [1, 2]],
    ['1,3-5,7', [1, 3, 4, 5, 7]],
    ['0-9', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ] as const) {
    t.same([...parseIndexes(text, 100)], indexes, text)
    t.equal(formatIndexes(indexes), text)
  }
  t.same([...parseIndexes('1,3-5,7', 5)], [1, 3, 4], 'cut off at the number of completions')
  t.same([...parseIndexes(undefined, 5)], [])
})

t.test('property: what is written is read', async (t) => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(50)), (indexes) => {
      const read = parseIndexes(formatIndexes(indexes), 51)
      return read.size === indexes.length && indexes.every((index) => read.has(index))
    }),
  )
  t.pass()
})
