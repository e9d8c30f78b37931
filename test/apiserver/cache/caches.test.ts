import { setImmediate as nextTurn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import {
  type CacheEvent,
  type CacheSelection,
  type CacheWatch,
  type ResourceCache,
  SlowWatcherError,
} from '../../../apiserver/cache/cache.ts'
import { startCaches } from '../../../apiserver/cache/caches.ts'
import { OWNER_UID } from '../../../apiserver/cache/selection.ts'
import { openMemoryStorage } from '../../../apiserver/storage/sqlite-storage.ts'
import { ApiError } from '../../../shared/errors.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { type Bound, type Content, logger, nodes, openCaches, pods, write } from './world.ts'

/** A change in short: `+a`, `~a`, `-a` and its revision. */
const short = ({ revision, current, previous }: CacheEvent) =>
  `${current === undefined ? '-' : previous === undefined ? '+' : '~'}${(current ?? previous)!.key}@${revision}`

/** Reads a watch in the background; `seen` is what it has delivered so far. */
function follow(cache: ResourceCache, after: number, selection: CacheSelection = {}) {
  const stop = new AbortController()
  const watch = cache.watch(after, selection, stop.signal)
  const events: CacheEvent[] = []
  const batches: (readonly CacheEvent[])[] = []
  const ended = (async () => {
    for await (const batch of watch) {
      batches.push(batch)
      events.push(...batch)
    }
  })()
  return { watch, events, batches, ended, stop: () => stop.abort(), seen: () => events.map(short) }
}

const onNode = (value: string): CacheSelection => ({
  index: { field: 'spec.nodeName', value },
  matches: (object) => (object as Bound).spec?.nodeName === value,
})
const labelled = (value: string): CacheSelection => ({ matches: ({ metadata }) => metadata.labels?.app === value })

async function filled(t: Test) {
  const world = await openCaches(t)
  const put = async (key: string, expected: number, content: Content | undefined = {}) => {
    const revision = await write(world.storage, pods, { key, expected, content })
    await world.cacheOf(pods).waitFor(revision)
    return revision
  }
  const remove = async (key: string, expected: number) => {
    const revision = await write(world.storage, pods, { key, expected, content: undefined })
    await world.cacheOf(pods).waitFor(revision)
    return revision
  }
  return { ...world, cache: world.cacheOf(pods), put, remove }
}

t.test('objects are held parsed and as bytes, with their revision', async (t) => {
  const { cache, put } = await filled(t)
  const revision = await put('default/a', 0, { labels: { app: 'x' } })
  const cached = cache.get('default/a')!
  t.equal(cached.revision, revision)
  t.equal(cached.object.metadata.resourceVersion, String(revision))
  t.match(JSON.parse(cached.json.toString()), cached.object)
  t.ok(cached.json.toString().startsWith(`{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"${revision}"`))
  t.equal(cache.get('default/b'), undefined)
})

t.test('lists are in key order and narrowed by namespace, name, index and predicate', async (t) => {
  const { cache, put, remove } = await filled(t)
  await put('b/1', 0, { nodeName: 'n1', owner: 'rc' })
  await put('a-b/1', 0, { nodeName: 'n2' })
  await put('a/2', 0, { labels: { app: 'x' }, owner: 'rc' })
  const first = await put('a/1', 0, { nodeName: 'n1' })
  const keys = (selection: CacheSelection) => cache.list(selection).map(({ key }) => key)
  t.strictSame(keys({}), ['a-b/1', 'a/1', 'a/2', 'b/1'])
  t.strictSame(keys({ namespace: 'a' }), ['a/1', 'a/2'])
  t.strictSame(keys({ namespace: 'none' }), [])
  t.strictSame(keys({ namespace: 'a', name: '2' }), ['a/2'])
  t.strictSame(keys({ name: '1' }), ['a-b/1', 'a/1', 'b/1'])
  t.strictSame(keys(onNode('n1')), ['a/1', 'b/1'])
  t.strictSame(keys({ ...onNode('n1'), namespace: 'b' }), ['b/1'])
  t.strictSame(keys(labelled('x')), ['a/2'])
  t.strictSame(keys({ index: { field: OWNER_UID, value: 'rc' } }), ['a/2', 'b/1'])
  const moved = await put('a/1', first, { nodeName: 'n2' })
  t.strictSame(keys(onNode('n1')), ['b/1'])
  t.strictSame(keys(onNode('n2')), ['a-b/1', 'a/1'])
  await remove('a/1', moved)
  t.strictSame(keys(onNode('n2')), ['a-b/1'])
  t.strictSame(keys({ namespace: 'a' }), ['a/2'])
})

t.test('a list is the caller’s own', async (t) => {
  const { cache, put } = await filled(t)
  await put('a/1', 0)
  const list = cache.list({})
  await put('a/2', 0)
  t.equal(list.length, 1)
})

t.test('a watch sees an object come, change, leave and go as its selection does', async (t) => {
  const { cache, put, remove } = await filled(t)
  const everything = follow(cache, 0)
  const onN1 = follow(cache, 0, onNode('n1'))
  const appX = follow(cache, 0, labelled('x'))
  const elsewhere = follow(cache, 0, { namespace: 'b' })
  const one = follow(cache, 0, { namespace: 'a', name: '1' })
  const first = await put('a/1', 0, { labels: { app: 'x' } })
  const second = await put('a/1', first, { labels: { app: 'x' }, nodeName: 'n1' })
  const third = await put('a/1', second, { labels: { app: 'y' }, nodeName: 'n1' })
  await remove('a/1', third)
  await put('b/1', 0)
  await nextTurn()
  t.strictSame(everything.seen(), ['+a/1@1', '~a/1@2', '~a/1@3', '-a/1@4', '+b/1@5'])
  t.strictSame(onN1.seen(), ['+a/1@2', '~a/1@3', '-a/1@4'])
  t.strictSame(appX.seen(), ['+a/1@1', '~a/1@2', '-a/1@3'])
  t.strictSame(elsewhere.seen(), ['+b/1@5'])
  t.strictSame(one.seen(), ['+a/1@1', '~a/1@2', '~a/1@3', '-a/1@4'])
  const left = appX.events[2]!.previous!
  t.equal(left.object.metadata.labels?.app, 'x', 'what left is shown as it was')
  t.equal(left.object.metadata.resourceVersion, '3', 'at the version at which it left')
  const deleted = everything.events[3]!.previous!
  t.equal(deleted.object.metadata.labels?.app, 'y')
  t.equal(JSON.parse(deleted.json.toString()).metadata.resourceVersion, '4')
  t.equal(elsewhere.watch.deliveredRevision, 5)
  for (const { stop, ended } of [everything, onN1, appX, elsewhere, one]) {
    stop()
    await ended
  }
})

t.test('watches that begin in the past get the same', async (t) => {
  const { cache, put, remove } = await filled(t)
  const first = await put('a/1', 0, { nodeName: 'n1' })
  const second = await put('a/1', first, { nodeName: 'n2' })
  await remove('a/1', second)
  const everything = follow(cache, 1)
  const onN1 = follow(cache, 0, onNode('n1'))
  const future = follow(cache, 5)
  const unread = cache.watch(1, {}, new AbortController().signal)
  t.equal(unread.deliveredRevision, 1, 'nothing has been read')
  await put('a/2', 0)
  await put('a/3', 0)
  await put('a/4', 0)
  await nextTurn()
  t.strictSame(everything.seen(), ['~a/1@2', '-a/1@3', '+a/2@4', '+a/3@5', '+a/4@6'])
  t.strictSame(onN1.seen(), ['+a/1@1', '-a/1@2'])
  t.strictSame(future.seen(), ['+a/4@6'])
})

t.test('watches of equal selections are handed the same arrays', async (t) => {
  const { cache, put } = await filled(t)
  let calls = 0
  const selection = (): CacheSelection => ({
    selector: 'app=x',
    matches: ({ metadata }) => {
      calls++
      return metadata.labels?.app === 'x'
    },
  })
  const watches = [follow(cache, 0, selection()), follow(cache, 0, selection())]
  const plain = [follow(cache, 0), follow(cache, 0)]
  await put('a/1', 0, { labels: { app: 'x' } })
  await nextTurn()
  t.equal(watches[0]!.batches[0], watches[1]!.batches[0])
  t.equal(plain[0]!.batches[0], plain[1]!.batches[0])
  t.equal(calls, 1)
})

t.test('a change is matched for the watches of its node only', async (t) => {
  const { cache, put } = await filled(t)
  let calls = 0
  const count = (value: string): CacheSelection => {
    const { index, matches } = onNode(value)
    return {
      index,
      matches: (object) => {
        calls++
        return matches!(object)
      },
    }
  }
  const watches = Array.from({ length: 500 }, (_, node) => follow(cache, 0, count(`n${node}`)))
  const first = await put('a/1', 0, { nodeName: 'n7' })
  await put('a/1', first, { nodeName: 'n7' })
  await nextTurn()
  t.strictSame(watches[7]!.seen(), ['+a/1@1', '~a/1@2'])
  t.equal(calls, 3)
})

t.test('a slow watch is cut off, others are not', async (t) => {
  const { cache, put, remove } = await filled(t)
  const stop = new AbortController()
  const slow: CacheWatch = cache.watch(0, {}, stop.signal)
  const quick = follow(cache, 0)
  let revision = 0
  for (let n = 0; n < 5001; n++) {
    revision = await put('a/1', 0)
    revision = await remove('a/1', revision)
  }
  await nextTurn()
  t.equal(quick.events.length, 10_002)
  await t.rejects(slow[Symbol.asyncIterator]().next(), SlowWatcherError)
  t.throws(
    () => cache.watch(5001, {}, stop.signal),
    new ApiError(410, 'Expired', 'too old resource version: 5001 (5002)'),
  )
})

t.test('waitFor', async (t) => {
  const storage = openMemoryStorage()
  const clock = createFakeClock()
  const caches = await startCaches({ storage, kinds: [pods], clock, logger })
  t.teardown(() => caches.close().then(() => storage.close()))
  const cache = caches.cacheOf(pods)
  await cache.waitFor(0)
  const waiting = cache.waitFor(1)
  await write(storage, pods, { key: 'a/1', expected: 0, content: {} })
  await waiting
  t.equal(cache.revision, 1)
  const late = t.rejects(cache.waitFor(9), {
    code: 504,
    reason: 'Timeout',
    message: 'Timeout: Too large resource version: 9, current: 1',
  })
  await clock.advance(3000)
  await late
  const stop = new AbortController()
  const stopped = t.rejects(cache.waitFor(9, stop.signal), { name: 'AbortError' })
  stop.abort()
  await stopped
  t.equal(clock.pending, 0)
})

t.test('caches of a store that was closed and opened again resume', async (t) => {
  const storage = openMemoryStorage()
  const before = await startCaches({ storage, kinds: [pods], clock: createFakeClock(), logger })
  let revision = await write(storage, pods, { key: 'a/1', expected: 0, content: { nodeName: 'n1' } })
  revision = await write(storage, pods, { key: 'a/1', expected: revision, content: { nodeName: 'n2' } })
  await write(storage, nodes, { key: 'n1', expected: 0, content: {} })
  await before.close()
  const { cacheOf } = await openCaches(t, storage)
  t.equal(cacheOf(pods).revision, 3)
  const watch = follow(cacheOf(pods), 1)
  const onN1 = follow(cacheOf(pods), 1, onNode('n1'))
  await write(storage, pods, { key: 'a/1', expected: revision, content: undefined })
  await cacheOf(pods).waitFor(4)
  await nextTurn()
  t.strictSame(watch.seen(), ['~a/1@2', '-a/1@4'])
  t.strictSame(onN1.seen(), ['-a/1@2'])
})

t.test('what compaction has taken is expired after a restart', async (t) => {
  const storage = openMemoryStorage()
  const first = await write(storage, pods, { key: 'a/1', expected: 0, content: {} })
  await write(storage, pods, { key: 'a/1', expected: first, content: {} })
  await storage.compact(2)
  const { cacheOf } = await openCaches(t, storage)
  const { signal } = new AbortController()
  t.throws(() => cacheOf(pods).watch(1, {}, signal), { reason: 'Expired', message: 'too old resource version: 1 (2)' })
  cacheOf(pods).watch(2, {}, signal)
})

t.test('a kind registered later is cached from then on', async (t) => {
  const { register, storage, cacheOf } = await openCaches(t)
  const late = { ...pods, plural: 'latecomers' }
  t.throws(() => cacheOf(late), /no cache of latecomers/)
  const first = await write(storage, late, { key: 'a/1', expected: 0, content: {} })
  const writing = write(storage, late, { key: 'a/1', expected: first, content: { nodeName: 'n1' } })
  const cache = await register(late)
  await writing
  await cache.waitFor(2)
  t.equal(cache.get('a/1')?.revision, 2)
  t.equal(cacheOf(late), cache)
})

t.test('close ends watches, and so does the end of the store', async (t) => {
  const storage = openMemoryStorage()
  const caches = await startCaches({ storage, kinds: [pods], clock: createFakeClock(), logger })
  const watch = follow(caches.cacheOf(pods), 0)
  await storage.close()
  await watch.ended
  await t.resolves(caches.done)
  await t.resolves(caches.close())
})
