import fc from 'fast-check'
import t from 'tap'
import type { CachedObject } from '../../../apiserver/cache/cache.ts'
import { createSorted } from '../../../apiserver/cache/sorted.ts'

const objectOf = (key: string, revision: number) => ({ key, revision }) as CachedObject

t.test('holds what a map holds, in order, through splits and removals', async () => {
  const key = fc.integer({ min: 0, max: 3000 }).map((number) => `n-${String(number).padStart(4, '0')}`)
  const step = fc.record({ key, isRemoval: fc.boolean() })
  // Filled in order first, as a cache is, so that there are full blocks to split.
  const filled = Array.from({ length: 1500 }, (_, n) => `n-${String(n * 2).padStart(4, '0')}`)
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1500, size: 'max' }), key, key, (steps, from, to) => {
      const sorted = createSorted()
      const model = new Map<string, number>()
      const put = (name: string, revision: number) => {
        sorted.put(objectOf(name, revision))
        model.set(name, revision)
      }
      for (const name of filled) put(name, 0)
      for (const [index, { key, isRemoval }] of steps.entries()) {
        if (!isRemoval) put(key, index + 1)
        else {
          sorted.remove(key)
          model.delete(key)
        }
      }
      const wanted = [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, revision]) => `${name} ${revision}`)
      const all = sorted.all().map(({ key, revision }) => `${key} ${revision}`)
      const between = sorted.between(from, to).map(({ key }) => key)
      const wantedBetween = [...model.keys()].filter((name) => name >= from && name < to).sort()
      return all.join() === wanted.join() && between.join() === wantedBetween.join()
    }),
    { numRuns: 50 },
  )
})

t.test('is empty again when everything was removed', async (t) => {
  const sorted = createSorted()
  t.ok(sorted.isEmpty)
  sorted.remove('a')
  sorted.put(objectOf('a', 1))
  t.notOk(sorted.isEmpty)
  t.equal(sorted.between('b', 'a').length, 0)
  sorted.remove('a')
  t.ok(sorted.isEmpty)
})
