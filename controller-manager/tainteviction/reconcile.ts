/** Whether, and when, a pod must leave its node for a NoExecute taint. Pure. */
import type { Taint } from '../../shared/api/node/node.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Plan } from '../../shared/controller/plan.ts'
import { toleratesTaint } from '../../shared/scheduling/tolerations.ts'

export type EvictionAction =
  | { do: 'evict' }
  /** Tells that a pod that was to leave may stay. */
  | { do: 'recordCancelled' }

export interface EvictionWorld {
  /** The NoExecute taints of the pod's node. */
  taints: readonly Taint[]
  /** Since when the node has a taint. */
  sinceMs(taint: Taint): number
  /** Whether an earlier plan was waiting for the pod's time to run out. */
  wasPending: boolean
  nowMs: number
}

/** Since when the pod has been bound to its node: it cannot have tolerated a taint for longer. */
function boundSinceMs({ metadata, status }: Pod): number {
  const scheduled = status.conditions?.find(({ type }) => type === 'PodScheduled')
  return Date.parse(scheduled?.lastTransitionTime ?? metadata.creationTimestamp)
}

/** How long the pod tolerates a taint; undefined: not at all. The first toleration that covers it counts. */
function toleratedMs({ spec }: Pod, taint: Taint): number | undefined {
  const toleration = spec.tolerations?.find((toleration) => toleratesTaint(toleration, taint))
  if (toleration === undefined) return undefined
  const { tolerationSeconds } = toleration
  return tolerationSeconds === undefined ? Number.POSITIVE_INFINITY : Math.max(0, tolerationSeconds * 1_000)
}

/** Waits as long as the pod tolerates all taints, then evicts it. A pod that is on its way out is left to go. */
export function reconcileEviction(pod: Pod, world: EvictionWorld): Plan<EvictionAction> {
  const { taints, sinceMs, wasPending, nowMs } = world
  if (pod.metadata.deletionTimestamp !== undefined) return { actions: [] }
  const boundMs = boundSinceMs(pod)
  const dueMs = Math.min(
    ...taints.map((taint) => {
      const forMs = toleratedMs(pod, taint)
      return forMs === undefined ? nowMs : Math.max(sinceMs(taint), boundMs) + forMs
    }),
    Number.POSITIVE_INFINITY,
  )
  if (dueMs <= nowMs) return { actions: [{ do: 'evict' }] }
  if (dueMs < Number.POSITIVE_INFINITY) return { actions: [], requeueAfterMs: dueMs - nowMs }
  return { actions: wasPending ? [{ do: 'recordCancelled' }] : [] }
}
