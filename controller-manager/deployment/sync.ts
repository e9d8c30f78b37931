/** One sync of a Deployment: from the caches to a plan, and the plan into the world. */
import type { Deployment } from '../../shared/api/deployment.ts'
import type { Draft } from '../../shared/api/kind.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { ReplicaSet } from '../../shared/api/replica-set.ts'
import type { Client } from '../../shared/client/client.ts'
import type { Resource } from '../../shared/client/resource.ts'
import { deployments as deploymentResource, replicaSets as setResource } from '../../shared/client/resources.ts'
import type { Clock } from '../../shared/clock.ts'
import { adopt, checkMayAdopt, release } from '../../shared/controller/controller-refs.ts'
import { candidatesOf, controllerOf } from '../../shared/controller/indexes.ts'
import type { Informer } from '../../shared/controller/informer.ts'
import { DONE, type Executors, perform } from '../../shared/controller/plan.ts'
import type { Sync } from '../../shared/controller/run-controller.ts'
import { keyOf, partsOf } from '../../shared/controller/store.ts'
import { isApiError } from '../../shared/errors.ts'
import type { EventRecorder } from '../../shared/events/recorder.ts'
import { isFinished } from '../replicas/pod-state.ts'
import { REVISION } from './annotations.ts'
import { createErrorConditions, progressDeadlineMs } from './conditions.ts'
import { type DeploymentAction, reconcileDeployment, type SetChange } from './reconcile.ts'
import { isOfTemplate } from './rollout.ts'

export interface DeploymentSyncDeps {
  client: Client
  clock: Clock
  events: EventRecorder
  deployments: Informer<Deployment>
  sets: Informer<ReplicaSet>
  pods: Informer<Pod>
}

/** The new ReplicaSet could not be made: told in the status, then thrown on. */
class CreateError extends Error {}

/** The name of the new ReplicaSet belongs to another one: the next sync tries another hash. */
class CollisionError extends Error {}

export function syncDeployment(deps: DeploymentSyncDeps): Sync {
  const { clock, deployments, sets } = deps
  return async (key) => {
    const deployment = deployments.store.get(key)
    if (deployment === undefined) return DONE // Its ReplicaSets follow by owner reference.
    const candidates = candidatesOf(sets.store, deployment)
    const livingPods = countLivingPods(deps, deployment, candidates)
    const plan = reconcileDeployment(deployment, { candidates, livingPods, nowMs: clock.nowMs() })
    try {
      await perform(plan.actions, executors(deps, deployment))
    } catch (error) {
      if (error instanceof CollisionError) return DONE // The count in the status brings the key back.
      if (!(error instanceof CreateError)) throw error
      await reportCreateError(deps, deployment, error)
      throw error.cause
    }
    return plan
  }
}

/** Pods that have not ended, by the UID of their ReplicaSet. Only Recreate asks for them. */
function countLivingPods(
  { pods }: DeploymentSyncDeps,
  { spec }: Deployment,
  sets: readonly ReplicaSet[],
): ReadonlyMap<string, number> {
  if (spec.strategy.type !== 'Recreate') return new Map()
  const living = ({ metadata: { uid } }: ReplicaSet) =>
    pods.store.by('controller', uid).filter((pod) => !isFinished(pod))
  return new Map(sets.map((set) => [set.metadata.uid, living(set).length]))
}

const isNamespaceGoing = (error: unknown) =>
  isApiError(error, 'Forbidden') && error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')

/** Writes to the status of exactly the Deployment that was read: what changed is what it said then. */
async function patchStatus(
  { client }: DeploymentSyncDeps,
  deployment: Deployment,
  { status, revision }: { status: Readonly<Record<string, unknown>>; revision?: string | undefined },
): Promise<void> {
  const { resourceVersion } = deployment.metadata
  const annotations = revision === undefined ? {} : { annotations: { [REVISION]: revision } }
  const body = { metadata: { resourceVersion, ...annotations }, status }
  await client.patch(deploymentResource, partsOf(keyOf(deployment)), { type: 'merge', body, subresource: 'status' })
}

async function reportCreateError(deps: DeploymentSyncDeps, deployment: Deployment, { message }: Error): Promise<void> {
  deps.events.event(deployment, 'Warning', 'ReplicaSetCreateError', message)
  if (progressDeadlineMs(deployment) === undefined) return
  const { conditions = [] } = deployment.status
  const wanted = createErrorConditions(conditions, message, deps.clock.nowMs())
  if (wanted !== conditions) await patchStatus(deps, deployment, { status: { conditions: wanted } })
}

/** What is sent to create a planned ReplicaSet: without the fields that the server decides. */
function draftOf({ apiVersion, kind, metadata, spec }: ReplicaSet): Draft<ReplicaSet> {
  const { uid: _, resourceVersion: __, creationTimestamp: ___, ...rest } = metadata
  return { apiVersion, kind, metadata: rest, spec }
}

/** Changes exactly the ReplicaSet that was read: an older state would lead to another size. */
async function updateSet(client: Client, set: ReplicaSet, change: SetChange): Promise<void> {
  const { annotations, ...spec } = change
  const { resourceVersion } = set.metadata
  const body = {
    metadata: { resourceVersion, ...(annotations !== undefined && { annotations }) },
    ...(Object.keys(spec).length > 0 && { spec }),
  }
  await client.patch(setResource, partsOf(keyOf(set)), { type: 'merge', body })
}

function executors(deps: DeploymentSyncDeps, deployment: Deployment): Executors<DeploymentAction> {
  const { client, events } = deps

  function tellScaling(set: ReplicaSet, before: number, after: number): void {
    const direction = before < after ? 'up' : 'down'
    const message = `Scaled ${direction} replica set ${set.metadata.name} from ${before} to ${after}`
    events.event(deployment, 'Normal', 'ScalingReplicaSet', message)
  }

  /** Whether the ReplicaSet that has the planned one's name is the planned one; else counts the collision. */
  async function resolveCollision(planned: ReplicaSet): Promise<void> {
    const existing = await client.get(setResource, partsOf(keyOf(planned)))
    if (controllerOf(existing)?.uid === deployment.metadata.uid && isOfTemplate(existing, deployment)) return
    const collisionCount = (deployment.status.collisionCount ?? 0) + 1
    await patchStatus(deps, deployment, { status: { collisionCount } })
    throw new CollisionError(`the name ${planned.metadata.name} is taken`)
  }

  return {
    async adoptSets({ sets }) {
      await checkMayAdopt(client, deploymentResource as Resource, deployment)
      for (const object of sets) await adopt(client, setResource, { controller: deployment, object })
    },
    async releaseSets({ sets }) {
      for (const object of sets) await release(client, setResource, { controller: deployment, object })
    },
    async createSet({ set }) {
      try {
        await client.create(setResource, draftOf(set))
      } catch (error) {
        if (isApiError(error, 'AlreadyExists')) return resolveCollision(set)
        if (isNamespaceGoing(error)) throw error
        const text = error instanceof Error ? error.message : String(error)
        throw new CreateError(`Failed to create new replica set "${set.metadata.name}": ${text}`, { cause: error })
      }
      if (set.spec.replicas > 0) tellScaling(set, 0, set.spec.replicas)
    },
    async updateSet({ set, change }) {
      await updateSet(client, set, change)
      if (change.replicas !== undefined) tellScaling(set, set.spec.replicas, change.replicas)
    },
    async deleteSet({ set }) {
      const { uid } = set.metadata
      try {
        await client.delete(setResource, partsOf(keyOf(set)), { preconditions: { uid } })
      } catch (error) {
        if (!isApiError(error, 'NotFound', 'Conflict')) throw error // Gone already, or another one by now.
      }
    },
    updateStatus: ({ patch, revision }) => patchStatus(deps, deployment, { status: patch, revision }),
  }
}
