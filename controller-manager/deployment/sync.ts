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
import { createOwnWrites, type OwnWrites } from './own-writes.ts'
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

/** One sync's Deployment, and what it needs to act. */
interface Context extends DeploymentSyncDeps {
  key: string
  deployment: Deployment
  writes: OwnWrites
}

/** What is yet to be seen brings the key back by itself, unless it went before it was seen: so look again after this. */
const UNSEEN_MS = 1_000

/** The new ReplicaSet could not be made: told in the status, then thrown on. */
class CreateError extends Error {}

/** The name of the new ReplicaSet belongs to another one: the next sync tries another hash. */
class CollisionError extends Error {}

export function syncDeployment(deps: DeploymentSyncDeps): Sync {
  const { clock, deployments, sets } = deps
  const writes = createOwnWrites()
  return async (key) => {
    if (!writes.areSeen(key)) return { requeueAfterMs: UNSEEN_MS }
    const deployment = deployments.store.get(key)
    if (deployment === undefined) return DONE // Its ReplicaSets follow by owner reference.
    const context = { ...deps, key, deployment, writes }
    const candidates = candidatesOf(sets.store, deployment)
    const livingPods = countLivingPods(deps, deployment, candidates)
    const plan = reconcileDeployment(deployment, { candidates, livingPods, nowMs: clock.nowMs() })
    try {
      await perform(plan.actions, executors(context))
    } catch (error) {
      if (error instanceof CollisionError) return DONE // The count in the status brings the key back.
      if (!(error instanceof CreateError)) throw error
      await reportCreateError(context, error)
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
  { client, key, deployment, deployments, writes }: Context,
  { status, revision }: { status: Readonly<Record<string, unknown>>; revision?: string | undefined },
): Promise<void> {
  const { resourceVersion } = deployment.metadata
  const annotations = revision === undefined ? {} : { annotations: { [REVISION]: revision } }
  const body = { metadata: { resourceVersion, ...annotations }, status }
  const patch = { type: 'merge', body, subresource: 'status' } as const
  writes.wrote(key, deployments, await client.patch(deploymentResource, partsOf(key), patch))
}

async function reportCreateError(context: Context, { message }: Error): Promise<void> {
  const { clock, deployment, events } = context
  events.event(deployment, 'Warning', 'ReplicaSetCreateError', message)
  if (progressDeadlineMs(deployment) === undefined) return
  const { conditions = [] } = deployment.status
  const wanted = createErrorConditions(conditions, message, clock.nowMs())
  if (wanted !== conditions) await patchStatus(context, { status: { conditions: wanted } })
}

/** What is sent to create a planned ReplicaSet: without the fields that the server decides. */
function draftOf({ apiVersion, kind, metadata, spec }: ReplicaSet): Draft<ReplicaSet> {
  const { uid: _, resourceVersion: __, creationTimestamp: ___, ...rest } = metadata
  return { apiVersion, kind, metadata: rest, spec }
}

/** Changes exactly the ReplicaSet that was read: an older state would lead to another size. */
async function updateSet({ client, key, sets, writes }: Context, set: ReplicaSet, change: SetChange): Promise<void> {
  const { annotations, ...spec } = change
  const { resourceVersion } = set.metadata
  const body = {
    metadata: { resourceVersion, ...(annotations !== undefined && { annotations }) },
    ...(Object.keys(spec).length > 0 && { spec }),
  }
  writes.wrote(key, sets, await client.patch(setResource, partsOf(keyOf(set)), { type: 'merge', body }))
}

function executors(context: Context): Executors<DeploymentAction> {
  const { client, deployment, events, key, sets, writes } = context

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
    await patchStatus(context, { status: { collisionCount } })
    throw new CollisionError(`the name ${planned.metadata.name} is taken`)
  }

  return {
    async adoptSets({ sets: orphans }) {
      await checkMayAdopt(client, deploymentResource as Resource, deployment)
      for (const object of orphans) await adopt(client, setResource, { controller: deployment, object })
    },
    async releaseSets({ sets: strangers }) {
      for (const object of strangers) await release(client, setResource, { controller: deployment, object })
    },
    async createSet({ set }) {
      try {
        writes.wrote(key, sets, await client.create(setResource, draftOf(set)))
      } catch (error) {
        if (isApiError(error, 'AlreadyExists')) return resolveCollision(set)
        if (isNamespaceGoing(error)) throw error
        const text = error instanceof Error ? error.message : String(error)
        throw new CreateError(`Failed to create new replica set "${set.metadata.name}": ${text}`, { cause: error })
      }
      if (set.spec.replicas > 0) tellScaling(set, 0, set.spec.replicas)
    },
    async updateSet({ set, change }) {
      await updateSet(context, set, change)
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
    updateStatus: ({ patch, revision }) => patchStatus(context, { status: patch, revision }),
  }
}
