/** What a Deployment reports about its rollout. Pure. */
import type { Deployment, DeploymentStatus } from '../../shared/api/deployment.ts'
import { canonicalJson } from '../pods/template-hash.ts'
import {
  availabilityConditions,
  beginConditions,
  failureConditions,
  pauseConditions,
  progressConditions,
  progressDeadlineMs,
} from './conditions.ts'
import { allSets, countOf, type Rollout, type Sizes } from './rollout.ts'

export interface StatusWorld {
  /** The sizes that the ReplicaSets are being given. */
  sizes: Sizes
  /** Whether the rollout is under way: neither paused nor in the middle of a change of size. */
  isRollingOut: boolean
  /** Whether it begins: nobody has written its revision on the Deployment yet. */
  isBeginning: boolean
  nowMs: number
}

/** Counts of zero are absent, as upstream leaves them out, but for that of pods on their way out. */
function counts({ deployment, newSet, oldSets }: Rollout, sizes: Sizes): DeploymentStatus {
  const sets = allSets({ newSet, oldSets })
  const size = sets.reduce((sum, set) => sum + (sizes.get(set) ?? set.spec.replicas), 0)
  const available = countOf(sets, 'availableReplicas')
  const all = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: countOf(sets, 'replicas'),
    updatedReplicas: newSet?.status.replicas ?? 0,
    readyReplicas: countOf(sets, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, size - available),
  }
  const { collisionCount } = deployment.status
  return {
    ...Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0)),
    terminatingReplicas: countOf(sets, 'terminatingReplicas'),
    ...(collisionCount !== undefined && { collisionCount }),
  }
}

/** The status that the Deployment should have. */
export function deploymentStatus(rollout: Rollout, world: StatusWorld): DeploymentStatus {
  const { deployment, newSet } = rollout
  const { sizes, isRollingOut, isBeginning, nowMs } = world
  const status = counts(rollout, sizes)
  let conditions = pauseConditions(deployment, nowMs)
  if (isRollingOut && isBeginning && newSet !== undefined && progressDeadlineMs(deployment) !== undefined) {
    conditions = beginConditions(conditions, newSet, nowMs)
  }
  conditions = availabilityConditions(deployment, { ...status, conditions: [...conditions] }, nowMs)
  if (isRollingOut) {
    conditions = progressConditions(rollout, { ...status, conditions: [...conditions] }, nowMs)
    conditions = failureConditions(rollout, conditions, nowMs)
  }
  return { ...status, conditions: [...conditions] }
}

/** The merge patch that turns the Deployment's status into `wanted`; undefined where nothing differs. */
export function statusPatch({ status }: Deployment, wanted: DeploymentStatus): Record<string, unknown> | undefined {
  const before: Readonly<Record<string, unknown>> = { ...status }
  const after: Readonly<Record<string, unknown>> = { ...wanted }
  const changed = Object.keys({ ...before, ...after }).filter(
    (field) => canonicalJson(before[field] ?? null) !== canonicalJson(after[field] ?? null),
  )
  if (changed.length === 0) return undefined
  return Object.fromEntries(changed.map((field) => [field, after[field] ?? null]))
}
