import { type ApiProcess, type Measured, startApiProcess } from './api-process.ts'
import type { Task } from './load/tasks.ts'
import type { Benchmark, Series } from './sample.ts'

const RUNS = 5
const RUN_MS = 700
const CONNECTIONS = 32
const LIST_PODS = 500
const WATCHERS = 100
const EVENTS = 400

const NAMESPACE = '/api/v1/namespaces/default'
const CONFIG_MAPS = `${NAMESPACE}/configmaps`
const PODS = `${NAMESPACE}/pods`
/** Lists must stay the same from run to run, so the pods that runs create are elsewhere. */
const LISTED = '/api/v1/namespaces/kube-system/pods'

const configMap = (run: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'NAME', labels: { run } },
    data: { text: 'x'.repeat(300) },
  })

const POD = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'NAME', labels: { app: 'bench' } },
  spec: { containers: [{ name: 'kubia', image: 'luksa/kubia', ports: [{ containerPort: 8080 }] }] },
})

/** One thing that is measured: what the load generator does in a run, and what is read from its report. */
interface Measurement {
  task(run: number): Task
  series: { name: string; unit: Series['unit']; wanted?: string; read(measured: Measured): number | undefined }[]
}

const perSecond = ({ perSecond }: Measured) => perSecond
/** What one request costs the server, whatever else the machine does meanwhile. */
const serverMs = ({ serverCpuSeconds, count }: Measured) =>
  serverCpuSeconds === undefined ? undefined : (serverCpuSeconds * 1000) / count

const MEASUREMENTS: readonly Measurement[] = [
  {
    task: () => ({ do: 'read', path: `${LISTED}/listed-7`, connections: CONNECTIONS, ms: RUN_MS }),
    series: [
      { name: `GET one pod, ${CONNECTIONS} connections`, unit: '/s', wanted: '> 15000', read: perSecond },
      { name: '  processor time of the server for one', unit: 'ms', read: serverMs },
      {
        name: '  processors that the load generator used',
        unit: 'x',
        wanted: '< 0.95',
        read: ({ cpuSeconds, seconds }) => cpuSeconds / seconds,
      },
    ],
  },
  {
    task: () => ({ do: 'read', path: LISTED, connections: 4, ms: RUN_MS }),
    series: [
      { name: `LIST ${LIST_PODS} pods, 4 connections`, unit: '/s', wanted: '> 800', read: perSecond },
      { name: '  processor time of the server for one', unit: 'ms', read: serverMs },
    ],
  },
  {
    task: (run) => ({
      do: 'create',
      path: CONFIG_MAPS,
      body: configMap('many'),
      prefix: `many-${run}`,
      connections: CONNECTIONS,
      ms: RUN_MS,
    }),
    series: [
      { name: `durable ConfigMap creates, ${CONNECTIONS} connections`, unit: '/s', wanted: '> 8000', read: perSecond },
      { name: '  processor time of the server for one', unit: 'ms', read: serverMs },
    ],
  },
  {
    task: (run) => ({
      do: 'create',
      path: CONFIG_MAPS,
      body: configMap('one'),
      prefix: `one-${run}`,
      connections: 1,
      ms: RUN_MS,
    }),
    series: [
      {
        name: 'durable ConfigMap create, 1 connection, median',
        unit: 'ms',
        wanted: '< 0.6',
        read: ({ medianMs }) => medianMs,
      },
    ],
  },
  {
    task: (run) => ({
      do: 'create',
      path: PODS,
      body: POD,
      prefix: `pod-${run}`,
      connections: CONNECTIONS,
      ms: RUN_MS,
    }),
    series: [
      { name: `Pod creates, ${CONNECTIONS} connections`, unit: '/s', wanted: '> 5000', read: perSecond },
      { name: '  processor time of the server for one', unit: 'ms', read: serverMs },
    ],
  },
  {
    task: (run) => ({
      do: 'watch',
      path: CONFIG_MAPS,
      body: configMap(`event-${run}`),
      prefix: `event-${run}`,
      watchers: WATCHERS,
      events: EVENTS,
    }),
    series: [
      {
        name: `watch deliveries, ${WATCHERS} watchers, ${EVENTS} events`,
        unit: '/s',
        wanted: '> 100000',
        read: perSecond,
      },
      { name: '  from the create to its delivery, 99 in 100', unit: 'ms', wanted: '< 60', read: ({ p99Ms }) => p99Ms },
      { name: '  processor time of the server for one', unit: 'ms', read: serverMs },
    ],
  },
]

/** Runs all measurements in turn, several times over, so that a busy moment of the machine spoils one run of each only. */
async function measureAll(server: ApiProcess): Promise<Series[]> {
  const series = MEASUREMENTS.map((measurement) => measurement.series.map(() => [] as number[]))
  for (let run = 0; run <= RUNS; run++) {
    for (const [index, { task, series: wanted }] of MEASUREMENTS.entries()) {
      const measured = await server.run(task(run))
      // The first run of each warms the server up.
      if (run === 0) continue
      for (const [column, { read }] of wanted.entries()) series[index]![column]!.push(read(measured) ?? Number.NaN)
    }
  }
  return MEASUREMENTS.flatMap(({ series: wanted }, index) =>
    wanted
      .map(({ read: _, ...shown }, column) => ({ ...shown, samples: series[index]![column]! }))
      .filter(({ samples }) => !samples.some(Number.isNaN)),
  )
}

export const apiserver: Benchmark = {
  name: 'apiserver',
  description: 'Reads, durable creates and watches of an API server process over TLS, with authentication.',
  async run(): Promise<Series[]> {
    const server = await startApiProcess()
    try {
      await server.run({ do: 'fill', path: LISTED, body: POD, prefix: 'listed', count: LIST_PODS })
      return await measureAll(server)
    } finally {
      await server.stop()
    }
  },
}
