import fc from 'fast-check'
import t from 'tap'
import { planCompaction, startCompaction } from '../../../apiserver/storage/compaction-policy.ts'
import { openMemoryStorage } from '../../../apiserver/storage/sqlite-storage.ts'
import { createLogger } from '../../../shared/log.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { writeAll } from './contract.ts'

const MINUTE = 60_000
const marksOf = (...marks: [minute: number, revision: number][]) =>
  marks.map(([minute, revision]) => ({ atMs: minute * MINUTE, revision }))

const table = [
  { title: 'young history is kept', marks: marksOf([0, 10], [4, 20]), revisionsMax: 100, wanted: 0 },
  { title: 'old history goes', marks: marksOf([0, 10], [1, 15], [5, 20]), revisionsMax: 100, wanted: 10 },
  {
    title: 'by the youngest that is old enough',
    marks: marksOf([0, 10], [1, 15], [7, 20]),
    revisionsMax: 9,
    wanted: 15,
  },
  { title: 'much history goes at once', marks: marksOf([0, 10], [1, 500]), revisionsMax: 100, wanted: 400 },
]

for (const { title, marks, revisionsMax, wanted } of table) {
  t.test(title, async (t) => t.equal(planCompaction(marks, { keepMs: 5 * MINUTE, revisionsMax }), wanted))
}

t.test('no plan goes beyond what is there, nor keeps more than it may', async () => {
  const steps = fc.array(fc.tuple(fc.nat({ max: 100 }), fc.nat({ max: 100 })), { minLength: 1 })
  const marks = steps.map((steps) => {
    let [atMs, revision] = [0, 0]
    return steps.map(([ms, writes]) => {
      atMs += ms
      revision += writes
      return { atMs, revision }
    })
  })
  fc.assert(
    fc.property(marks, fc.nat({ max: 200 }), fc.nat({ max: 200 }), (marks, keepMs, revisionsMax) => {
      const now = marks.at(-1)!
      const target = planCompaction(marks, { keepMs, revisionsMax })
      const isYoung = marks.find(({ atMs }) => atMs > now.atMs - keepMs)?.revision ?? now.revision
      return (
        target <= now.revision &&
        now.revision - target <= revisionsMax &&
        (target <= isYoung || target === now.revision - revisionsMax)
      )
    }),
  )
})

t.test('the store is compacted as time goes by', async (t) => {
  const storage = openMemoryStorage()
  const clock = createFakeClock()
  const logger = createLogger('test', 'error')
  const stop = startCompaction({
    ...{ storage, clock, logger, keepMs: MINUTE },
    ...{ revisionsMax: 2000, revisionsMin: 10, objects: () => 1000 },
  })
  const writeMany = async (count: number) => {
    for (let n = 0; n < count; n++)
      await writeAll(storage, [{ key: '/a', value: 'a', expected: await storage.currentRevision() }])
  }
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 15_000) await clock.advance(15_000)
  }
  await writeMany(200)
  await pass(MINUTE)
  t.equal(await storage.compactedRevision(), 0)
  await pass(MINUTE / 4)
  await stop()
  t.equal(await storage.compactedRevision(), 200)
  t.equal(clock.pending, 0)
  await storage.close()
})

t.test('history is three quarters as long as there are objects, but for a least length', async (t) => {
  for (const { objects, wanted } of [
    { objects: 50, wanted: 163 },
    { objects: 5, wanted: 180 },
    { objects: 5000, wanted: 100 },
  ]) {
    const storage = openMemoryStorage()
    const clock = createFakeClock()
    const stop = startCompaction({
      ...{ storage, clock, logger: createLogger('test', 'error'), keepMs: MINUTE },
      ...{ revisionsMax: 100, revisionsMin: 20, objects: () => objects },
    })
    await writeAll(
      storage,
      Array.from({ length: 200 }, (_, n) => ({ key: '/a', value: 'a', expected: n })),
    )
    await clock.advance(15_000)
    await stop()
    t.equal(await storage.compactedRevision(), wanted)
    await storage.close()
  }
})
