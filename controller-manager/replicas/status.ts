/** What a ReplicationController or ReplicaSet reports about its pods. Pure. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import { toTime } from '../../shared/clock.ts'
import { availableFromMs, isReady } from './pod-state.ts'
import type { ReplicaCondition, ReplicaOwner, ReplicaStatus } from './replica-owner.ts'

const FAILURE = 'ReplicaFailure'

/** Why the last attempt to create or delete pods failed. */
export interface ReplicaFailure {
  reason: 'FailedCreate' | 'FailedDelete'
  message: string
}

/** How the last attempt went; `untried`: nothing was to be decided, so what was known before still holds. */
export type Outcome = ReplicaFailure | 'ok' | 'untried'

function isFullyLabeled({ metadata }: Pod, { spec }: ReplicaOwner): boolean {
  return Object.entries(spec.template.metadata.labels ?? {}).every(([key, value]) => metadata.labels?.[key] === value)
}

/** The conditions with the outcome in them; a failure that lasts keeps its first time and message. */
function conditionsAfter(conditions: readonly ReplicaCondition[], outcome: Outcome, nowMs: number): ReplicaCondition[] {
  const known = conditions.find(({ type }) => type === FAILURE)
  if (outcome === 'untried' || (outcome !== 'ok' && known !== undefined)) return [...conditions]
  const others = conditions.filter(({ type }) => type !== FAILURE)
  if (outcome === 'ok') return others
  return [...others, { type: FAILURE, status: 'True', lastTransitionTime: toTime(nowMs), ...outcome }]
}

type WantedStatus = Required<Omit<ReplicaStatus, 'terminatingReplicas'>> & Pick<ReplicaStatus, 'terminatingReplicas'>

/** The status that the owner should have. `terminating` is absent for kinds that do not report it. */
export function replicaStatus(
  owner: ReplicaOwner,
  owned: readonly Pod[],
  { outcome, terminating, nowMs }: { outcome: Outcome; terminating?: number; nowMs: number },
): WantedStatus {
  const { minReadySeconds = 0 } = owner.spec
  const isAvailable = (pod: Pod) => (availableFromMs(pod, minReadySeconds) ?? Number.POSITIVE_INFINITY) <= nowMs
  return {
    replicas: owned.length,
    fullyLabeledReplicas: owned.filter((pod) => isFullyLabeled(pod, owner)).length,
    readyReplicas: owned.filter(isReady).length,
    availableReplicas: owned.filter(isAvailable).length,
    ...(terminating !== undefined && { terminatingReplicas: terminating }),
    observedGeneration: owner.metadata.generation ?? 0,
    conditions: conditionsAfter(owner.status.conditions ?? [], outcome, nowMs),
  }
}

/** Counts that are there even when they are zero, as upstream writes them. */
const ALWAYS_THERE = new Set(['replicas', 'terminatingReplicas'])

/**
 * The merge patch that turns the owner's status into `wanted`; undefined where nothing differs. Other counts of zero
 * and empty lists are absent.
 */
export function statusPatch(
  { status }: ReplicaOwner,
  { conditions, ...counts }: WantedStatus,
): Record<string, unknown> | undefined {
  const changes: Record<string, unknown> = {}
  for (const [field, count] of Object.entries(counts)) {
    const current = status[field as keyof typeof counts]
    const isAlwaysThere = ALWAYS_THERE.has(field)
    if ((isAlwaysThere ? current : (current ?? 0)) === count) continue
    changes[field] = count === 0 && !isAlwaysThere ? null : count
  }
  if (JSON.stringify(status.conditions ?? []) !== JSON.stringify(conditions)) {
    changes.conditions = conditions.length === 0 ? null : conditions
  }
  return Object.keys(changes).length === 0 ? undefined : { status: changes }
}
