import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeStored } from '../apiserver/codec/encode.ts'
import { storageKeyOf } from '../apiserver/storage/keys.ts'
import { openSqliteStorage } from '../apiserver/storage/sqlite-storage.ts'
import { configMap } from '../shared/api/config-map.ts'
import type { Kind } from '../shared/api/kind.ts'
import { ApiProcess, createApiServerHome } from '../test/support/api-process.ts'
import { run } from '../test/support/cluster.ts'
import type { Benchmark, Series } from './sample.ts'

const RUNS = 7
const OBJECTS = 100_000
const VALUE_CHARACTERS = 700
const RESTARTS = 3

const kind = configMap as unknown as Kind

async function fill(directory: string): Promise<void> {
  const storage = openSqliteStorage(directory)
  const metadata = { namespace: 'default', resourceVersion: '', creationTimestamp: '2026-01-01T00:00:00Z' }
  const write = (n: number) => {
    const name = `object-${n}`
    const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { ...metadata, name, uid: name } }
    const value = encodeStored({ ...object, ...{ data: { text: 'x'.repeat(VALUE_CHARACTERS) } } })
    return storage.write({ key: storageKeyOf(kind, `default/${name}`), value, expected: 0, durability: 'relaxed' })
  }
  for (let first = 0; first < OBJECTS; first += 5000)
    await Promise.all(Array.from({ length: 5000 }, (_, n) => write(first + n)))
  await storage.close()
}

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now()
  await work()
  return (performance.now() - begin) / 1000
}

export const startServer: Benchmark = {
  name: 'start-server',
  description:
    'From the start of an API server process to its first answer: on an empty disk, and with 100,000 objects.',
  async run(): Promise<Series[]> {
    const empty: number[] = []
    const bare: number[] = []
    const full: number[] = []
    for (let index = 0; index <= RUNS; index++) {
      const home = await createApiServerHome(await mkdtemp(join(tmpdir(), 'kubeproc-bench-')))
      let server: ApiProcess | undefined
      const taken = await seconds(async () => {
        server = await ApiProcess.start(home)
      })
      await server!.end()
      await rm(home.directory, { recursive: true })
      // The first start has to compile.
      if (index === 0) continue
      empty.push(taken)
      bare.push(await seconds(() => run(process.execPath, ['-e', '0'])))
    }
    const home = await createApiServerHome(await mkdtemp(join(tmpdir(), 'kubeproc-bench-')))
    await fill(home.dataDir)
    for (let index = 0; index < RESTARTS; index++) {
      let server: ApiProcess | undefined
      full.push(
        await seconds(async () => {
          server = await ApiProcess.start(home)
        }),
      )
      await server!.end()
    }
    await rm(home.directory, { recursive: true })
    return [
      {
        ...{ name: 'empty disk to API ready', unit: 's', samples: empty, wanted: '< 0.6' },
        against: { name: 'a bare Node.js process', samples: bare },
      },
      { name: `start with ${OBJECTS} objects on disk to API ready`, unit: 's', samples: full, wanted: '< 1.5' },
    ]
  },
}
