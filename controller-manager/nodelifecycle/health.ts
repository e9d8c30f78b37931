/** Whether a node lives, from its signs of life and our own clock; the node's clock is never compared with ours. Pure. */
import type { Lease } from '../../shared/api/lease.ts'
import type { Node, NodeCondition } from '../../shared/api/node/node.ts'
import { toTime } from '../../shared/clock.ts'

/** What this process has seen of a node's signs of life. */
export interface SignOfLife {
  /** The last sign as the node gave it: it counts that it changes, not what it says. */
  sign: string
  /** When it changed last, by our clock. */
  seenMs: number
}

export const readyCondition = ({ status }: Node): NodeCondition | undefined =>
  status.conditions?.find(({ type }) => type === 'Ready')

/** What is known after a look at the node and its lease. */
export function observe(
  known: SignOfLife | undefined,
  { node, lease, nowMs }: { node: Node; lease: Lease | undefined; nowMs: number },
): SignOfLife {
  const ready = readyCondition(node)
  const sign = `${ready?.lastHeartbeatTime} ${lease?.spec.renewTime} ${node.metadata.uid}`
  return known?.sign === sign ? known : { sign, seenMs: nowMs }
}

export interface GraceOptions {
  /** Time without a sign of life after which a node is lost. */
  graceMs: number
  /** The same for a node that has never reported its state. */
  startupGraceMs: number
}

export const isLost = (node: Node, seenMs: number, nowMs: number, { graceMs, startupGraceMs }: GraceOptions): boolean =>
  nowMs - seenMs > (readyCondition(node) === undefined ? startupGraceMs : graceMs)

/** The status that the node's Ready condition has, or should have; undefined for one that may still be starting. */
export function readinessOf(node: Node, seenMs: number, nowMs: number, grace: GraceOptions): string | undefined {
  return isLost(node, seenMs, nowMs, grace) ? 'Unknown' : readyCondition(node)?.status
}

const REPORTED = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready']

/** The conditions that say that a lost node's state is unknown, as far as the node does not say so yet. */
export function unknownConditions({ metadata, status }: Node, nowMs: number): NodeCondition[] {
  const lastTransitionTime = toTime(nowMs)
  return REPORTED.flatMap((type): NodeCondition[] => {
    const known = status.conditions?.find((condition) => condition.type === type)
    if (known?.status === 'Unknown') return []
    const [reason, message] =
      known === undefined
        ? ['NodeStatusNeverUpdated', 'Kubelet never posted node status.']
        : ['NodeStatusUnknown', 'Kubelet stopped posting node status.']
    const lastHeartbeatTime = known === undefined ? metadata.creationTimestamp : known.lastHeartbeatTime
    return [
      {
        type,
        status: 'Unknown',
        ...(lastHeartbeatTime !== undefined && { lastHeartbeatTime }),
        lastTransitionTime,
        reason,
        message,
      },
    ]
  })
}

/** A node's conditions with some of them replaced. */
export function withConditions(node: Node, changed: readonly NodeCondition[]): Node {
  if (changed.length === 0) return node
  const types = new Set(changed.map(({ type }) => type))
  const kept = (node.status.conditions ?? []).filter(({ type }) => !types.has(type))
  return { ...node, status: { ...node.status, conditions: [...kept, ...changed] } }
}

/** The node with the conditions that it should have: those of a lost node are Unknown. */
export function judged(node: Node, world: GraceOptions & { seenMs: number; nowMs: number }): Node {
  const { seenMs, nowMs } = world
  return isLost(node, seenMs, nowMs, world) ? withConditions(node, unknownConditions(node, nowMs)) : node
}
