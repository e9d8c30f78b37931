/** The next step of a rolling update: replicas are moved over as far as surge and availability allow. Pure. */
import type { ReplicaSet } from '../../shared/api/replica-set.ts'
import { allSets, availableOf, isActive, olderFirst, type Rollout, type Sizes, sizeOf } from './rollout.ts'
import { rolloutLimits } from './rollout-limits.ts'

/** Pods that a ReplicaSet has or is to have: one that shrinks takes up room until its pods are going. */
const occupied = ({ spec, status }: ReplicaSet): number => Math.max(spec.replicas, status.replicas)

/** The size that the new ReplicaSet may have by now. */
function newSize({ deployment, newSet, oldSets }: Rollout & { newSet: ReplicaSet }): number {
  const { replicas } = deployment.spec
  if (newSet.spec.replicas >= replicas) return replicas
  const taken = allSets({ newSet, oldSets }).reduce((sum, set) => sum + occupied(set), 0)
  const room = replicas + rolloutLimits(deployment).maxSurge - taken
  return Math.min(replicas, newSet.spec.replicas + Math.max(0, room))
}

/** Takes up to `count` replicas from the ReplicaSets in their order, of each no more than `spare` says. */
function takeFrom(
  sizes: Map<ReplicaSet, number>,
  count: number,
  spare: (set: ReplicaSet, size: number) => number,
): void {
  let left = count
  for (const [set, size] of sizes) {
    const taken = Math.max(0, Math.min(left, spare(set, size)))
    sizes.set(set, size - taken)
    left -= taken
  }
}

/**
 * The sizes that the old ReplicaSets may shrink to: first by the replicas that are not available, which would only hold
 * the rollout up, then by as many available ones as may be missing.
 */
function oldSizes({ deployment, newSet, oldSets }: Rollout & { newSet: ReplicaSet }): Sizes {
  const { replicas } = deployment.spec
  const minAvailable = replicas - rolloutLimits(deployment).maxUnavailable
  const active = oldSets.filter(isActive).sort(olderFirst)
  const newUnavailable = newSet.spec.replicas - availableOf(newSet)
  const removable = sizeOf(active) + newSet.spec.replicas - minAvailable - newUnavailable
  const sizes = new Map(active.map((set) => [set, set.spec.replicas]))
  if (removable <= 0) return sizes
  takeFrom(sizes, removable, (set, size) => size - availableOf(set))
  const available = [...active, newSet].reduce((sum, set) => sum + availableOf(set), 0)
  takeFrom(sizes, Math.max(0, available - minAvailable), (_set, size) => size)
  return sizes
}

/** Either the new ReplicaSet changes or the old ones do; what follows is decided when the effect shows. */
export function rollingUpdateSizes(rollout: Rollout & { newSet: ReplicaSet }): Sizes {
  const size = newSize(rollout)
  return size === rollout.newSet.spec.replicas ? oldSizes(rollout) : new Map([[rollout.newSet, size]])
}
