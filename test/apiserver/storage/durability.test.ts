/** What processes that die, refuse to start or find a strange file leave behind: everything that was there. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { openSqliteStorage } from '../../../apiserver/storage/sqlite-storage.ts'
import { StorageError } from '../../../apiserver/storage/storage.ts'
import { testDirectory } from '../../support/directory.ts'
import { firstChanges, writeAll } from './contract.ts'

const WRITER = fileURLToPath(new URL('fixtures/writer.ts', import.meta.url))

function startWriter(t: Test, { directory, prefix, writers }: { directory: string; prefix: string; writers: number }) {
  const args = [WRITER, directory, prefix, String(writers)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

/** What a child prints until it is killed, which it is after `count` lines. */
async function linesUntilKilled(child: ChildProcess, count: number): Promise<string[]> {
  const lines: string[] = []
  const exited = once(child, 'exit')
  for await (const line of createInterface({ input: child.stdout! })) {
    lines.push(line)
    if (lines.length === count) child.kill('SIGKILL')
  }
  await exited
  return lines
}

/** Every file of a directory with its bytes, to see whether anything has changed. */
const contentsOf = (directory: string) =>
  Object.fromEntries(
    readdirSync(directory)
      .sort()
      .map((name) => [name, readFileSync(join(directory, name)).toString('latin1')]),
  )

/** Opening must fail with a message of one line that matches, and leave every byte as it is. */
function refuses(t: Test, directory: string, wanted: RegExp): void {
  const before = contentsOf(directory)
  try {
    openSqliteStorage(directory)
    t.fail('the store was opened')
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    t.match(error.message, wanted)
    t.notMatch(error.message, /\n/)
  }
  const after = contentsOf(directory)
  const changed = Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name])
  t.strictSame(changed, [], 'nothing is changed on disk')
}

t.test('a server killed under load has kept every write that it acknowledged', async (t) => {
  const directory = testDirectory(t)
  const acknowledged: string[] = []
  for (const [prefix, count] of [
    ['first', 300],
    ['second', 3000],
  ] as const) {
    const [first, ...writes] = await linesUntilKilled(startWriter(t, { directory, prefix, writers: 8 }), 1 + count)
    t.equal(first, 'open')
    acknowledged.push(...writes)
    const storage = openSqliteStorage(directory)
    const { records, revision } = await storage.range('/')
    const kept = new Set(records.map(({ key, revision }) => `${key} ${revision}`))
    t.strictSame(
      acknowledged.filter((write) => !kept.has(write)),
      [],
    )
    const changes = await firstChanges(storage, 0, revision)
    t.ok(changes.length === revision && changes.every(({ revision }, index) => revision === index + 1), 'no gap')
    await storage.close()
  }
})

t.test('one living server per directory', async (t) => {
  const directory = testDirectory(t)
  const child = startWriter(t, { directory, prefix: 'a', writers: 0 })
  await once(child.stdout, 'data')
  refuses(t, directory, new RegExp(`^the data directory ${directory} is in use by .*process ${child.pid}.*--data-dir$`))
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  const storage = openSqliteStorage(directory)
  t.equal(await storage.currentRevision(), 0, 'the lock of a killed server is no obstacle')
  refuses(t, directory, new RegExp(`process ${process.pid}`))
  await writeAll(storage, [{ key: '/a', value: 'a', expected: 0 }])
  await storage.close()
})

t.test('files are for their owner only', async (t) => {
  const directory = join(testDirectory(t), 'new', 'data')
  const storage = openSqliteStorage(directory)
  await writeAll(storage, [{ key: '/a', value: 'a', expected: 0 }])
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)
  t.equal(modeOf(directory), '700')
  t.strictSame(
    readdirSync(directory).map((name) => [name, modeOf(join(directory, name))]),
    ['lock', 'lock.pid', 'state.db', 'state.db-wal'].map((name) => [name, '600']),
  )
  await storage.close()
  t.strictSame(readdirSync(directory), ['lock', 'state.db'])
})

t.test('a directory that cannot be used', async (t) => {
  const directory = testDirectory(t, { file: '' })
  t.throws(() => openSqliteStorage(join(directory, 'file')), {
    name: 'StorageError',
    message: /file cannot be used \(EEXIST\): choose another with --data-dir$/,
  })
})

/** A directory with a store of `records` records, closed in good order. */
async function closedStore(t: Test, records: number): Promise<string> {
  const directory = testDirectory(t)
  const storage = openSqliteStorage(directory)
  const value = 'x'.repeat(1500)
  await Promise.all(Array.from({ length: records }, (_, n) => storage.write({ key: `/${n}`, value, expected: 0 })))
  await storage.close()
  return directory
}

t.test('a store is the same after it was closed', async (t) => {
  const directory = await closedStore(t, 100)
  const storage = openSqliteStorage(directory)
  t.equal((await storage.range('/')).records.length, 100)
  await storage.compact(100)
  await storage.close()
  const again = openSqliteStorage(directory)
  t.equal(await again.currentRevision(), 100)
  t.equal(await again.compactedRevision(), 100)
  await again.close()
})

const PAGE = 4096
const strangeFiles: { title: string; change(bytes: Buffer): Buffer; wanted: RegExp }[] = [
  {
    title: 'a newer format',
    change: (bytes) => Buffer.from(bytes).fill(2, 63, 64),
    wanted: /written by a newer kubeproc \(format 2, this one knows 1\): use that version/,
  },
  {
    title: 'a database of another program',
    change: (bytes) => Buffer.from(bytes).fill(0, 68, 72),
    wanted: /state\.db is not a database of kubeproc: choose another directory/,
  },
  { title: 'a text file', change: () => Buffer.alloc(5000, 'hello '), wanted: /is damaged \(not an SQLite database\)/ },
  { title: 'an empty file', change: () => Buffer.alloc(0), wanted: /is damaged \(its beginning is missing\)/ },
  { title: 'half of the file', change: (bytes) => bytes.subarray(0, bytes.length >> 1), wanted: /is damaged \(.+\)/ },
  {
    title: 'overwritten pages',
    change: (bytes) => Buffer.from(bytes).fill(0xa5, 4 * PAGE, 9 * PAGE),
    wanted: /is damaged \(.+\): put a backup in its place with "kubeproc restore FILE --force"/,
  },
]

for (const { title, change, wanted } of strangeFiles) {
  t.test(`${title} is refused and left alone`, async (t) => {
    const directory = await closedStore(t, 50)
    const path = join(directory, 'state.db')
    writeFileSync(path, change(readFileSync(path)))
    refuses(t, directory, wanted)
  })
}

t.test('damage behind a write-ahead log is refused, and the log left alone', async (t) => {
  const directory = testDirectory(t)
  await linesUntilKilled(startWriter(t, { directory, prefix: 'a', writers: 8 }), 2000)
  const path = join(directory, 'state.db')
  const bytes = readFileSync(path)
  t.ok(bytes.length > 500 * PAGE && statSync(`${path}-wal`).size > 0, 'the file and its log both hold something')
  writeFileSync(path, bytes.fill(0xa5, 100 * PAGE, 400 * PAGE))
  refuses(t, directory, /is damaged \(.+\)/)
})

t.test('a store that was not finished when its machine went down does not use revisions twice', async (t) => {
  const directory = await closedStore(t, 3)
  const path = join(directory, 'state.db')
  await linesUntilKilled(startWriter(t, { directory, prefix: 'a', writers: 0 }), 1)
  const db = new Database(path)
  db.prepare("UPDATE state SET value = 'another boot' WHERE name = 'boot'").run()
  db.close()
  const storage = openSqliteStorage(directory)
  t.equal(await storage.currentRevision(), 1_000_003)
  t.equal(await storage.compactedRevision(), 1_000_003)
  t.equal((await storage.range('/')).records.length, 3)
  t.strictSame(await writeAll(storage, [{ key: '/a', value: 'a', expected: 0 }]), [1_000_004])
  await storage.compact(1_000_004)
  await storage.close()
})
