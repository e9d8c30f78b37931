/** A snapshot as upstream's `/stats/summary` tells it (`stats.k8s.io/v1alpha1` Summary). Pure. */
import { toTime } from '../../shared/clock.ts'
import { type ContainerUsage, type PodUsage, type Snapshot, sumOf, type Usage } from './snapshot.ts'

const NANO = 1e9

const cpu = ({ cores, cpuSeconds }: Usage, time: string) => ({
  time,
  usageNanoCores: Math.round(cores * NANO),
  usageCoreNanoSeconds: Math.round(cpuSeconds * NANO),
})

const memory = ({ memoryBytes }: Usage, time: string) => ({
  time,
  usageBytes: memoryBytes,
  workingSetBytes: memoryBytes,
  rssBytes: memoryBytes,
})

const container = (usage: ContainerUsage, time: string) => ({
  name: usage.name,
  startTime: toTime(usage.startedAtMs),
  cpu: cpu(usage, time),
  memory: memory(usage, time),
})

function podStats({ pod: { metadata, status }, containers }: PodUsage, time: string) {
  const sum = sumOf(containers)
  const { name, namespace, uid } = metadata
  return {
    podRef: { name, namespace, uid },
    ...(status?.startTime !== undefined && { startTime: status.startTime }),
    containers: containers.map((usage) => container(usage, time)),
    cpu: cpu(sum, time),
    memory: memory(sum, time),
    process_stats: { process_count: sum.processes },
  }
}

export function summaryOf({ atMs, node, host, pods }: Snapshot, nodeName: string) {
  const time = toTime(atMs)
  const fs = {
    time,
    availableBytes: host.diskAvailableBytes,
    capacityBytes: host.diskBytes,
    usedBytes: host.diskBytes - host.diskAvailableBytes,
    inodesFree: host.inodesFree,
    inodes: host.inodes,
    inodesUsed: host.inodes - host.inodesFree,
  }
  return {
    node: {
      nodeName,
      cpu: cpu(node, time),
      memory: { ...memory(node, time), availableBytes: host.memoryAvailableBytes },
      fs,
      rlimit: { time, maxpid: host.pidsMax, curproc: host.pids },
    },
    pods: pods.filter(({ containers }) => containers.length > 0).map((usage) => podStats(usage, time)),
  }
}
