/** Writes, commits and the disk: on a disk that syncs when the test says so, or fails. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Db } from '../../../apiserver/storage/database.ts'
import { type Disk, openNoDisk } from '../../../apiserver/storage/disk.ts'
import { openMemoryStorage, openSqliteStorage } from '../../../apiserver/storage/sqlite-storage.ts'
import { StorageError, type StorageEvent } from '../../../apiserver/storage/storage.ts'
import { testDirectory } from '../../support/directory.ts'

/** A store whose syncs wait for `finishSync`, which resolves when the commit's answers have gone out. */
function storeOnSlowDisk() {
  const waiting: PromiseWithResolvers<void>[] = []
  const openDisk = (db: Db): Disk => ({
    sync() {
      const sync = Promise.withResolvers<void>()
      waiting.push(sync)
      return sync.promise
    },
    checkpointIfDue: async () => undefined,
    snapshot: openNoDisk(db).snapshot,
    close: () => db.close(),
  })
  const settled = async () => {
    for (let turn = 0; turn < 5; turn++) await nextTurn()
  }
  return {
    storage: openMemoryStorage(openDisk),
    syncs: waiting,
    settled,
    async finishSync(error?: Error) {
      const sync = waiting.shift()!
      if (error === undefined) sync.resolve()
      else sync.reject(error)
      await settled()
    },
  }
}

const create = (key: string) => ({ key, value: key, expected: 0 })

t.test('writes that arrive while a commit is on its way to the disk share the next one', async (t) => {
  const { storage, syncs, settled, finishSync } = storeOnSlowDisk()
  const batches: (readonly StorageEvent[])[] = []
  const stop = new AbortController()
  const watching = (async () => {
    for await (const batch of storage.watch(0, stop.signal)) batches.push(batch)
  })()
  const first = storage.write(create('/first'))
  await settled()
  t.equal(syncs.length, 1)
  const others = Promise.all(Array.from({ length: 100 }, (_, n) => storage.write(create(`/${n}`))))
  await settled()
  t.equal(syncs.length, 1, 'one sync at a time')
  await finishSync()
  t.equal((await first).written, true)
  t.equal(syncs.length, 1)
  await finishSync()
  t.equal(syncs.length, 0)
  t.ok((await others).every(({ written }) => written))
  t.strictSame(
    batches.map(({ length }) => length),
    [1, 100],
  )
  stop.abort()
  await watching
  await storage.close()
})

t.test('nothing is shown before it is on disk', async (t) => {
  const { storage, settled, finishSync } = storeOnSlowDisk()
  const write = storage.write(create('/a'))
  await settled()
  t.equal(await storage.get('/a'), undefined)
  t.equal(await storage.currentRevision(), 0)
  t.strictSame((await storage.range('/')).records, [])
  await finishSync()
  await write
  t.equal((await storage.get('/a'))?.revision, 1)
  await storage.close()
})

t.test('relaxed writes do not wait for the disk, but for the first commit of all', async (t) => {
  const { storage, syncs, settled, finishSync } = storeOnSlowDisk()
  const first = storage.write({ ...create('/a'), durability: 'relaxed' })
  await settled()
  t.equal(syncs.length, 1, 'the mark that the store is open must be on disk')
  await finishSync()
  await first
  t.equal((await storage.write({ ...create('/b'), durability: 'relaxed' })).written, true)
  t.equal(syncs.length, 0)
  t.equal((await storage.get('/b'))?.revision, 2)
  t.equal((await storage.write({ ...create('/b'), durability: 'full' })).written, false)
  t.equal(syncs.length, 0, 'nor does a write that changes nothing')
  await storage.close()
})

t.test('after a failed sync the store refuses everything', async (t) => {
  const { storage, settled, finishSync } = storeOnSlowDisk()
  const lost = t.rejects(storage.write(create('/a')), { name: 'StorageError', message: /has failed \(I\/O error\)/ })
  const watching = t.rejects(async () => {
    for await (const batch of storage.watch(0, new AbortController().signal)) t.equal(batch.length, 0)
  }, StorageError)
  await settled()
  const queued = t.rejects(storage.write(create('/b')), StorageError)
  await finishSync(new Error('I/O error'))
  await Promise.all([lost, queued, watching])
  await t.rejects(storage.write(create('/c')), StorageError)
  await t.rejects(storage.get('/a'), StorageError)
  await storage.close()
})

t.test('a queue that is full sends clients away', async (t) => {
  const { storage, settled, finishSync } = storeOnSlowDisk()
  const writes = Array.from({ length: 10_000 }, (_, n) => storage.write(create(`/${n}`)))
  await t.rejects(storage.write(create('/late')), { code: 429, reason: 'TooManyRequests' })
  await settled()
  let done = false
  const all = Promise.all(writes).then(() => {
    done = true
  })
  while (!done) await finishSync()
  await all
  t.equal(await storage.currentRevision(), 10_000)
  await storage.close()
})

t.test('a disk that takes no more fails the writes and keeps what it had', async (t) => {
  const directory = testDirectory(t)
  const script = fileURLToPath(new URL('fixtures/full-disk.ts', import.meta.url))
  // A limit on the size of files stands in for a full disk; the writer ignores the signal that comes with it.
  const child = spawn(
    '/bin/sh',
    ['-c', `trap '' XFSZ; ulimit -f 4096; exec "${process.execPath}" "$0" "$1"`, script, directory],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  await once(child, 'close')
  const [written, message] = output.trim().split('\n')
  t.ok(Number(written) > 100)
  t.match(message, /^StorageError: the disk of .*state\.db took nothing \(.+\): make room or check it$/)
  const storage = openSqliteStorage(directory)
  t.equal(await storage.currentRevision(), Number(written))
  await storage.close()
})
