/** Which files of control groups a container's limits are written to. Pure. */
import type { ResourceLimits } from '../../runtime.ts'

/** The group of all nodes of the machine, at the root of a hierarchy. */
export const PARENT_GROUP = 'kubeproc'

/** Where control groups can be made. */
export interface Hierarchies {
  /** Directories by resource, of those that have a hierarchy of version 1. */
  v1: Readonly<Partial<Record<'cpu' | 'memory' | 'pids', string>>>
  /** Directory of the hierarchy of version 2, with all three resources. */
  v2?: string
}

export interface GroupFile {
  file: string
  value: string
}

export interface WantedGroup {
  hierarchy: string
  files: GroupFile[]
}

/** The kernel counts CPU time in periods of this length, as upstream sets it. */
const PERIOD_US = 100_000
/** Less than this the kernel refuses. */
const QUOTA_MIN_US = 1_000
const SHARES_PER_CPU = 1_024
const SHARES_MIN = 2
const SHARES_MAX = 262_144

const quotaOf = (millis: number) => Math.max(QUOTA_MIN_US, Math.round((millis * PERIOD_US) / 1000))
const sharesOf = (millis: number) =>
  Math.min(SHARES_MAX, Math.max(SHARES_MIN, Math.round((millis * SHARES_PER_CPU) / 1000)))
/** Upstream's translation of shares into version 2's weight of 1 to 10000. */
const weightOf = (shares: number) => 1 + Math.floor(((shares - SHARES_MIN) * 9999) / (SHARES_MAX - SHARES_MIN))

function version1(v1: Hierarchies['v1'], limits: ResourceLimits): WantedGroup[] {
  const { cpuLimitMillis, cpuRequestMillis, memoryLimitBytes, pidsLimit } = limits
  const files: Record<'cpu' | 'memory' | 'pids', GroupFile[]> = {
    cpu: [
      ...(cpuRequestMillis === undefined ? [] : [{ file: 'cpu.shares', value: String(sharesOf(cpuRequestMillis)) }]),
      ...(cpuLimitMillis === undefined
        ? []
        : [
            { file: 'cpu.cfs_period_us', value: String(PERIOD_US) },
            { file: 'cpu.cfs_quota_us', value: String(quotaOf(cpuLimitMillis)) },
          ]),
    ],
    memory: memoryLimitBytes === undefined ? [] : [{ file: 'memory.limit_in_bytes', value: String(memoryLimitBytes) }],
    pids: pidsLimit === undefined ? [] : [{ file: 'pids.max', value: String(pidsLimit) }],
  }
  return (['cpu', 'memory', 'pids'] as const).flatMap((name) => {
    const hierarchy = v1[name]
    return hierarchy === undefined || files[name].length === 0 ? [] : [{ hierarchy, files: files[name] }]
  })
}

function version2(hierarchy: string, limits: ResourceLimits): WantedGroup[] {
  const { cpuLimitMillis, cpuRequestMillis, memoryLimitBytes, pidsLimit } = limits
  const files = [
    ...(cpuRequestMillis === undefined
      ? []
      : [{ file: 'cpu.weight', value: String(weightOf(sharesOf(cpuRequestMillis))) }]),
    ...(cpuLimitMillis === undefined ? [] : [{ file: 'cpu.max', value: `${quotaOf(cpuLimitMillis)} ${PERIOD_US}` }]),
    ...(memoryLimitBytes === undefined
      ? []
      : [
          { file: 'memory.max', value: String(memoryLimitBytes) },
          // As upstream: one process that asks for too much ends the container as a whole.
          { file: 'memory.oom.group', value: '1' },
        ]),
    ...(pidsLimit === undefined ? [] : [{ file: 'pids.max', value: String(pidsLimit) }]),
  ]
  return files.length === 0 ? [] : [{ hierarchy, files }]
}

export const groupFiles = ({ v1, v2 }: Hierarchies, limits: ResourceLimits): WantedGroup[] =>
  v2 === undefined ? version1(v1, limits) : version2(v2, limits)
