/** Snapshots in Prometheus' text format, under upstream's names. Pure. */
import { type ContainerUsage, type PodUsage, type Snapshot, sumOf } from './snapshot.ts'

interface Metric {
  name: string
  help: string
  type: 'counter' | 'gauge'
  samples: readonly { labels?: Readonly<Record<string, string>>; value: number }[]
}

const escaped = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')

function labelText(labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

export const metricsText = (metrics: readonly Metric[]): string =>
  metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, type, samples }) =>
      [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${type}`,
        ...samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}`),
        '',
      ].join('\n'),
    )
    .join('')

const podLabels = ({ pod: { metadata } }: PodUsage) => ({ namespace: metadata.namespace ?? '', pod: metadata.name })

/** One sample of each container. */
function perContainer(
  { pods }: Snapshot,
  value: (usage: ContainerUsage) => number,
  more: (usage: ContainerUsage) => Record<string, string> = () => ({}),
) {
  return pods.flatMap((usage) =>
    usage.containers.map((container) => ({
      labels: { container: container.name, ...more(container), ...podLabels(usage) },
      value: value(container),
    })),
  )
}

const running = ({ pods }: Snapshot) => pods.filter(({ containers }) => containers.length > 0)

/** `/metrics/resource`. */
export function resourceMetrics(snapshot: Snapshot): string {
  const { node } = snapshot
  const pods = running(snapshot).map((usage) => ({ labels: podLabels(usage), sum: sumOf(usage.containers) }))
  const counter = 'counter' as const
  const gauge = 'gauge' as const
  return metricsText([
    {
      ...{ name: 'container_cpu_usage_seconds_total', type: counter },
      help: 'CPU time that the container has used, in core-seconds.',
      samples: perContainer(snapshot, ({ cpuSeconds }) => cpuSeconds),
    },
    {
      ...{ name: 'container_memory_working_set_bytes', type: gauge },
      help: 'Memory that the processes of the container hold.',
      samples: perContainer(snapshot, ({ memoryBytes }) => memoryBytes),
    },
    {
      ...{ name: 'container_start_time_seconds', type: gauge },
      help: 'When the container was started, in seconds since 1970.',
      samples: perContainer(snapshot, ({ startedAtMs }) => startedAtMs / 1000),
    },
    {
      ...{ name: 'node_cpu_usage_seconds_total', type: counter },
      help: 'CPU time that the machine has used, in core-seconds.',
      samples: [{ value: node.cpuSeconds }],
    },
    {
      ...{ name: 'node_memory_working_set_bytes', type: gauge },
      help: 'Memory of the machine that is in use.',
      samples: [{ value: node.memoryBytes }],
    },
    {
      ...{ name: 'pod_cpu_usage_seconds_total', type: counter },
      help: 'CPU time that the running containers of the pod have used, in core-seconds.',
      samples: pods.map(({ labels, sum }) => ({ labels, value: sum.cpuSeconds })),
    },
    {
      ...{ name: 'pod_memory_working_set_bytes', type: gauge },
      help: 'Memory that the processes of the pod hold.',
      samples: pods.map(({ labels, sum }) => ({ labels, value: sum.memoryBytes })),
    },
    {
      name: 'resource_scrape_error',
      type: gauge,
      help: '1 where something could not be measured.',
      samples: [{ value: 0 }],
    },
  ])
}

/** `/metrics/cadvisor`: what of cAdvisor's can be told of processes. */
export function containerMetrics(snapshot: Snapshot, cpus: number): string {
  const more = ({ id, image }: { id: string; image: string }) => ({ id, image, name: id })
  const counter = 'counter' as const
  const gauge = 'gauge' as const
  const memory = perContainer(snapshot, ({ memoryBytes }) => memoryBytes, more)
  return metricsText([
    {
      ...{ name: 'container_cpu_usage_seconds_total', type: counter },
      help: 'CPU time that the container has used, in seconds.',
      samples: perContainer(snapshot, ({ cpuSeconds }) => cpuSeconds, more),
    },
    ...['container_memory_rss', 'container_memory_usage_bytes', 'container_memory_working_set_bytes'].map((name) => ({
      ...{ name, type: gauge },
      help: 'Memory that the processes of the container hold, in bytes.',
      samples: memory,
    })),
    {
      ...{ name: 'container_processes', type: gauge },
      help: 'How many processes the container has.',
      samples: perContainer(snapshot, ({ processes }) => processes, more),
    },
    {
      ...{ name: 'container_start_time_seconds', type: gauge },
      help: 'When the container was started, in seconds since 1970.',
      samples: perContainer(snapshot, ({ startedAtMs }) => startedAtMs / 1000, more),
    },
    { name: 'machine_cpu_cores', type: gauge, help: 'CPUs of the machine.', samples: [{ value: cpus }] },
    {
      ...{ name: 'machine_memory_bytes', type: gauge },
      help: 'Memory of the machine.',
      samples: [{ value: snapshot.host.memoryBytes }],
    },
  ])
}

/** `/metrics`: of the kubelet itself. */
export function kubeletMetrics(
  snapshot: Snapshot,
  nodeName: string,
  own: { cpuSeconds: number; memoryBytes: number },
): string {
  const pods = running(snapshot)
  const containers = pods.reduce((sum, usage) => sum + usage.containers.length, 0)
  const gauge = 'gauge' as const
  return metricsText([
    {
      name: 'kubelet_node_name',
      type: gauge,
      help: 'The name of the node.',
      samples: [{ labels: { node: nodeName }, value: 1 }],
    },
    {
      name: 'kubelet_running_pods',
      type: gauge,
      help: 'Pods of which something runs.',
      samples: [{ value: pods.length }],
    },
    {
      ...{ name: 'kubelet_running_containers', type: gauge },
      help: 'Containers that run.',
      samples: [{ labels: { container_state: 'running' }, value: containers }],
    },
    {
      ...{ name: 'process_cpu_seconds_total', type: 'counter' as const },
      help: 'CPU time of the kubelet itself, in seconds.',
      samples: [{ value: own.cpuSeconds }],
    },
    {
      ...{ name: 'process_resident_memory_bytes', type: gauge },
      help: 'Memory of the kubelet itself.',
      samples: [{ value: own.memoryBytes }],
    },
  ])
}
