/** What a node's silence or return means for the node and its pods. Pure. */
import type { Node, NodeCondition, Taint } from '../../shared/api/node/node.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Plan } from '../../shared/controller/plan.ts'
import type { Eviction } from './disruption.ts'
import { type GraceOptions, isLost, readyCondition, unknownConditions, withConditions } from './health.ts'
import { taintsOf } from './taints.ts'

export type NodeAction =
  /** Replaces the node's conditions of these types. */
  | { do: 'setConditions'; conditions: readonly NodeCondition[] }
  /** Tells that this controller found the node lost. */
  | { do: 'recordNotReady' }
  /** Replaces all taints of the node. */
  | { do: 'setTaints'; taints: readonly Taint[] }
  /** Takes the Ready condition from a pod whose kubelet can no longer do it. */
  | { do: 'markPodNotReady'; pod: Pod }

export interface NodeWorld extends GraceOptions {
  /** The pods bound to the node. */
  pods: readonly Pod[]
  /** When the node last gave a sign of life, by our clock. */
  seenMs: number
  /** What the state of the whole cluster allows to happen to the pods of lost nodes. */
  eviction: Eviction
  nowMs: number
}

const isMarkedReady = ({ status }: Pod) =>
  status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true

export function reconcileNode(node: Node, world: NodeWorld): Plan<NodeAction> {
  const { pods, seenMs, nowMs } = world
  const actions: NodeAction[] = []
  const conditions = isLost(node, seenMs, nowMs, world) ? unknownConditions(node, nowMs) : []
  const after = withConditions(node, conditions)
  if (conditions.length > 0) actions.push({ do: 'setConditions', conditions })
  if (readyCondition(node)?.status === 'True' && readyCondition(after)?.status !== 'True') {
    actions.push({ do: 'recordNotReady' })
  }
  const taints = taintsOf(after, world.eviction, nowMs)
  if (taints !== undefined) actions.push({ do: 'setTaints', taints })
  // A kubelet that lives but reports its node as not ready still speaks for its pods.
  if (readyCondition(after)?.status === 'Unknown') {
    for (const pod of pods.filter(isMarkedReady)) actions.push({ do: 'markPodNotReady', pod })
  }
  return { actions }
}
