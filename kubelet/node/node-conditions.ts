/** The node's conditions from what is left of the machine, with upstream's reasons and messages. Pure. */
import type { NodeCondition } from '../../shared/api/node/node-status.ts'
import { toTime } from '../../shared/clock.ts'
import type { HostResources } from './host-facts.ts'
import { amountOf, type PressureThresholds } from './thresholds.ts'

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
      isOn: resources.memoryAvailableBytes < amountOf(limits.memory, resources.memoryBytes),
      on: { reason: 'KubeletHasInsufficientMemory', message: 'kubelet has insufficient memory available' },
      off: { reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' },
    },
    {
      type: 'DiskPressure',
      isOn: diskAvailableBytes < amountOf(limits.disk, diskBytes) || inodesFree < amountOf(limits.inodes, inodes),
      on: { reason: 'KubeletHasDiskPressure', message: 'kubelet has disk pressure' },
      off: { reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
    },
    {
      type: 'PIDPressure',
      isOn: pidsMax - pids < amountOf(limits.pids, pidsMax),
      on: { reason: 'KubeletHasInsufficientPID', message: 'kubelet has insufficient PID available' },
      off: { reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' },
    },
  ]
}

const READY = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
const SHUTTING_DOWN = { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'node is shutting down' }

function verdicts(resources: HostResources, limits: PressureThresholds, isShuttingDown: boolean): Verdict[] {
  const pressed = pressures(resources, limits).map(({ type, isOn, on, off }) => ({
    type,
    status: isOn ? 'True' : 'False',
    ...(isOn ? on : off),
  }))
  return [...pressed, isShuttingDown ? SHUTTING_DOWN : READY]
}

export interface ConditionsContext {
  stored: readonly NodeCondition[]
  thresholds: PressureThresholds
  /** Default: false. */
  isShuttingDown?: boolean
  nowMs: number
}

/** All conditions, confirmed at `nowMs`; a transition time is kept while the status stays. */
export const nodeConditions = (
  resources: HostResources,
  { stored, thresholds, isShuttingDown = false, nowMs }: ConditionsContext,
): NodeCondition[] =>
  verdicts(resources, thresholds, isShuttingDown).map((verdict) => {
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
