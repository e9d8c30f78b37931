import { statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openSqliteStorage } from '../../../apiserver/storage/sqlite-storage.ts'
import { testDirectory } from '../../support/directory.ts'

t.test('compaction gives back the room while writes go on', async (t) => {
  const directory = testDirectory(t)
  let storage = openSqliteStorage(directory)
  const value = 'x'.repeat(1500)
  const revisions = new Map<string, number>()
  const overwrite = async (key: string) => {
    const result = await storage.write({ key, value, expected: revisions.get(key) ?? 0 })
    if (!result.written) throw new Error(`${key} was not written`)
    revisions.set(key, result.revision)
  }
  const keys = Array.from({ length: 100 }, (_, n) => `/${n}`)
  for (let round = 0; round < 60; round++) await Promise.all(keys.map(overwrite))
  const size = () => statSync(join(directory, 'state.db')).size
  const grown = size()

  let isCompacting = true
  const compaction = storage.compact(6000).then(() => {
    isCompacting = false
  })
  let during = 0
  while (isCompacting) {
    await overwrite('/0')
    during++
  }
  await compaction
  t.ok(during > 10, `${during} writes were made between the steps`)
  await storage.close()
  t.ok(size() < grown / 3, `${grown} bytes became ${size()}`)

  storage = openSqliteStorage(directory)
  t.equal(await storage.compactedRevision(), 6000)
  t.equal((await storage.range('/')).records.length, 100)
  t.equal((await storage.range('/', { revision: 6000 })).records.length, 100)
  await storage.close()
})
