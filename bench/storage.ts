import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { startCaches } from '../apiserver/cache/caches.ts'
import { encodeStored } from '../apiserver/codec/encode.ts'
import { selectionOf } from '../apiserver/registry/selection.ts'
import { storageKeyOf } from '../apiserver/storage/keys.ts'
import { openMemoryStorage, openSqliteStorage } from '../apiserver/storage/sqlite-storage.ts'
import type { Storage } from '../apiserver/storage/storage.ts'
import { configMap } from '../shared/api/config-map.ts'
import type { Kind } from '../shared/api/kind.ts'
import { pod } from '../shared/api/pod/pod.ts'
import { systemClock } from '../shared/clock.ts'
import { createLogger } from '../shared/log.ts'
import type { Benchmark, Series } from './sample.ts'

const RUNS = 5
const WRITES = 10_000
/** About the size of a pod. */
const VALUE_CHARACTERS = 1500
const WATCHERS = 500
const EVENTS = 400
const RESTART_OBJECTS = 5000
/** Nodes whose kubelets watch their pods. */
const [FEW_NODES, MANY_NODES] = [50, 5000]

const kind = configMap as unknown as Kind
const objectJson = (name: string) =>
  encodeStored({
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name, namespace: 'default', uid: name, resourceVersion: '', creationTimestamp: '2026-01-01T00:00:00Z' },
    ...{ data: { text: 'x'.repeat(VALUE_CHARACTERS) } },
  })

/** Creates objects from `writers` at once; returns writes per second and the median wait of one in milliseconds. */
async function writeAll(storage: Storage, { writers, prefix }: { writers: number; prefix: string }) {
  const waits: number[] = []
  let next = 0
  const count = writers === 1 ? WRITES / 5 : WRITES
  const begin = performance.now()
  const writeOn = async () => {
    while (next < count) {
      const name = `${prefix}-${next++}`
      const start = performance.now()
      const key = storageKeyOf(kind, `default/${name}`)
      await storage.write({ key, value: objectJson(name), expected: 0 })
      waits.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: writers }, writeOn))
  return {
    perSecond: (count / (performance.now() - begin)) * 1000,
    medianMs: waits.sort((a, b) => a - b)[count >> 1]!,
  }
}

async function measureWrites(): Promise<Series[]> {
  const series = {
    one: { name: 'durable writes, 1 writer', unit: '/s', samples: [] as number[] },
    wait: { name: 'wait for a durable write, 1 writer, median', unit: 'ms', samples: [] as number[] },
    many: { name: 'durable writes, 32 writers', unit: '/s', samples: [] as number[] },
    stall: { name: 'event loop held up during these, 99 in 100 below', unit: 'ms', samples: [] as number[] },
    shared: { name: '32 writers share commits: writes against 1 writer', unit: 'x', samples: [] as number[] },
  } satisfies Record<string, Series>
  for (let run = 0; run < RUNS; run++) {
    const directory = await mkdtemp(join(tmpdir(), 'kubeproc-bench-'))
    const storage = openSqliteStorage(directory)
    const one = await writeAll(storage, { writers: 1, prefix: 'one' })
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const many = await writeAll(storage, { writers: 32, prefix: 'many' })
    delay.disable()
    await storage.close()
    await rm(directory, { recursive: true })
    series.one.samples.push(one.perSecond)
    series.wait.samples.push(one.medianMs)
    series.many.samples.push(many.perSecond)
    series.stall.samples.push(delay.percentile(99) / 1e6)
    series.shared.samples.push(many.perSecond / one.perSecond)
  }
  return Object.values(series)
}

/** Deliveries per second of the watch cache to many watches of everything. */
async function measureWatches(): Promise<Series> {
  const samples: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const storage = openMemoryStorage()
    const logger = createLogger('bench', 'error')
    const caches = await startCaches({ storage, kinds: [kind], clock: systemClock, logger })
    const stop = new AbortController()
    let delivered = 0
    const watch = async () => {
      let seen = 0
      for await (const batch of caches.cacheOf(kind).watch(0, {}, stop.signal)) {
        seen += batch.length
        delivered += batch.length
        if (seen === EVENTS) return
      }
    }
    const begin = performance.now()
    const watches = Array.from({ length: WATCHERS }, watch)
    for (let n = 0; n < EVENTS; n++)
      await storage.write({ key: storageKeyOf(kind, `default/${n}`), value: objectJson(`${n}`), expected: 0 })
    await Promise.all(watches)
    samples.push((delivered / (performance.now() - begin)) * 1000)
    await caches.close()
    await storage.close()
  }
  return { name: `watch deliveries of the cache, ${WATCHERS} watches`, unit: '/s', samples }
}

/** Microseconds in which the cache tells a new pod to the watch of its node, one of so many. */
async function tellNodes(nodes: number): Promise<number> {
  const kind = pod as unknown as Kind
  const storage = openMemoryStorage()
  const caches = await startCaches({
    storage,
    kinds: [kind],
    clock: systemClock,
    logger: createLogger('bench', 'error'),
  })
  const stop = new AbortController()
  let told = 0
  const watch = async (node: number) => {
    const selection = selectionOf(kind, { fieldSelector: `spec.nodeName=node-${node}` })
    for await (const batch of caches.cacheOf(kind).watch(0, selection, stop.signal)) told += batch.length
  }
  const watches = Array.from({ length: nodes }, (_, node) => watch(node))
  await new Promise((resolve) => setImmediate(resolve)) // All of them wait now.
  const begin = performance.now()
  for (let n = 0; n < EVENTS; n++) {
    const object = JSON.parse(objectJson(`${n}`))
    const value = encodeStored({ ...object, kind: 'Pod', spec: { nodeName: `node-${n % nodes}` } })
    await storage.write({ key: storageKeyOf(kind, `default/${n}`), value, expected: 0 })
  }
  while (told < EVENTS) await new Promise((resolve) => setImmediate(resolve))
  const tookMs = performance.now() - begin
  stop.abort()
  await Promise.all(watches)
  await caches.close()
  await storage.close()
  return (tookMs * 1000) / EVENTS
}

async function measureNodes(): Promise<Series> {
  const [few, many]: [number[], number[]] = [[], []]
  for (let run = 0; run < RUNS; run++) {
    few.push(await tellNodes(FEW_NODES))
    many.push(await tellNodes(MANY_NODES))
  }
  return {
    ...{ name: `a pod is written and told to its node, ${MANY_NODES} nodes watch`, unit: 'µs', samples: many },
    against: { name: `${FEW_NODES} nodes watch`, samples: few },
  }
}

/** From an existing database to caches that are filled. */
async function measureRestart(): Promise<Series> {
  const directory = await mkdtemp(join(tmpdir(), 'kubeproc-bench-'))
  const storage = openSqliteStorage(directory)
  const names = Array.from({ length: RESTART_OBJECTS }, (_, n) => `${n}`)
  await Promise.all(
    names.map((name) =>
      storage.write({ key: storageKeyOf(kind, `default/${name}`), value: objectJson(name), expected: 0 }),
    ),
  )
  await storage.close()
  const samples: number[] = []
  const logger = createLogger('bench', 'error')
  for (let run = 0; run < RUNS; run++) {
    const begin = performance.now()
    const reopened = openSqliteStorage(directory)
    const caches = await startCaches({ storage: reopened, kinds: [kind], clock: systemClock, logger })
    samples.push(performance.now() - begin)
    await caches.close()
    await reopened.close()
  }
  await rm(directory, { recursive: true })
  return { name: `open a database and fill its caches, ${RESTART_OBJECTS} objects`, unit: 'ms', samples }
}

export const storage: Benchmark = {
  name: 'storage',
  description: 'The store and the watch cache by themselves, without HTTP.',
  run: async () => [...(await measureWrites()), await measureWatches(), await measureNodes(), await measureRestart()],
}
