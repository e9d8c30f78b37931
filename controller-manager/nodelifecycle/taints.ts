/** The taints that follow from a node's conditions. Pure. */
import type { Node, Taint } from '../../shared/api/node/node.ts'
import { toTime } from '../../shared/clock.ts'
import type { Eviction } from './disruption.ts'
import { readyCondition } from './health.ts'

const NOT_READY = 'node.kubernetes.io/not-ready'
const UNREACHABLE = 'node.kubernetes.io/unreachable'
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable'

/** Conditions by the taint that they bring when they are True. */
const CONDITION_TAINTS: readonly [condition: string, key: string][] = [
  ['MemoryPressure', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'node.kubernetes.io/disk-pressure'],
  ['PIDPressure', 'node.kubernetes.io/pid-pressure'],
  ['NetworkUnavailable', 'node.kubernetes.io/network-unavailable'],
]

interface TaintName {
  key: string
  effect: string
}

/** All taints that this controller adds and removes; others belong to whoever set them. */
const MANAGED: readonly TaintName[] = [
  ...[NOT_READY, UNREACHABLE, UNSCHEDULABLE, ...CONDITION_TAINTS.map(([, key]) => key)].map((key) => ({
    key,
    effect: 'NoSchedule',
  })),
  { key: NOT_READY, effect: 'NoExecute' },
  { key: UNREACHABLE, effect: 'NoExecute' },
]

const isSame = (a: TaintName) => (b: TaintName) => a.key === b.key && a.effect === b.effect

function wantedTaints(node: Node, eviction: Eviction): TaintName[] {
  const wanted: TaintName[] = []
  const ready = readyCondition(node)
  if (ready !== undefined && ready.status !== 'True') {
    const key = ready.status === 'Unknown' ? UNREACHABLE : NOT_READY
    wanted.push({ key, effect: 'NoSchedule' })
    if (eviction === 'go' || (eviction === 'hold' && isEvicting(node))) wanted.push({ key, effect: 'NoExecute' })
  }
  for (const [type, key] of CONDITION_TAINTS) {
    const condition = node.status.conditions?.find((condition) => condition.type === type)
    if (condition?.status === 'True') wanted.push({ key, effect: 'NoSchedule' })
  }
  if (node.spec.unschedulable === true) wanted.push({ key: UNSCHEDULABLE, effect: 'NoSchedule' })
  return wanted
}

/** Whether a node still has the taint that it was created with: this controller has never seen to it. */
export const isUntouched = ({ spec }: Node): boolean =>
  spec.taints?.some(({ key, effect, timeAdded }) => {
    return key === NOT_READY && effect === 'NoSchedule' && timeAdded === undefined
  }) === true

const isReadiness = (key: string) => key === NOT_READY || key === UNREACHABLE

/** Whether the node has the taint that evicts pods from nodes that are not ready. */
const isEvicting = ({ spec }: Node): boolean =>
  spec.taints?.some(({ key, effect }) => effect === 'NoExecute' && isReadiness(key)) === true

/** Whether the node should have that taint and has not been given it yet. */
export function awaitsEviction(node: Node): boolean {
  const status = readyCondition(node)?.status
  return status !== undefined && status !== 'True' && !isEvicting(node)
}

/** The taints that the node should have, those that stay first; undefined where it has them. */
export function taintsOf(node: Node, eviction: Eviction, nowMs: number): Taint[] | undefined {
  const present = node.spec.taints ?? []
  const wanted = wantedTaints(node, eviction)
  const kept = present.filter((taint) => !MANAGED.some(isSame(taint)) || wanted.some(isSame(taint)))
  const added = wanted.filter((taint) => !present.some(isSame(taint)))
  if (added.length === 0 && kept.length === present.length) return undefined
  return [...kept, ...added.map((taint) => ({ ...taint, timeAdded: toTime(nowMs) }))]
}
