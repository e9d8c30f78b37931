import fc from 'fast-check'
import t from 'tap'
import { sameValue } from '../../../apiserver/registry/same-value.ts'

const cases: [a: unknown, b: unknown, wanted: boolean][] = [
  [1, 1, true],
  [1, '1', false],
  [null, undefined, false],
  [{}, null, false],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [{ a: undefined }, {}, true],
  [{}, { a: undefined }, true],
  [{ a: 1 }, { a: 1, b: 1 }, false],
  [[1, 2], [2, 1], false],
  [[1], [1, 2], false],
  [{ 0: 1 }, [1], false],
  [{ a: [{ b: 1 }] }, { a: [{ b: 1 }] }, true],
]

t.test('sameValue', async (t) => {
  for (const [a, b, wanted] of cases) t.equal(sameValue(a, b), wanted, `${JSON.stringify(a)} and ${JSON.stringify(b)}`)
})

t.test('what JSON carries over is the same', async () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => sameValue(value, JSON.parse(JSON.stringify(value)))))
})
