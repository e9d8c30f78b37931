/** How many pods a ReplicationController or ReplicaSet has, and should have. Pure. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import { planClaims } from '../../shared/controller/controller-refs.ts'
import { controllerOf } from '../../shared/controller/indexes.ts'
import type { Plan } from '../../shared/controller/plan.ts'
import { matchesSelector, type Selector } from '../../shared/labels.ts'
import { surplusOf } from './deletion-order.ts'
import { availableFromMs, isActive, isFinished } from './pod-state.ts'
import type { ReplicaOwner } from './replica-owner.ts'

/** Pods created or deleted in one go; the next go follows when the cache shows these. */
const BURST_MAX = 500

export type ReplicaAction =
  /** Makes the owner the pods' controller. */
  | { do: 'adoptPods'; pods: readonly Pod[] }
  /** Leaves the pods to themselves. */
  | { do: 'releasePods'; pods: readonly Pod[] }
  | { do: 'createPods'; count: number }
  | { do: 'deletePods'; pods: readonly Pod[] }

export interface ReplicaPlan extends Plan<ReplicaAction> {
  /** The replicas once `adoptPods` is done, before any is created or deleted: what the status counts. */
  owned: readonly Pod[]
  /** Pods of the owner that are on their way out. */
  terminating: number
}

export interface ReplicaWorld {
  selector: Selector
  /** The owner's pods and those without a controller in its namespace. */
  candidates: readonly Pod[]
  /** Whether the candidates show everything that was done for this owner before. */
  isCacheFresh: boolean
  /** All pods among which those on one node count as doubled up. Default: the owner's. */
  related?: readonly Pod[]
  nowMs: number
}

/** What it takes to have `spec.replicas` pods. On a stale cache pods are claimed, but none is created or deleted. */
export function reconcileReplicas(owner: ReplicaOwner, world: ReplicaWorld): ReplicaPlan {
  const { selector, candidates, isCacheFresh, related, nowMs } = world
  const isSelected = ({ metadata }: Pod) => matchesSelector(selector, metadata.labels)
  const claims = planClaims(owner, candidates.filter(isActive), isSelected)
  const { owned } = claims
  const actions: ReplicaAction[] = []
  if (claims.adopt.length > 0) actions.push({ do: 'adoptPods', pods: claims.adopt })
  if (claims.release.length > 0) actions.push({ do: 'releasePods', pods: claims.release })
  if (isCacheFresh && owner.metadata.deletionTimestamp === undefined) {
    const missing = owner.spec.replicas - owned.length
    if (missing > 0) actions.push({ do: 'createPods', count: Math.min(missing, BURST_MAX) })
    else if (missing < 0) {
      const count = Math.min(-missing, BURST_MAX)
      const pods = surplusOf(owned, count, {
        ...(related !== undefined && { related: related.filter(isActive) }),
        nowMs,
      })
      actions.push({ do: 'deletePods', pods })
    }
  }
  const requeueAfterMs = untilNextAvailableMs(owned, owner.spec.minReadySeconds ?? 0, nowMs)
  const terminating = candidates.filter((pod) => isTerminating(pod, owner) && isSelected(pod)).length
  return { actions, owned, terminating, ...(requeueAfterMs !== undefined && { requeueAfterMs }) }
}

const isTerminating = (pod: Pod, { metadata }: ReplicaOwner): boolean =>
  pod.metadata.deletionTimestamp !== undefined && !isFinished(pod) && controllerOf(pod)?.uid === metadata.uid

/** How long until the next ready pod counts as available: no event tells of it. */
function untilNextAvailableMs(pods: readonly Pod[], minReadySeconds: number, nowMs: number): number | undefined {
  const waits = pods.flatMap((pod) => {
    const fromMs = availableFromMs(pod, minReadySeconds)
    return fromMs === undefined || fromMs <= nowMs ? [] : [fromMs - nowMs]
  })
  return waits.length === 0 ? undefined : Math.min(...waits)
}
