/** One sync of a replica controller: from its caches to a plan, and the plan into the world. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Client, ObjectKey } from '../../shared/client/client.ts'
import type { Resource } from '../../shared/client/resource.ts'
import { pods as podResource } from '../../shared/client/resources.ts'
import type { Clock } from '../../shared/clock.ts'
import { adopt, checkMayAdopt, release } from '../../shared/controller/controller-refs.ts'
import type { Expectations } from '../../shared/controller/expectations.ts'
import { candidatesOf, controllerOf } from '../../shared/controller/indexes.ts'
import type { Informer } from '../../shared/controller/informer.ts'
import { DONE, perform } from '../../shared/controller/plan.ts'
import type { Sync } from '../../shared/controller/run-controller.ts'
import { keyOf, partsOf } from '../../shared/controller/store.ts'
import { isApiError } from '../../shared/errors.ts'
import type { EventRecorder } from '../../shared/events/recorder.ts'
import { formatSelector, type Selector } from '../../shared/labels.ts'
import { podFromTemplate } from './pod-from-template.ts'
import { type ReplicaPlan, reconcileReplicas } from './reconcile.ts'
import type { ReplicaOwner, SelectorOf } from './replica-owner.ts'
import { slowStart } from './slow-start.ts'
import { type Outcome, type ReplicaFailure, replicaStatus, statusPatch } from './status.ts'

export interface ReplicaSyncDeps<Owner extends ReplicaOwner> {
  client: Client
  clock: Clock
  events: EventRecorder
  expectations: Expectations
  owners: Informer<Owner>
  pods: Informer<Pod>
  resource: Resource<Owner>
  selectorOf: SelectorOf<Owner>
  reportsTerminating: boolean
}

/** A create or delete that failed: told in the status, then thrown on. */
class ReplicaError extends Error {
  readonly failure: ReplicaFailure
  constructor(reason: ReplicaFailure['reason'], cause: unknown) {
    const message = cause instanceof Error ? cause.message : String(cause)
    super(message, { cause })
    this.failure = { reason, message }
  }
}

/** The server may have acted on a request whose answer was lost. */
const isUncertain = (error: unknown) => isApiError(error, 'ServiceUnavailable', 'Timeout', 'InternalError')

const isNamespaceGoing = (error: unknown) =>
  isApiError(error, 'Forbidden') && error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')

export function syncReplicas<Owner extends ReplicaOwner>(deps: ReplicaSyncDeps<Owner>): Sync {
  const { clock, owners, pods, expectations, selectorOf } = deps
  /** Owners for which a create was sent whose answer never came. */
  const uncertain = new Set<string>()

  return async (key) => {
    const owner = owners.store.get(key)
    if (owner === undefined) {
      expectations.forget(key)
      uncertain.delete(key)
      return DONE
    }
    const selector = selectorOf(owner)
    if (uncertain.has(key)) {
      await expectUnseen(deps, { owner, selector, key })
      uncertain.delete(key)
    }
    const isCacheFresh = expectations.isSatisfied(key)
    const candidates = candidatesOf(pods.store, owner)
    const related = relatedPods(deps, owner)
    const plan = reconcileReplicas(owner, { selector, candidates, isCacheFresh, related, nowMs: clock.nowMs() })

    let outcome: Outcome = isCacheFresh && owner.metadata.deletionTimestamp === undefined ? 'ok' : 'untried'
    let failed: ReplicaError | undefined
    try {
      await perform(plan.actions, executors(deps, { owner, key }))
    } catch (error) {
      if (!(error instanceof ReplicaError)) throw error
      if (error.failure.reason === 'FailedCreate' && isUncertain(error.cause)) uncertain.add(key)
      outcome = error.failure
      failed = error
    }

    await report(deps, { owner, plan, outcome })
    if (failed !== undefined) throw failed.cause
    return plan
  }
}

async function report<Owner extends ReplicaOwner>(
  { client, clock, resource, reportsTerminating }: ReplicaSyncDeps<Owner>,
  { owner, plan, outcome }: { owner: Owner; plan: ReplicaPlan; outcome: Outcome },
): Promise<void> {
  const terminating = reportsTerminating && { terminating: plan.terminating }
  const wanted = replicaStatus(owner, plan.owned, { outcome, ...terminating, nowMs: clock.nowMs() })
  const patch = statusPatch(owner, wanted)
  if (patch === undefined) return
  await client.patch(resource, partsOf(keyOf(owner)), { type: 'merge', body: patch, subresource: 'status' })
}

/** The pods of the owner and of all owners that its own controller has, such as the ReplicaSets of one Deployment. */
function relatedPods<Owner extends ReplicaOwner>({ owners, pods }: ReplicaSyncDeps<Owner>, owner: Owner): Pod[] {
  const parent = controllerOf(owner)
  const related = parent === undefined ? [owner] : owners.store.by('controller', parent.uid)
  return related.flatMap(({ metadata }) => pods.store.by('controller', metadata.uid))
}

/**
 * After a create without an answer only the server knows whether there is one pod more. Reads the owner's pods from it;
 * those that the cache has yet to see are expected there, so that nothing is created before it has.
 */
async function expectUnseen<Owner extends ReplicaOwner>(
  { client, pods, expectations }: ReplicaSyncDeps<Owner>,
  { owner, selector, key }: { owner: Owner; selector: Selector; key: string },
): Promise<void> {
  const { namespace } = owner.metadata
  const labelSelector = formatSelector(selector)
  const { items } = await client.list(podResource, { ...(namespace !== undefined && { namespace }), labelSelector })
  for (const pod of items) {
    if (controllerOf(pod)?.uid === owner.metadata.uid && !isSeen(pods, pod)) {
      expectations.expectCreation(key, pod.metadata.uid)
    }
  }
}

const isSeen = (pods: Informer<Pod>, pod: Pod): boolean =>
  pods.store.get(keyOf(pod))?.metadata.uid === pod.metadata.uid || pods.hasSeen(pod.metadata.resourceVersion)

const podKey = ({ metadata: { name, namespace } }: Pod): ObjectKey => ({
  name,
  ...(namespace !== undefined && { namespace }),
})

function executors<Owner extends ReplicaOwner>(
  { client, events, expectations, pods, resource }: ReplicaSyncDeps<Owner>,
  { owner, key }: { owner: Owner; key: string },
) {
  async function createPod(): Promise<void> {
    let created: Pod
    try {
      created = await client.create(podResource, podFromTemplate(owner))
    } catch (error) {
      if (isNamespaceGoing(error)) return
      const failure = new ReplicaError('FailedCreate', error)
      events.event(owner, 'Warning', 'FailedCreate', `Error creating: ${failure.message}`)
      throw failure
    }
    if (!isSeen(pods, created)) expectations.expectCreation(key, created.metadata.uid)
    events.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`)
  }

  async function deletePod(pod: Pod): Promise<void> {
    const { uid, name } = pod.metadata
    try {
      await client.delete(podResource, podKey(pod), { preconditions: { uid } })
      events.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)
    } catch (error) {
      // Gone already, or its name is another pod's by now: the cache will learn of it.
      if (!isApiError(error, 'NotFound', 'Conflict')) {
        const failure = new ReplicaError('FailedDelete', error)
        events.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${failure.message}`)
        throw failure
      }
    }
    const shown = pods.store.get(keyOf(pod))
    const isShownLiving = shown?.metadata.uid === uid && shown.metadata.deletionTimestamp === undefined
    if (isShownLiving) expectations.expectDeletion(key, uid)
  }

  return {
    async adoptPods({ pods }: { pods: readonly Pod[] }) {
      await checkMayAdopt(client, resource as Resource, owner)
      for (const object of pods) await adopt(client, podResource, { controller: owner, object })
    },
    async releasePods({ pods }: { pods: readonly Pod[] }) {
      for (const object of pods) await release(client, podResource, { controller: owner, object })
    },
    async createPods({ count }: { count: number }) {
      const { failure } = await slowStart(count, createPod)
      if (failure !== undefined) throw failure.error
    },
    async deletePods({ pods }: { pods: readonly Pod[] }) {
      const results = await Promise.allSettled(pods.map(deletePod))
      const failed = results.find((result) => result.status === 'rejected')
      if (failed !== undefined) throw failed.reason
    },
  }
}
