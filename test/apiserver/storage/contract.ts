/** What every implementation of Storage must do: one suite, run with each one's way of making an empty store. */
import type { Test } from 'tap'
import {
  CompactedError,
  type Storage,
  StorageError,
  type StorageEvent,
  type Write,
} from '../../../apiserver/storage/storage.ts'

export interface Implementation {
  name: string
  /** An empty store, of which each test gets its own. */
  open(t: Test): Storage
}

/** Writes that must succeed, one after the other; returns their revisions. */
export async function writeAll(storage: Storage, writes: readonly Write[]): Promise<number[]> {
  const revisions: number[] = []
  for (const write of writes) {
    const result = await storage.write(write)
    if (!result.written) throw new Error(`${write.key} was not written`)
    revisions.push(result.revision)
  }
  return revisions
}

/** The first `count` changes after revision `after`. */
export async function firstChanges(storage: Storage, after: number, count: number): Promise<StorageEvent[]> {
  const stop = new AbortController()
  const changes: StorageEvent[] = []
  for await (const batch of storage.watch(after, stop.signal)) {
    changes.push(...batch)
    if (changes.length >= count) stop.abort()
  }
  return changes
}

const create = (key: string, value = key): Write => ({ key, value, expected: 0 })

export function storageContract(t: Test, { name, open }: Implementation): void {
  const test = (title: string, body: (t: Test, storage: Storage) => Promise<void>) =>
    t.test(`${name}: ${title}`, async (t) => {
      const storage = open(t)
      t.teardown(() => storage.close())
      await body(t, storage)
    })

  test('an empty store', async (t, storage) => {
    t.equal(await storage.currentRevision(), 0)
    t.equal(await storage.compactedRevision(), 0)
    t.equal(await storage.get('/a'), undefined)
    t.strictSame(await storage.range('/'), { records: [], revision: 0, more: false })
  })

  test('one revision counts the writes of all keys', async (t, storage) => {
    t.strictSame(
      await writeAll(storage, [create('/a/1'), create('/b/1'), { key: '/a/1', value: 'x', expected: 1 }]),
      [1, 2, 3],
    )
    t.equal(await storage.currentRevision(), 3)
    t.strictSame(await storage.get('/a/1'), { key: '/a/1', value: 'x', revision: 3 })
    t.strictSame(await storage.get('/b/1'), { key: '/b/1', value: '/b/1', revision: 2 })
  })

  test('a write whose comparison fails changes nothing and shows what is there', async (t, storage) => {
    await writeAll(storage, [create('/a')])
    const current = { key: '/a', value: '/a', revision: 1 }
    t.strictSame(await storage.write(create('/a', 'y')), { written: false, current })
    t.strictSame(await storage.write({ key: '/a', value: 'y', expected: 7 }), { written: false, current })
    t.strictSame(await storage.write({ key: '/none', value: 'y', expected: 1 }), { written: false, current: undefined })
    t.equal(await storage.currentRevision(), 1)
    t.strictSame(await storage.get('/a'), current)
  })

  test('a deleted key is gone and can be created again', async (t, storage) => {
    await writeAll(storage, [create('/a'), { key: '/a', value: undefined, expected: 1 }])
    t.equal(await storage.get('/a'), undefined)
    t.strictSame(await storage.write({ key: '/a', value: undefined, expected: 2 }), {
      written: false,
      current: undefined,
    })
    t.strictSame(await writeAll(storage, [create('/a', 'again')]), [3])
    t.strictSame(await storage.get('/a'), { key: '/a', value: 'again', revision: 3 })
    t.throws(() => storage.write({ key: '/b', value: undefined, expected: 0 }), TypeError)
  })

  test('of concurrent writes that expect the same, one wins', async (t, storage) => {
    await writeAll(storage, [create('/a')])
    const rivals = Array.from({ length: 20 }, (_, rival) =>
      storage.write({ key: '/a', value: `rival ${rival}`, expected: 1 }),
    )
    const results = await Promise.all(rivals)
    t.equal(results.filter(({ written }) => written).length, 1)
    const winner = await storage.get('/a')
    for (const result of results) if (!result.written) t.strictSame(result.current, winner)
  })

  test('a range has the keys of its prefix in order', async (t, storage) => {
    await writeAll(
      storage,
      ['/p/b', '/p/a/c', '/p/a-b', '/pq', '/o/z', '/p/ü', '/p/a'].map((key) => create(key)),
    )
    const { records, revision, more } = await storage.range('/p/')
    t.strictSame(
      records.map(({ key }) => key),
      ['/p/a', '/p/a-b', '/p/a/c', '/p/b', '/p/ü'],
    )
    t.equal(revision, 7)
    t.equal(more, false)
    t.equal((await storage.range('')).records.length, 7)
  })

  test('a range goes on after a key, with a limit, past deleted keys', async (t, storage) => {
    await writeAll(
      storage,
      ['/p/1', '/p/2', '/p/3', '/p/4', '/p/5'].map((key) => create(key)),
    )
    await writeAll(storage, [{ key: '/p/2', value: undefined, expected: 2 }])
    const keysOf = async (options: { after?: string; limit?: number }) => {
      const { records, more } = await storage.range('/p/', options)
      return [records.map(({ key }) => key), more]
    }
    t.strictSame(await keysOf({ limit: 2 }), [['/p/1', '/p/3'], true])
    t.strictSame(await keysOf({ limit: 2, after: '/p/3' }), [['/p/4', '/p/5'], false])
    t.strictSame(await keysOf({ after: '/p/4' }), [['/p/5'], false])
    t.strictSame(await keysOf({ after: '/p/5' }), [[], false])
  })

  test('a range at a revision shows the state as it was', async (t, storage) => {
    await writeAll(storage, [
      create('/a', '1'),
      create('/b', '1'),
      { key: '/a', value: '2', expected: 1 },
      { key: '/b', value: undefined, expected: 2 },
    ])
    const stateAt = async (revision: number) =>
      (await storage.range('/', { revision })).records.map(({ key, value, revision }) => [key, value, revision])
    t.strictSame(await stateAt(0), [])
    t.strictSame(await stateAt(1), [['/a', '1', 1]])
    t.strictSame(await stateAt(2), [
      ['/a', '1', 1],
      ['/b', '1', 2],
    ])
    t.strictSame(await stateAt(3), [
      ['/a', '2', 3],
      ['/b', '1', 2],
    ])
    t.strictSame(await stateAt(4), [['/a', '2', 3]])
    await t.rejects(storage.range('/', { revision: 5 }), RangeError)
  })

  test('a watch has every change once, in order, from the past into the present', async (t, storage) => {
    const changes = firstChanges(storage, 1, 5)
    await writeAll(storage, [
      create('/a'),
      create('/b'),
      { key: '/a', value: '2', expected: 1 },
      { key: '/b', value: undefined, expected: 2 },
    ])
    const rest = Promise.all([storage.write(create('/b', 'again')), storage.write(create('/c'))])
    const wanted: StorageEvent[] = [
      { key: '/b', value: '/b', revision: 2, previous: 0 },
      { key: '/a', value: '2', revision: 3, previous: 1 },
      { key: '/b', value: undefined, revision: 4, previous: 2 },
      { key: '/b', value: 'again', revision: 5, previous: 0 },
      { key: '/c', value: '/c', revision: 6, previous: 0 },
    ]
    t.strictSame(await changes, wanted)
    await rest
    t.strictSame(await firstChanges(storage, 1, 5), wanted)
  })

  test('watches that join and stall at any time miss and repeat nothing', async (t, storage) => {
    const total = 6000
    const watch = async (after: number, isSlow: boolean) => {
      const stop = new AbortController()
      let next = after + 1
      for await (const batch of storage.watch(after, stop.signal)) {
        for (const { revision } of batch) if (revision !== next++) throw new Error(`${revision} came after ${next - 2}`)
        if (next > total) stop.abort()
        if (isSlow) await storage.write(create('/never', '')).then(() => storage.get('/never'))
      }
      return next - 1
    }
    await writeAll(storage, [create('/never')])
    const watches = [watch(0, false), watch(0, true), watch(500, false)]
    for (let written = 1; written < total; written += 100) {
      const count = Math.min(100, total - written)
      await Promise.all(Array.from({ length: count }, (_, n) => storage.write(create(`/k/${written + n}`))))
      if (written % 1000 === 1) watches.push(watch(written, written % 2000 === 1))
    }
    t.ok((await Promise.all(watches)).every((last) => last === total))
  })

  test('a watch ends with its signal', async (t, storage) => {
    const stop = new AbortController()
    const watch = storage.watch(0, stop.signal)[Symbol.asyncIterator]()
    const waiting = watch.next()
    stop.abort()
    t.strictSame(await waiting, { done: true, value: undefined })
  })

  test('relaxed writes take part like others', async (t, storage) => {
    const results = await Promise.all([
      storage.write({ ...create('/a'), durability: 'relaxed' }),
      storage.write(create('/b')),
      storage.write({ ...create('/c'), durability: 'relaxed' }),
    ])
    t.strictSame(
      results.map((result) => result.written && result.revision),
      [1, 2, 3],
    )
    t.equal((await firstChanges(storage, 0, 3)).length, 3)
  })

  test('compaction keeps the state from its revision on and refuses what was before', async (t, storage) => {
    await writeAll(storage, [
      create('/a', '1'),
      { key: '/a', value: '2', expected: 1 },
      create('/b'),
      { key: '/b', value: undefined, expected: 3 },
      { key: '/a', value: '3', expected: 2 },
    ])
    const before = await storage.range('/', { revision: 4 })
    await storage.compact(4)
    t.equal(await storage.compactedRevision(), 4)
    t.strictSame(await storage.range('/', { revision: 4 }), before)
    t.strictSame(await firstChanges(storage, 4, 1), [{ key: '/a', value: '3', revision: 5, previous: 2 }])
    await t.rejects(storage.range('/', { revision: 3 }), new CompactedError(4))
    await t.rejects(firstChanges(storage, 3, 1), new CompactedError(4))
    await storage.compact(2)
    t.equal(await storage.compactedRevision(), 4, 'an earlier revision changes nothing')
    await t.rejects(storage.compact(6), RangeError)
  })

  test('compaction of a deletion that came last keeps the count', async (t, storage) => {
    await writeAll(storage, [create('/a'), { key: '/a', value: undefined, expected: 1 }])
    await storage.compact(2)
    t.equal(await storage.currentRevision(), 2)
    t.strictSame(await writeAll(storage, [create('/a')]), [3])
    t.strictSame(await firstChanges(storage, 2, 1), [{ key: '/a', value: '/a', revision: 3, previous: 0 }])
  })

  test('a watch that keeps up outlives compactions', async (t, storage) => {
    const changes = firstChanges(storage, 0, 50)
    for (let revision = 1; revision <= 50; revision++) {
      await writeAll(storage, [{ key: '/a', value: `${revision}`, expected: revision - 1 }])
      await storage.compact(revision)
    }
    t.strictSame(
      (await changes).map(({ revision }) => revision),
      Array.from({ length: 50 }, (_, n) => n + 1),
    )
  })

  test('close finishes what has begun and refuses what comes later', async (t, storage) => {
    const watch = firstChanges(storage, 0, Number.POSITIVE_INFINITY)
    const begun = [storage.write(create('/a')), storage.write(create('/b'))]
    await storage.close()
    t.ok((await Promise.all(begun)).every(({ written }) => written))
    await watch
    await t.rejects(storage.write(create('/c')), StorageError)
    await t.rejects(storage.get('/a'), StorageError)
    await t.rejects(storage.compact(1), StorageError)
  })
}
