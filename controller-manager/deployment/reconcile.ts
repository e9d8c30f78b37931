/** How a Deployment brings its ReplicaSets, and through them its pods, to its current template and size. Pure. */
import type { Deployment } from '../../shared/api/deployment.ts'
import type { ReplicaSet } from '../../shared/api/replica-set.ts'
import { planClaims } from '../../shared/controller/controller-refs.ts'
import type { Plan } from '../../shared/controller/plan.ts'
import { matchesSelector, selectorFromLabelSelector } from '../../shared/labels.ts'
import { newSetAnnotations, REVISION, sizeAnnotations } from './annotations.ts'
import { isComplete, timesOutAtMs } from './conditions.ts'
import { beyondHistory } from './history.ts'
import { isPlanned, newReplicaSet } from './new-replica-set.ts'
import { isScaling, scalingSizes } from './proportional.ts'
import { emptied, hasOldPods } from './recreate.ts'
import { rollingUpdateSizes } from './rolling-update.ts'
import { allSets, findNewSet, isActive, type Rollout, type Sizes } from './rollout.ts'
import { deploymentStatus, statusPatch } from './status.ts'

/** What changes in a ReplicaSet; what is absent stays. */
export interface SetChange {
  replicas?: number
  minReadySeconds?: number
  annotations?: Readonly<Record<string, string>>
}

export type DeploymentAction =
  /** Makes the Deployment the ReplicaSets' controller. */
  | { do: 'adoptSets'; sets: readonly ReplicaSet[] }
  /** Leaves the ReplicaSets to themselves. */
  | { do: 'releaseSets'; sets: readonly ReplicaSet[] }
  | { do: 'createSet'; set: ReplicaSet }
  | { do: 'updateSet'; set: ReplicaSet; change: SetChange }
  | { do: 'deleteSet'; set: ReplicaSet }
  /** Merges what has changed into the status, and writes the revision of the current template on the Deployment. */
  | { do: 'updateStatus'; patch: Readonly<Record<string, unknown>>; revision?: string }

export interface DeploymentWorld {
  /** The Deployment's ReplicaSets and those without a controller in its namespace. */
  candidates: readonly ReplicaSet[]
  /** Pods that have not ended, by the UID of their ReplicaSet. Matters for Recreate only. */
  livingPods: ReadonlyMap<string, number>
  nowMs: number
}

/** What becomes of the ReplicaSets. */
interface Step {
  rollout: Rollout
  sizes: Sizes
  /** Whether the sizes are written down on all ReplicaSets with replicas, also where they stay. */
  isScaling?: boolean
  /** Whether progress is made, and measured. */
  isRollingOut: boolean
}

const NONE: Sizes = new Map()

function recreateStep(rollout: Rollout, { livingPods, nowMs }: DeploymentWorld): Step {
  const { deployment, newSet, oldSets } = rollout
  const sizes = emptied(oldSets)
  if (sizes.size > 0 || hasOldPods(oldSets, livingPods)) return { rollout, sizes, isRollingOut: true }
  const set = newSet ?? newReplicaSet(deployment, nowMs)
  const wanted = new Map([[set, deployment.spec.replicas]])
  return { rollout: { ...rollout, newSet: set }, sizes: wanted, isRollingOut: true }
}

function rollingStep(rollout: Rollout, { nowMs }: DeploymentWorld): Step {
  const begun = { ...rollout, newSet: rollout.newSet ?? newReplicaSet(rollout.deployment, nowMs) }
  return { rollout: begun, sizes: rollingUpdateSizes(begun), isRollingOut: true }
}

/** What to do next: at most one of changing the size, and one step of the rollout. */
function nextStep(rollout: Rollout, world: DeploymentWorld): Step {
  const { metadata, spec } = rollout.deployment
  if (metadata.deletionTimestamp !== undefined) return { rollout, sizes: NONE, isRollingOut: false }
  if (spec.paused === true || isScaling(rollout)) {
    return { rollout, sizes: scalingSizes(rollout), isScaling: true, isRollingOut: false }
  }
  return spec.strategy.type === 'Recreate' ? recreateStep(rollout, world) : rollingStep(rollout, world)
}

/** The members of `wanted` that `current` lacks, or has otherwise. */
const missing = (wanted: Readonly<Record<string, string>>, current: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(Object.entries(wanted).filter(([name, value]) => current[name] !== value))

/** What a ReplicaSet is to be given. */
function changeOf(set: ReplicaSet, { rollout, sizes, isScaling }: Step): SetChange {
  const { deployment, newSet, oldSets } = rollout
  const size = sizes.get(set) ?? set.spec.replicas
  const isResized = size !== set.spec.replicas
  const wanted = {
    ...(set === newSet && newSetAnnotations(deployment, set, oldSets)),
    ...((isResized || isPlanned(set) || (isScaling && isActive(set))) && sizeAnnotations(deployment)),
  }
  const annotations = missing(wanted, set.metadata.annotations)
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0
  const isReadyChanged = set === newSet && (set.spec.minReadySeconds ?? 0) !== minReadySeconds
  return {
    ...(isResized && { replicas: size }),
    ...(isReadyChanged && { minReadySeconds }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  }
}

function changed(set: ReplicaSet, { replicas = set.spec.replicas, annotations }: SetChange): ReplicaSet {
  return {
    ...set,
    metadata: { ...set.metadata, annotations: { ...set.metadata.annotations, ...annotations } },
    spec: { ...set.spec, replicas },
  }
}

function setActions(step: Step): DeploymentAction[] {
  return allSets(step.rollout).flatMap((set): DeploymentAction[] => {
    const change = changeOf(set, step)
    if (isPlanned(set)) return [{ do: 'createSet', set: changed(set, change) }]
    return Object.keys(change).length === 0 ? [] : [{ do: 'updateSet', set, change }]
  })
}

/** Old ReplicaSets that nobody will roll back to: cleared away when nothing else is to be done. */
function cleanup({ rollout, sizes, isRollingOut }: Step): DeploymentAction[] {
  const { deployment, oldSets } = rollout
  const isResting = [...sizes].every(([set, size]) => set.spec.replicas === size)
  const isTime = isRollingOut ? isResting && isComplete(deployment, deployment.status) : deployment.spec.paused === true
  return isTime ? beyondHistory(deployment, oldSets).map((set) => ({ do: 'deleteSet', set })) : []
}

/** The revision of the current template; undefined while it has no ReplicaSet. */
const currentRevision = ({ deployment, newSet, oldSets }: Rollout): string | undefined =>
  newSet && newSetAnnotations(deployment, newSet, oldSets)[REVISION]

/** What a Deployment has to do. One that is going only reports. */
export function reconcileDeployment(deployment: Deployment, world: DeploymentWorld): Plan<DeploymentAction> {
  const { nowMs } = world
  const selector = selectorFromLabelSelector(deployment.spec.selector)
  const claims = planClaims(deployment, world.candidates, ({ metadata }) => matchesSelector(selector, metadata.labels))
  const newSet = findNewSet(deployment, claims.owned)
  const oldSets = claims.owned.filter((set) => set !== newSet)
  const step = nextStep({ deployment, newSet, oldSets }, world)
  const isGoing = deployment.metadata.deletionTimestamp !== undefined
  const revision = isGoing ? undefined : currentRevision(step.rollout)
  const isBeginning = revision !== undefined && revision !== deployment.metadata.annotations?.[REVISION]
  const status = deploymentStatus(step.rollout, { ...step, isBeginning, nowMs })

  const actions: DeploymentAction[] = []
  if (claims.adopt.length > 0) actions.push({ do: 'adoptSets', sets: claims.adopt })
  if (claims.release.length > 0) actions.push({ do: 'releaseSets', sets: claims.release })
  if (!isGoing) actions.push(...setActions(step), ...cleanup(step))
  const patch = statusPatch(deployment, status)
  // Both in one write: a rollout has begun once the revision says so, and its begin is told exactly once.
  if (isBeginning) actions.push({ do: 'updateStatus', patch: patch ?? {}, revision })
  else if (patch !== undefined) actions.push({ do: 'updateStatus', patch })

  const dueMs = step.isRollingOut ? timesOutAtMs(deployment, status.conditions ?? []) : undefined
  // Times are whole seconds: a second later the deadline has passed for certain.
  return { actions, ...(dueMs !== undefined && { requeueAfterMs: Math.max(0, dueMs - nowMs) + 1_000 }) }
}
