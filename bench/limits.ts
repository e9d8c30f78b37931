import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ApiProcess, type ApiServerHome, createApiServerHome } from '../test/support/api-process.ts'
import { memoryOf } from '../test/support/cluster.ts'
import type { Abuse } from './load/abuse.ts'
import type { Target } from './load/connection.ts'
import { type LoadProcess, startLoad } from './load-process.ts'
import type { Benchmark, Series } from './sample.ts'

const ABUSE = fileURLToPath(new URL('./load/abuse.ts', import.meta.url))
const IDLE_WATCHES = 2000
const RUNS = 3
const RUN_MS = 3000
/** What memory settles to after a collection comes within this time. */
const SETTLE_MS = 2000
const READERS = 4
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const READ = `${CONFIG_MAPS}/kept-7`

const configMap = (characters: number) =>
  JSON.stringify({
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'NAME' } },
    data: { text: 'x'.repeat(characters) },
  })

const KEPT = configMap(500)
const KEPT_COUNT = 500

interface Subject {
  home: ApiServerHome
  server: ApiProcess
  target: Target
  load: LoadProcess
}

async function withServer<Result>(flags: readonly string[], use: (subject: Subject) => Promise<Result>) {
  const home = await createApiServerHome(await mkdtemp(join(tmpdir(), 'kubeproc-bench-')))
  const server = await ApiProcess.start(home, { flags })
  const load = startLoad()
  const { hostname: host, port } = new URL(server.url)
  try {
    return await use({ home, server, load, target: { host, port: Number(port), ca: home.ca, token: home.token } })
  } finally {
    await Promise.all([load.stop(), server.end()])
    await rm(home.directory, { recursive: true })
  }
}

async function startAbuse(target: Target, abuse: Abuse): Promise<ChildProcess> {
  const child = fork(ABUSE, { stdio: 'inherit' })
  child.send({ target, abuse })
  await once(child, 'message')
  return child
}

async function endAbuse(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) throw new Error('the abuser has ended by itself')
  child.kill('SIGKILL')
  await once(child, 'exit')
}

async function idleWatches(): Promise<Series> {
  const samples = await withServer([], async ({ server, target }) => {
    const pid = server.child.pid!
    await endAbuse(await startAbuse(target, { do: 'idle watches', path: CONFIG_MAPS, connections: 100 }))
    await delay(SETTLE_MS)
    const before = memoryOf(pid)
    const child = await startAbuse(target, { do: 'idle watches', path: CONFIG_MAPS, connections: IDLE_WATCHES })
    await delay(SETTLE_MS)
    const after = memoryOf(pid)
    await endAbuse(child)
    return [(after - before) / IDLE_WATCHES / 1000]
  })
  return {
    name: `memory of an idle watch on a connection of its own, ${IDLE_WATCHES}`,
    unit: 'kB',
    samples,
    wanted: '< 20',
  }
}

const ABUSES: readonly { name: string; abuse: Abuse }[] = [
  { name: '5,000 connections that send headers byte by byte', abuse: { do: 'slow headers', connections: 5000 } },
  { name: '200 watches that are never read', abuse: { do: 'deaf watches', path: CONFIG_MAPS, connections: 200 } },
  {
    name: 'bodies of 3 MiB on 2 connections',
    abuse: { do: 'large bodies', path: CONFIG_MAPS, bytes: 3 * 1024 * 1024 - 1000, connections: 2 },
  },
]

async function beside({ name, abuse }: (typeof ABUSES)[number]): Promise<Series> {
  return withServer([], async ({ server, target, load }) => {
    const pid = server.child.pid!
    await load.run({ do: 'fill', path: CONFIG_MAPS, body: KEPT, prefix: 'kept', count: KEPT_COUNT }, target, pid)
    const read = () =>
      load.run({ do: 'paced read', path: READ, connections: READERS, ms: RUN_MS, everyMs: 10 }, target, pid)
    const readBesideWrites = async () => {
      const [{ p99Ms }] = await Promise.all([read(), writeMeanwhile(target, pid)])
      return p99Ms
    }
    const [quiet, loud]: [number[], number[]] = [[], []]
    await read()
    for (let run = 0; run < RUNS; run++) {
      quiet.push(await readBesideWrites())
      const child = await startAbuse(target, abuse)
      loud.push(await readBesideWrites())
      await endAbuse(child)
    }
    return {
      ...{ name: `p99 of a read beside ${name}`, unit: 'ms', samples: loud, wanted: '> 0.33 times' },
      against: { name: 'without them', samples: quiet },
    }
  })
}

/** Writes for the watches to see, by a load generator of their own. There are as many objects after them as before. */
async function writeMeanwhile(target: Target, pid: number): Promise<void> {
  const load = startLoad()
  await load.run(
    { do: 'update', path: CONFIG_MAPS, body: KEPT, prefix: 'kept', count: KEPT_COUNT, connections: 1, ms: RUN_MS },
    target,
    pid,
  )
  await load.stop()
}

/** More than the revisions that are kept in any case. */
const LIVE_OBJECTS = 25_000
const LIVE_CHARACTERS = 2000
const UPDATE_MS = 20_000

/** How large the database becomes where the same objects are written again and again. */
async function databaseSize(): Promise<Series> {
  const samples = await withServer([], async ({ home, server, target, load }) => {
    const pid = server.child.pid!
    const fileSize = () => statSync(join(home.dataDir, 'state.db')).size
    const body = configMap(LIVE_CHARACTERS)
    await load.run({ do: 'fill', path: CONFIG_MAPS, body, prefix: 'live', count: LIVE_OBJECTS }, target, pid)
    const live = fileSize()
    await load.run(
      { do: 'update', path: CONFIG_MAPS, body, prefix: 'live', count: LIVE_OBJECTS, connections: 2, ms: UPDATE_MS },
      target,
      pid,
    )
    return [fileSize() / live]
  })
  return {
    name: 'database against its live data, under constant updates',
    unit: 'x',
    samples,
    wanted: '< 2',
  }
}

export const limits: Benchmark = {
  name: 'limits',
  description:
    'What clients cost others that hold many connections, send slowly, do not read or send much; and the disk.',
  async run(): Promise<Series[]> {
    const series = [await idleWatches()]
    for (const abuse of ABUSES) series.push(await beside(abuse))
    series.push(await databaseSize())
    return series
  },
}
