/** The node's conditions from what is left of the machine, with upstream's reasons and messages. Pure. */
import type { NodeCondition } from '../../shared/api/node/node-status.ts'
import { toTime } from '../../shared/clock.ts'
import type { HostResources } from './host-facts.ts'

/** Below these the node is under pressure. */
export interface PressureThresholds {
  /** Upstream's default: 100Mi. */
  memoryAvailableBytes: number
  /** Part of the disk's bytes and inodes, from 0 to 1. */
  diskAvailable: number
  /** Part of the process IDs, from 0 to 1. */
  pidsAvailable: number
}

/**
 * Memory as upstream. Disk much lower than upstream's 10 %, since a node here shares the disk with all else on the
 * machine, and does not fill it with images.
 */
export const DEFAULT_THRESHOLDS: PressureThresholds = {
  memoryAvailableBytes: 100 * 1024 * 1024,
  diskAvailable: 0.01,
  pidsAvailable: 0.01,
}

type Verdict = Pick<NodeCondition, 'type' | 'status' | 'reason' | 'message'>

interface Pressure {
  type: string
  isOn: boolean
  on: { reason: string; message: string }
  off: { reason: string; message: string }
}

function pressures(resources: HostResources, limits: PressureThresholds): Pressure[] {
  const { diskBytes, diskAvailableBytes, inodes, inodesFree, pidsMax, pids } = resources
  return [
    {
      type: 'MemoryPressure',
      isOn: resources.memoryAvailableBytes < limits.memoryAvailableBytes,
      on: { reason: 'KubeletHasInsufficientMemory', message: 'kubelet has insufficient memory available' },
      off: { reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' },
    },
    {
      type: 'DiskPressure',
      isOn: diskAvailableBytes < diskBytes * limits.diskAvailable || inodesFree < inodes * limits.diskAvailable,
      on: { reason: 'KubeletHasDiskPressure', message: 'kubelet has disk pressure' },
      off: { reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
    },
    {
      type: 'PIDPressure',
      isOn: pidsMax - pids < pidsMax * limits.pidsAvailable,
      on: { reason: 'KubeletHasInsufficientPID', message: 'kubelet has insufficient PID available' },
      off: { reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' },
    },
  ]
}

function verdicts(resources: HostResources, limits: PressureThresholds): Verdict[] {
  const pressed = pressures(resources, limits).map(({ type, isOn, on, off }) => ({
    type,
    status: isOn ? 'True' : 'False',
    ...(isOn ? on : off),
  }))
  const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
  return [...pressed, ready]
}

/** All conditions, confirmed at `nowMs`; a transition time is kept while the status stays. */
export const nodeConditions = (
  resources: HostResources,
  { stored, thresholds, nowMs }: { stored: readonly NodeCondition[]; thresholds: PressureThresholds; nowMs: number },
): NodeCondition[] =>
  verdicts(resources, thresholds).map((verdict) => {
    const old = stored.find(({ type }) => type === verdict.type)
    const keeps = old?.status === verdict.status && old.lastTransitionTime !== undefined
    const now = toTime(nowMs)
    return { ...verdict, lastHeartbeatTime: now, lastTransitionTime: keeps ? old.lastTransitionTime! : now }
  })

/** The events of upstream's kubelet, by condition and status. */
const EVENTS: Readonly<Record<string, { True: string; False: string }>> = {
  MemoryPressure: { True: 'NodeHasInsufficientMemory', False: 'NodeHasSufficientMemory' },
  DiskPressure: { True: 'NodeHasDiskPressure', False: 'NodeHasNoDiskPressure' },
  PIDPressure: { True: 'NodeHasInsufficientPID', False: 'NodeHasSufficientPID' },
  Ready: { True: 'NodeReady', False: 'NodeNotReady' },
}

/** Reasons of the events that tell of conditions whose status differs from `told`, the one told last. */
export const transitions = (told: ReadonlyMap<string, string>, conditions: readonly NodeCondition[]): string[] =>
  conditions.flatMap(({ type, status }) => {
    if (told.get(type) === status) return []
    return EVENTS[type]?.[status as 'True' | 'False'] ?? []
  })
