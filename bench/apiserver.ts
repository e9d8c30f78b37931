import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { memoryOf } from '../test/support/cluster.ts'
import { startWorld, type World } from './apiserver-world.ts'
import type { Measured } from './load-process.ts'
import type { Benchmark, Series } from './sample.ts'

const RUNS = 5
const RUN_MS = 1000
const CONNECTIONS = 32
const LIST_PODS = 500
const LARGE_LIST_PODS = 6656
const WATCHERS = 500
const EVENTS = 400

const NAMESPACE = '/api/v1/namespaces/default'
const CONFIG_MAPS = `${NAMESPACE}/configmaps`
const PODS = `${NAMESPACE}/pods`
/** Lists must stay the same from run to run, so the pods that runs create are elsewhere. */
const LISTED = '/api/v1/namespaces/kube-system/pods'
const LARGE_LISTED = '/api/v1/namespaces/kube-public/pods'

const configMap = (run: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'NAME', labels: { run } },
    data: { text: 'x'.repeat(300) },
  })
/** About what a server stores for it: object and owners of its fields. */
const CONFIG_MAP_BYTES = 900

const POD = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'NAME', labels: { app: 'bench' } },
  spec: { containers: [{ name: 'kubia', image: 'luksa/kubia', ports: [{ containerPort: 8080 }] }] },
})

/** One thing that is measured, and what it is compared with. */
interface Measurement {
  name: string
  unit: Series['unit']
  wanted: string
  value(measured: Measured): number
  /** How many objects a run leaves behind; absent: none. */
  creates?(measured: Measured): number
  run(world: World, run: number): Promise<Measured>
  against?: {
    name: string
    /** Undefined where it cannot be had. */
    run(world: World, run: number): Promise<Measured> | undefined
    /** What it takes, where it cannot. */
    missing?: string
  }
}

const perSecond = ({ perSecond }: Measured) => perSecond
const medianMs = ({ medianMs }: Measured) => medianMs
const ETCD_MISSING = 'etcd is not installed (Debian: etcd-server)'

const reading = (
  name: string,
  { path, connections, wanted }: { path: string; connections: number; wanted: string },
): Measurement => {
  const wish = { path, connections, seconds: RUN_MS / 1000 }
  return {
    ...{ name, unit: '/s', wanted, value: perSecond },
    run: (world) => world.read(wish),
    against: { name: "Node.js' bare https, same bytes", run: (world) => world.readBare(wish) },
  }
}

const creating = (
  name: string,
  measurement: Pick<Measurement, 'unit' | 'wanted' | 'value'> & {
    path: string
    body: string
    prefix: string
    connections: number
    against?: Measurement['against']
  },
): Measurement => {
  const { path, body, prefix, connections, ...rest } = measurement
  return {
    name,
    ...rest,
    creates: ({ count }) => count,
    run: (world, run) => world.run({ do: 'create', path, body, prefix: `${prefix}-${run}`, connections, ms: RUN_MS }),
  }
}

const etcdPuts = (connections: number): Measurement['against'] => ({
  name: `etcd, ${CONFIG_MAP_BYTES} bytes`,
  missing: ETCD_MISSING,
  run: (world, run) =>
    world.runEtcd?.({
      ...{ do: 'etcd put', prefix: `put-${connections}-${run}`, bytes: CONFIG_MAP_BYTES },
      ...{ connections, ms: RUN_MS },
    }),
})

const MEASUREMENTS: readonly Measurement[] = [
  creating(`durable ConfigMap creates, ${CONNECTIONS} connections`, {
    ...{ unit: '/s', wanted: '> 8000', value: perSecond, against: etcdPuts(CONNECTIONS) },
    ...{ path: CONFIG_MAPS, body: configMap('many'), prefix: 'many', connections: CONNECTIONS },
  }),
  creating('durable ConfigMap create, 1 connection, median', {
    ...{ unit: 'ms', wanted: '< 0.6', value: medianMs, against: etcdPuts(1) },
    ...{ path: CONFIG_MAPS, body: configMap('one'), prefix: 'one', connections: 1 },
  }),
  creating(`Pod creates, ${CONNECTIONS} connections`, {
    ...{ unit: '/s', wanted: '> 5000', value: perSecond },
    ...{ path: PODS, body: POD, prefix: 'pod', connections: CONNECTIONS },
  }),
  reading(`GET one pod, ${CONNECTIONS} connections`, {
    ...{ path: `${LISTED}/listed-7`, connections: CONNECTIONS, wanted: '> 15000' },
  }),
  reading(`LIST ${LIST_PODS} pods, 4 connections`, { path: LISTED, connections: 4, wanted: '> 800' }),
  reading(`LIST ${LARGE_LIST_PODS} pods, 2 connections`, { path: LARGE_LISTED, connections: 2, wanted: '> 50' }),
  {
    ...{ name: `watch: ${WATCHERS} watchers, ${EVENTS} events, deliveries`, unit: '/s', wanted: '> 200000' },
    value: perSecond,
    creates: () => EVENTS,
    run: (world, run) =>
      world.run({
        ...{ do: 'watch', path: CONFIG_MAPS, body: configMap(`event-${run}`), prefix: `event-${run}` },
        ...{ watchers: WATCHERS, events: EVENTS },
      }),
    against: {
      name: `etcd, ${CONFIG_MAP_BYTES} bytes`,
      missing: ETCD_MISSING,
      run: (world, run) =>
        world.runEtcd?.({
          ...{ do: 'etcd watch', prefix: `event-${run}`, bytes: CONFIG_MAP_BYTES },
          ...{ watchers: WATCHERS, events: EVENTS },
        }),
    },
  },
]

interface Samples {
  ours: Measured[]
  theirs: Measured[]
}

function seriesOf({ name, unit, wanted, value, against }: Measurement, { ours, theirs }: Samples): Series {
  const serverMs = ours
    .filter(({ serverCpuSeconds }) => serverCpuSeconds !== undefined)
    .map(({ serverCpuSeconds, count }) => (serverCpuSeconds! * 1000) / count)
  return {
    ...{ name, unit, wanted, samples: ours.map(value), p99Ms: ours.map(({ p99Ms }) => p99Ms) },
    clientShare: ours.map(({ cpuSeconds, seconds }) => cpuSeconds / seconds),
    ...(serverMs.length > 0 && { serverMs }),
    ...(theirs.length > 0 && { against: { name: against!.name, samples: theirs.map(value) } }),
    ...(against !== undefined && theirs.length === 0 && { skipped: against.missing! }),
  }
}

/** Milliseconds that the disk takes for one small write and its sync: what no durable write can be faster than. */
function syncMs(directory: string): number {
  const file = openSync(join(directory, 'sync'), 'w')
  const bytes = Buffer.alloc(4096, 'x')
  const count = 100
  const begin = performance.now()
  for (let n = 0; n < count; n++) {
    writeSync(file, bytes)
    fdatasyncSync(file)
  }
  closeSync(file)
  return (performance.now() - begin) / count
}

/** Runs all measurements in turn, several times over, so that a busy moment of the machine spoils one run of each only. */
async function measureAll(world: World): Promise<Series[]> {
  const samples: Samples[] = MEASUREMENTS.map(() => ({ ours: [], theirs: [] }))
  const syncs: number[] = []
  const memory = { firstMB: 0, lastMB: 0, created: 0 }
  for (let run = 0; run <= RUNS; run++) {
    for (const [index, { run: measure, against, creates }] of MEASUREMENTS.entries()) {
      const ours = await measure(world, run)
      const theirs = await against?.run(world, run)
      // The first run of each warms the servers up.
      if (run === 0) continue
      memory.created += creates?.(ours) ?? 0
      samples[index]!.ours.push(ours)
      if (theirs !== undefined) samples[index]!.theirs.push(theirs)
    }
    memory.lastMB = memoryOf(world.serverPid) / 1e6
    if (run === 0) memory.firstMB = memory.lastMB
    else syncs.push(syncMs(world.directory))
  }
  return [
    ...MEASUREMENTS.map((measurement, index) => seriesOf(measurement, samples[index]!)),
    { name: 'one fdatasync of this disk, for comparison', unit: 'ms', samples: syncs },
    {
      ...{ name: 'memory (PSS) of the API server after one round of that load', unit: 'MB', wanted: '< 300' },
      samples: [memory.firstMB],
    },
    {
      ...{ name: 'what it grew by for each object that the other rounds created', unit: 'kB' },
      samples: [((memory.lastMB - memory.firstMB) * 1e3) / memory.created],
    },
  ]
}

export const apiserver: Benchmark = {
  name: 'apiserver',
  description: 'Durable creates, reads and watches of an API server over TLS, beside etcd and a bare HTTPS server.',
  async run(): Promise<Series[]> {
    const world = await startWorld(
      async (run) => {
        await run({ do: 'fill', path: LISTED, body: POD, prefix: 'listed', count: LIST_PODS })
        await run({ do: 'fill', path: LARGE_LISTED, body: POD, prefix: 'listed', count: LARGE_LIST_PODS })
      },
      [`${LISTED}/listed-7`, LISTED, LARGE_LISTED],
    )
    try {
      return await measureAll(world)
    } finally {
      await world.stop()
    }
  },
}
