/** The next step of a rollout that removes all old pods before it makes the first new one. Pure. */
import type { ReplicaSet } from '../../shared/api/replica-set.ts'
import { countOf, isActive, type Sizes } from './rollout.ts'

/** The old ReplicaSets that must be scaled to nothing first. */
export const emptied = (oldSets: readonly ReplicaSet[]): Sizes =>
  new Map(oldSets.filter(isActive).map((set) => [set, 0]))

/** Whether pods of former templates are left. `livingPods`: those that have not ended, by the UID of their ReplicaSet. */
export const hasOldPods = (oldSets: readonly ReplicaSet[], livingPods: ReadonlyMap<string, number>): boolean =>
  countOf(oldSets, 'replicas') > 0 || oldSets.some(({ metadata }) => (livingPods.get(metadata.uid) ?? 0) > 0)
