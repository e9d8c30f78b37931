/** What a change of a Deployment's size means for its ReplicaSets, also in the middle of a rollout. Pure. */
import type { Deployment } from '../../shared/api/deployment.ts'
import type { ReplicaSet } from '../../shared/api/replica-set.ts'
import { desiredReplicas, maxReplicas } from './annotations.ts'
import { allSets, isActive, olderFirst, type Rollout, type Sizes, sizeOf } from './rollout.ts'
import { rolloutLimits } from './rollout-limits.ts'

/** Whether the Deployment's size has changed since it last scaled its ReplicaSets. */
export const isScaling = ({ deployment, newSet, oldSets }: Rollout): boolean =>
  allSets({ newSet, oldSets })
    .filter(isActive)
    .some((set) => (desiredReplicas(set) ?? deployment.spec.replicas) !== deployment.spec.replicas)

/** The only ReplicaSet with replicas, or the newest where none has any; undefined where several do. */
function activeOrLatest({ newSet, oldSets }: Rollout): ReplicaSet | undefined {
  const active = allSets({ newSet, oldSets }).filter(isActive)
  if (active.length > 1) return undefined
  return active[0] ?? newSet ?? [...oldSets].sort(olderFirst).at(-1)
}

/** Whether the new ReplicaSet has, on the present size, all its replicas available. */
const isSaturated = ({ deployment: { spec }, newSet }: Rollout): boolean =>
  newSet !== undefined &&
  desiredReplicas(newSet) === spec.replicas &&
  newSet.spec.replicas === spec.replicas &&
  (newSet.status.availableReplicas ?? 0) === spec.replicas

/** By how much a ReplicaSet grows, or shrinks, when it keeps its share of the whole. */
function shareOf(set: ReplicaSet, deployment: Deployment): number {
  const { spec, status } = deployment
  const size = set.spec.replicas
  if (spec.replicas === 0) return -size
  // One that was never scaled by the Deployment takes its share of what there is.
  const maxBefore = maxReplicas(set) || (status.replicas ?? 0)
  if (maxBefore === 0) return 0
  return Math.round((size * (spec.replicas + rolloutLimits(deployment).maxSurge)) / maxBefore) - size
}

/** Larger first; of one size, the newer first when it is to grow and the older first when it is to shrink. */
const bySize = (isGrowing: boolean) => (a: ReplicaSet, b: ReplicaSet) =>
  b.spec.replicas - a.spec.replicas || (isGrowing ? olderFirst(b, a) : olderFirst(a, b))

/** Spreads the change over all ReplicaSets by their shares; the largest takes what rounding leaves. */
function proportionalSizes(deployment: Deployment, active: readonly ReplicaSet[]): Sizes {
  const { replicas } = deployment.spec
  const allowed = replicas > 0 ? replicas + rolloutLimits(deployment).maxSurge : 0
  const change = allowed - sizeOf(active)
  const sets = [...active].sort(bySize(change > 0))
  const sizes = new Map(sets.map((set) => [set, set.spec.replicas]))
  let left = change
  for (const set of sets) {
    if (left === 0) break
    const share = shareOf(set, deployment)
    const part = change > 0 ? Math.min(share, left) : Math.max(share, left)
    sizes.set(set, set.spec.replicas + part)
    left -= part
  }
  const [largest] = sets
  if (largest !== undefined) sizes.set(largest, Math.max(0, sizes.get(largest)! + left))
  return sizes
}

/** The sizes by which the ReplicaSets together come to the Deployment's size, without going on with a rollout. */
export function scalingSizes(rollout: Rollout): Sizes {
  const { deployment, newSet, oldSets } = rollout
  const only = activeOrLatest(rollout)
  if (only !== undefined) return new Map([[only, deployment.spec.replicas]])
  if (isSaturated(rollout)) return new Map(oldSets.filter(isActive).map((set) => [set, 0]))
  if (deployment.spec.strategy.type !== 'RollingUpdate') return new Map()
  return proportionalSizes(deployment, allSets({ newSet, oldSets }).filter(isActive))
}
