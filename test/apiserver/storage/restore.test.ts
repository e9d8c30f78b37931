/** Backups: a copy that is made while others write, and a store that goes on from it. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { restoreSnapshot } from '../../../apiserver/storage/restore.ts'
import { openMemoryStorage, openSqliteStorage } from '../../../apiserver/storage/sqlite-storage.ts'
import type { Storage } from '../../../apiserver/storage/storage.ts'
import { testDirectory } from '../../support/directory.ts'
import { writeAll } from './contract.ts'

const SKIPPED = 1_000_000_000
const forever = new AbortController().signal

async function save(storage: Storage, file: string): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of storage.snapshot(forever)) chunks.push(chunk)
  writeFileSync(file, Buffer.concat(chunks))
}

async function keysIn(directory: string): Promise<{ keys: string[]; revision: number }> {
  const storage = openSqliteStorage(directory)
  const { records, revision } = await storage.range('/')
  await storage.close()
  return { keys: records.map(({ key }) => key), revision }
}

/** A backup of `/a` and `/b`, and the directory of the store that it was made of, which goes on to `/c`. */
async function backedUp(t: Test) {
  const root = testDirectory(t)
  const [directory, file] = [join(root, 'data'), join(root, 'backup')]
  const storage = openSqliteStorage(directory)
  await writeAll(
    storage,
    ['/a', '/b'].map((key) => ({ key, value: key, expected: 0 })),
  )
  await save(storage, file)
  await writeAll(storage, [{ key: '/c', value: '/c', expected: 0 }])
  return { root, directory, file, storage }
}

t.test('a backup of a store in use, into an empty directory', async (t) => {
  const { root, file, storage } = await backedUp(t)
  const target = join(root, 'new')
  t.strictSame(restoreSnapshot(target, file, { force: false }), { revision: SKIPPED + 2 })
  t.equal(statSync(join(target, 'state.db')).mode & 0o777, 0o600)
  t.strictSame(await keysIn(target), { keys: ['/a', '/b'], revision: SKIPPED + 2 })
  await storage.close()
})

t.test('versions never go back: who knows a later one has to list again', async (t) => {
  const { directory, file, storage } = await backedUp(t)
  await storage.close()
  const { replaced } = restoreSnapshot(directory, file, { force: true })
  t.equal(replaced, join(directory, 'state.db.replaced'))
  const restored = openSqliteStorage(directory)
  t.equal(await restored.currentRevision(), SKIPPED + 3)
  await t.rejects(restored.watch(3, forever)[Symbol.asyncIterator]().next(), { name: 'CompactedError' })
  t.strictSame(await writeAll(restored, [{ key: '/d', value: '/d', expected: 0 }]), [SKIPPED + 4])
  await restored.close()
  t.strictSame((await keysIn(directory)).keys, ['/a', '/b', '/d'])
  t.strictSame(restoreSnapshot(directory, file, { force: true }).revision, 2 * SKIPPED + 4, 'and again')
})

t.test('no node of a backup is taken for alive: each gets a version of its own that says so', async (t) => {
  const { root, file, storage } = await backedUp(t)
  const node = { metadata: { name: 'n' }, spec: {}, status: { conditions: [{ type: 'Ready', status: 'True' }] } }
  const key = '/core/nodes/n'
  await writeAll(storage, [{ key, value: JSON.stringify(node), expected: 0 }])
  await save(storage, file)
  await storage.close()
  const target = join(root, 'new')
  t.strictSame(restoreSnapshot(target, file, { force: false }), { revision: SKIPPED + 5 })
  const restored = openSqliteStorage(target)
  const { records } = await restored.range('/core/nodes/')
  t.match(records, [{ key, revision: SKIPPED + 5 }])
  t.match(JSON.parse(records[0]!.value), {
    spec: { taints: [{ key: 'node.kubernetes.io/unreachable' }] },
    status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
  })
  await restored.close()
})

t.test('what is refused changes nothing', async (t) => {
  const { root, directory, file, storage } = await backedUp(t)
  t.throws(() => restoreSnapshot(directory, file, { force: true }), /is in use by a running API server/)
  await storage.close()
  t.throws(() => restoreSnapshot(directory, file, { force: false }), /has a database already: give --force/)
  t.throws(() => restoreSnapshot(directory, join(root, 'nothing'), { force: true }), /there is no file/)
  const damaged = readFileSync(file)
  damaged.fill(0xa5, 4096, 8192)
  writeFileSync(join(root, 'damaged'), damaged)
  writeFileSync(join(root, 'short'), readFileSync(file).subarray(0, 5000))
  writeFileSync(join(root, 'text'), 'hello')
  for (const name of ['damaged', 'short', 'text'])
    t.throws(
      () => restoreSnapshot(directory, join(root, name), { force: true }),
      new RegExp(`${name} is no backup that can be restored: .* is damaged`),
    )
  t.strictSame(readdirSync(directory), ['lock', 'state.db'])
  t.strictSame((await keysIn(directory)).keys, ['/a', '/b', '/c'])
})

t.test('a damaged database is replaced, and kept beside', async (t) => {
  const { directory, file, storage } = await backedUp(t)
  await storage.close()
  writeFileSync(join(directory, 'state.db'), 'nonsense')
  t.throws(() => openSqliteStorage(directory), /is damaged .* "kubeproc restore FILE --force"/)
  restoreSnapshot(directory, file, { force: true })
  t.strictSame((await keysIn(directory)).keys, ['/a', '/b'])
  t.equal(readFileSync(join(directory, 'state.db.replaced'), 'utf8'), 'nonsense')
})

t.test('a backup under load holds all that was written before, and what it holds of the rest has no gap', async (t) => {
  const root = testDirectory(t)
  const storage = openSqliteStorage(join(root, 'data'))
  const value = 'x'.repeat(2000)
  let isOver = false
  let written = 0
  const write = async (writer: number) => {
    for (let n = 0; !isOver; n++) {
      await storage.write({ key: `/${writer}/${n}`, value, expected: 0 })
      written++
    }
  }
  const writers = Array.from({ length: 8 }, (_, writer) => write(writer))
  while (written < 2000) await new Promise((resolve) => setImmediate(resolve))
  const before = await storage.currentRevision()
  await save(storage, join(root, 'backup'))
  isOver = true
  await Promise.all(writers)
  await storage.close()
  t.strictSame(
    readdirSync(join(root, 'data')).filter((name) => name.includes('snapshot')),
    [],
  )
  restoreSnapshot(join(root, 'new'), join(root, 'backup'), { force: false })
  const restored = openSqliteStorage(join(root, 'new'))
  const { records } = await restored.range('/')
  await restored.close()
  const revisions = records.map(({ revision }) => revision).sort((a, b) => a - b)
  t.ok(revisions.length >= before)
  t.ok(revisions.every((revision, index) => revision === index + 1))
})

t.test('what a killed server has left of a backup is removed', async (t) => {
  const directory = testDirectory(t, { 'state.db.snapshot-1': 'half' })
  await openSqliteStorage(directory).close()
  t.strictSame(readdirSync(directory), ['lock', 'state.db'])
})

t.test('a backup that nobody waits for any more', async (t) => {
  const directory = testDirectory(t)
  const storage = openSqliteStorage(directory)
  await t.rejects(async () => {
    for await (const _ of storage.snapshot(AbortSignal.abort())) t.fail('bytes')
  })
  t.strictSame(
    readdirSync(directory).filter((name) => name.includes('snapshot')),
    [],
  )
  await storage.close()
})

t.test('a store in memory can be copied too', async (t) => {
  const storage = openMemoryStorage()
  await writeAll(storage, [{ key: '/a', value: '/a', expected: 0 }])
  const root = testDirectory(t)
  await save(storage, join(root, 'backup'))
  restoreSnapshot(join(root, 'new'), join(root, 'backup'), { force: false })
  t.strictSame((await keysIn(join(root, 'new'))).keys, ['/a'])
})
