/** What the node and its containers use now, and how fast since somebody asked the last time. */
import { uptime } from 'node:os'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Clock } from '../../shared/clock.ts'
import { type HostResources, hostResources } from '../node/host-facts.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { machineCpuSeconds, readUsage, treeUsage } from './processes.ts'

export interface Usage {
  cpuSeconds: number
  /** Cores, on average since the last look that is far enough back; since the start at the first one. */
  cores: number
  memoryBytes: number
  processes: number
}

export interface ContainerUsage extends Usage {
  /** The runtime's ID. */
  id: string
  name: string
  image: string
  startedAtMs: number
}

export interface PodUsage {
  pod: Pod
  containers: readonly ContainerUsage[]
}

export interface Snapshot {
  atMs: number
  node: Usage
  host: HostResources
  pods: readonly PodUsage[]
}

/** A rate over less time than this says little. */
const INTERVAL_MIN_MS = 1_000
const NODE = 'node'

export interface SnapshotDeps {
  /** The node's pods. */
  list(): readonly Pod[]
  runtime: Pick<Runtime, 'list'>
  clock: Clock
  /** The file system that is the node's disk. */
  rootDirectory: string
}

interface Look {
  atMs: number
  cpuSeconds: number
}

/** The sum of several. */
export const sumOf = (usages: readonly Usage[]): Usage =>
  usages.reduce(
    (sum, { cpuSeconds, cores, memoryBytes, processes }) => ({
      cpuSeconds: sum.cpuSeconds + cpuSeconds,
      cores: sum.cores + cores,
      memoryBytes: sum.memoryBytes + memoryBytes,
      processes: sum.processes + processes,
    }),
    { cpuSeconds: 0, cores: 0, memoryBytes: 0, processes: 0 },
  )

/** Takes snapshots; remembers one look at each container that runs. */
export function createSnapshots({ list, runtime, clock, rootDirectory }: SnapshotDeps): () => Promise<Snapshot> {
  const looks = new Map<string, { last: Look; before: Look }>()

  /** The cores in use, by the youngest look that is old enough. */
  const coresOf = (key: string, now: Look, startedAtMs: number): number => {
    const start = { atMs: startedAtMs, cpuSeconds: 0 }
    const known = looks.get(key) ?? { last: start, before: start }
    const isFresh = now.atMs - known.last.atMs < INTERVAL_MIN_MS
    const base = isFresh ? known.before : known.last
    if (!isFresh || !looks.has(key)) looks.set(key, { last: now, before: base })
    const seconds = Math.max(INTERVAL_MIN_MS, now.atMs - base.atMs) / 1000
    return Math.max(0, now.cpuSeconds - base.cpuSeconds) / seconds
  }

  return async () => {
    const [table, nodeCpu, resources, runs] = await Promise.all([
      readUsage(),
      machineCpuSeconds(),
      hostResources(rootDirectory),
      runtime.list(),
    ])
    const atMs = clock.nowMs()
    const running = runs.filter(({ state }) => state === 'running')
    for (const key of looks.keys()) if (key !== NODE && !running.some(({ id }) => id === key)) looks.delete(key)
    const pods = list().map((pod): PodUsage => {
      const containers = running
        .filter(({ podUid }) => podUid === pod.metadata.uid)
        .map(({ id, name, pid, startedAtMs }): ContainerUsage => {
          const usage = treeUsage(table, pid)
          const image = pod.spec.containers.find((container) => container.name === name)?.image ?? ''
          const cores = coresOf(id, { atMs, cpuSeconds: usage.cpuSeconds }, startedAtMs)
          return { id, name, image, startedAtMs, ...usage, cores }
        })
      return { pod, containers }
    })
    const cores = coresOf(NODE, { atMs, cpuSeconds: nodeCpu }, atMs - uptime() * 1000)
    const memoryBytes = resources.memoryBytes - resources.memoryAvailableBytes
    const node = { cpuSeconds: nodeCpu, cores, memoryBytes, processes: table.length }
    return { atMs, node, host: resources, pods }
  }
}
