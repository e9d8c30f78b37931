/** A backup's nodes say how they were when it was made. Whether they live now is for their kubelets to say. Pure. */
import type { Node } from '../../shared/api/node/node.ts'
import { toTime } from '../../shared/clock.ts'

/** What the kubelet reports; the other conditions are somebody else's. */
const REPORTED = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready']
const UNREACHABLE = { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }

/**
 * The node as it is to be taken until its kubelet reports: like one that has fallen silent, so that no pod is placed
 * there. Without this, nodes of a backup that nobody runs would count as well until their grace is over.
 */
export function unheard(node: Node, nowMs: number): Node {
  const { spec, status } = node
  const now = toTime(nowMs)
  const taints = (spec.taints ?? []).filter(({ key }) => key !== UNREACHABLE.key)
  const conditions = (status.conditions ?? []).map((condition) =>
    REPORTED.includes(condition.type)
      ? {
          ...condition,
          status: 'Unknown',
          reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.',
          lastTransitionTime: condition.status === 'Unknown' ? (condition.lastTransitionTime ?? now) : now,
        }
      : condition,
  )
  return {
    ...node,
    spec: { ...spec, taints: [...taints, { ...UNREACHABLE, timeAdded: now }] },
    status: { ...status, conditions },
  }
}
