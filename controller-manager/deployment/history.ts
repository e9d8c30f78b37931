/** Which ReplicaSets of former templates are kept to roll back to. Pure. */
import type { Deployment } from '../../shared/api/deployment.ts'
import type { ReplicaSet } from '../../shared/api/replica-set.ts'
import { revisionOf } from './annotations.ts'
import { isActive } from './rollout.ts'

/** A history without a limit. */
const UNLIMITED = 2 ** 31 - 1

/** Whether a ReplicaSet has no pods, wants none, and says so of its latest state. */
const isSpent = (set: ReplicaSet): boolean =>
  !isActive(set) && set.status.replicas === 0 && (set.status.observedGeneration ?? 0) >= (set.metadata.generation ?? 0)

/** The ReplicaSets beyond the limit of the history, the oldest revisions first, without those that still have pods. */
export function beyondHistory(
  { spec: { revisionHistoryLimit = UNLIMITED } }: Deployment,
  oldSets: readonly ReplicaSet[],
): ReplicaSet[] {
  if (revisionHistoryLimit === UNLIMITED) return []
  const living = oldSets.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const surplus = Math.max(0, living.length - revisionHistoryLimit)
  return living
    .sort((a, b) => revisionOf(a) - revisionOf(b))
    .slice(0, surplus)
    .filter(isSpent)
}
