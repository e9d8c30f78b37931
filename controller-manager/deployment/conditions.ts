/** The conditions of a Deployment: is it available, does its rollout get on, do its ReplicaSets fail. Pure. */
import type { Deployment, DeploymentCondition, DeploymentStatus } from '../../shared/api/deployment.ts'
import type { ReplicaSet } from '../../shared/api/replica-set.ts'
import { toTime } from '../../shared/clock.ts'
import { isPlanned } from './new-replica-set.ts'
import { allSets, type Rollout } from './rollout.ts'
import { rolloutLimits } from './rollout-limits.ts'

type Conditions = readonly DeploymentCondition[]
type News = Pick<DeploymentCondition, 'type' | 'status'> & { reason: string; message: string }

/** A progress deadline that stands for none. */
const NO_DEADLINE_SECONDS = 2 ** 31 - 1

const REPLICA_FAILURE = 'ReplicaFailure'
const PROGRESSING = 'Progressing'
const DONE = 'NewReplicaSetAvailable'
const TIMED_OUT = 'ProgressDeadlineExceeded'
const PAUSED = 'DeploymentPaused'

const find = (conditions: Conditions, type: string) => conditions.find((condition) => condition.type === type)
const without = (conditions: Conditions, type: string) => conditions.filter((condition) => condition.type !== type)

/** The conditions with one that is new or has changed in status or reason; else as they are. */
export function withCondition(conditions: Conditions, news: News, nowMs: number): Conditions {
  const known = find(conditions, news.type)
  if (known?.status === news.status && known.reason === news.reason) return conditions
  return [...without(conditions, news.type), renewed(known, news, nowMs)]
}

/** A condition as of now; its transition is an older one's where the status stays. */
function renewed(known: DeploymentCondition | undefined, news: News, nowMs: number): DeploymentCondition {
  const now = toTime(nowMs)
  const lastTransitionTime = known?.status === news.status ? (known.lastTransitionTime ?? now) : now
  return { ...news, lastUpdateTime: now, lastTransitionTime }
}

const progressing = (status: 'True' | 'False' | 'Unknown', reason: string, message: string): News => ({
  type: PROGRESSING,
  status,
  reason,
  message,
})

/** How long a rollout may stand still, in milliseconds; undefined: for ever. */
export function progressDeadlineMs({ spec: { progressDeadlineSeconds } }: Deployment): number | undefined {
  const isNone = progressDeadlineSeconds === undefined || progressDeadlineSeconds === NO_DEADLINE_SECONDS
  return isNone ? undefined : progressDeadlineSeconds * 1_000
}

/** Whether all replicas are of the current template and available, and no others are left. */
export function isComplete({ metadata, spec }: Deployment, status: DeploymentStatus): boolean {
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status
  const isAll = [updatedReplicas, replicas, availableReplicas].every((count) => count === spec.replicas)
  return isAll && observedGeneration >= (metadata.generation ?? 0)
}

/** Whether the rollout has come nearer to its end since the status before. */
function hasProgressed(before: DeploymentStatus, status: DeploymentStatus): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus) => replicas - updatedReplicas
  return (
    (status.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(status) < old(before) ||
    (status.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  )
}

/** When the rollout is over its time unless it gets on; undefined where no clock runs. */
export function timesOutAtMs(deployment: Deployment, conditions: Conditions): number | undefined {
  const deadlineMs = progressDeadlineMs(deployment)
  const condition = find(conditions, PROGRESSING)
  if (deadlineMs === undefined || condition === undefined || deployment.spec.paused === true) return undefined
  if (condition.reason === DONE || condition.reason === TIMED_OUT) return undefined
  return Date.parse(condition.lastUpdateTime ?? condition.lastTransitionTime ?? toTime(0)) + deadlineMs
}

/** The conditions after a pause has begun or ended: meanwhile nobody waits for progress. */
export function pauseConditions(deployment: Deployment, nowMs: number): Conditions {
  const { conditions = [] } = deployment.status
  const reason = find(conditions, PROGRESSING)?.reason
  if (progressDeadlineMs(deployment) === undefined || reason === TIMED_OUT) return conditions
  const isPaused = deployment.spec.paused === true
  if (isPaused === (reason === PAUSED)) return conditions
  const news = isPaused
    ? progressing('Unknown', PAUSED, 'Deployment is paused')
    : progressing('Unknown', 'DeploymentResumed', 'Deployment is resumed')
  return withCondition(conditions, news, nowMs)
}

/** The conditions as a rollout to `newSet` begins. */
export function beginConditions(conditions: Conditions, newSet: ReplicaSet, nowMs: number): Conditions {
  const { name } = newSet.metadata
  const news = isPlanned(newSet)
    ? progressing('True', 'NewReplicaSetCreated', `Created new replica set "${name}"`)
    : progressing('True', 'FoundNewReplicaSet', `Found new replica set "${name}"`)
  return [...without(conditions, PROGRESSING), renewed(find(conditions, PROGRESSING), news, nowMs)]
}

/** The conditions where the new ReplicaSet could not be made. */
export const createErrorConditions = (conditions: Conditions, message: string, nowMs: number): Conditions =>
  withCondition(conditions, progressing('False', 'ReplicaSetCreateError', message), nowMs)

/** Whether the rollout gets on, is done, or has stood still for too long. `status`: as it now is. */
export function progressConditions(
  { deployment, newSet }: Rollout,
  status: DeploymentStatus & { conditions: Conditions },
  nowMs: number,
): Conditions {
  const { conditions } = status
  if (progressDeadlineMs(deployment) === undefined) return without(conditions, PROGRESSING)
  const known = find(conditions, PROGRESSING)
  if (known?.reason === DONE && (status.replicas ?? 0) === (status.updatedReplicas ?? 0)) return conditions
  const who = newSet === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${newSet.metadata.name}"`
  if (isComplete(deployment, status)) {
    return withCondition(conditions, progressing('True', DONE, `${who} has successfully progressed.`), nowMs)
  }
  if (hasProgressed(deployment.status, status)) {
    // Every progress starts the clock anew, also where status and reason stay.
    const news = progressing('True', 'ReplicaSetUpdated', `${who} is progressing.`)
    return [...without(conditions, PROGRESSING), renewed(known, news, nowMs)]
  }
  if ((timesOutAtMs(deployment, conditions) ?? Number.POSITIVE_INFINITY) < nowMs) {
    return withCondition(conditions, progressing('False', TIMED_OUT, `${who} has timed out progressing.`), nowMs)
  }
  return conditions
}

/** The failure of a ReplicaSet, rather of the new one's, as the Deployment's own. */
export function failureConditions({ newSet, oldSets }: Rollout, conditions: Conditions, nowMs: number): Conditions {
  const sets = allSets({ newSet, oldSets }).toReversed()
  const failures = sets.flatMap(({ status }) =>
    (status.conditions ?? []).filter(({ type }) => type === REPLICA_FAILURE),
  )
  const [failure] = failures
  if (failure === undefined) return without(conditions, REPLICA_FAILURE)
  const { status, reason = '', message = '', lastTransitionTime = toTime(nowMs) } = failure
  const known = find(conditions, REPLICA_FAILURE)
  if (known?.status === status && known.reason === reason) return conditions
  const copied = {
    type: REPLICA_FAILURE,
    status,
    reason,
    message,
    lastUpdateTime: lastTransitionTime,
    lastTransitionTime,
  }
  return [...without(conditions, REPLICA_FAILURE), copied]
}

/** Whether enough pods are available. */
export function availabilityConditions(
  deployment: Deployment,
  { conditions, availableReplicas = 0 }: DeploymentStatus & { conditions: Conditions },
  nowMs: number,
): Conditions {
  const isAvailable = availableReplicas >= deployment.spec.replicas - rolloutLimits(deployment).maxUnavailable
  const news: News = isAvailable
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }
  return withCondition(conditions, news, nowMs)
}
