/** Keeps the pods of ReplicationControllers or ReplicaSets at their number: observes, plans, performs. */
import type { KubeObject } from '../../shared/api/kind.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Resource } from '../../shared/client/resource.ts'
import { pods as podResource } from '../../shared/client/resources.ts'
import { createExpectations, type Expectations } from '../../shared/controller/expectations.ts'
import { byController, byNamespace, controllerOf } from '../../shared/controller/indexes.ts'
import type { Informer } from '../../shared/controller/informer.ts'
import { runController } from '../../shared/controller/run-controller.ts'
import { keyOf } from '../../shared/controller/store.ts'
import { createWorkQueue, type WorkQueue } from '../../shared/controller/work-queue.ts'
import { matchesSelector } from '../../shared/labels.ts'
import type { ControllerContext } from '../context.ts'
import type { ReplicaOwner, SelectorOf } from './replica-owner.ts'
import { syncReplicas } from './sync.ts'

export interface ReplicaControllerOptions<Owner extends ReplicaOwner> {
  /** Name of the controller, and the source of its events. */
  name: string
  resource: Resource<Owner>
  selectorOf: SelectorOf<Owner>
  /** Whether the kind's status counts pods on their way out. */
  reportsTerminating: boolean
  /** Owners that are synced at once. */
  workers: number
}

const ownerKeyOf = (pod: Pod, owner: { name: string }) =>
  keyOf({
    metadata: { ...(pod.metadata.namespace !== undefined && { namespace: pod.metadata.namespace }), name: owner.name },
  })

/** Puts the owners that an event concerns into the queue. */
export function enqueueOn<Owner extends KubeObject>({
  owners,
  pods,
  queue,
  expectations,
  selectorOf,
}: {
  owners: Informer<Owner>
  pods: Informer<Pod>
  queue: WorkQueue
  expectations: Expectations
  selectorOf: SelectorOf<Owner>
}): void {
  const enqueue = (object: KubeObject) => queue.add(keyOf(object))
  owners.subscribe({ add: enqueue, update: (_old, current) => enqueue(current), delete: enqueue })

  function enqueueOwner(pod: Pod): boolean {
    const ref = controllerOf(pod)
    if (ref === undefined) return false
    const key = ownerKeyOf(pod, ref)
    if (ref.kind === owners.resource.kind && owners.store.get(key)?.metadata.uid === ref.uid) queue.add(key)
    return true
  }

  function enqueueAdopters(pod: Pod): void {
    for (const owner of owners.store.by('namespace', pod.metadata.namespace ?? '')) {
      if (matchesSelector(selectorOf(owner), pod.metadata.labels)) enqueue(owner)
    }
  }

  function changed(pod: Pod): void {
    if (!enqueueOwner(pod)) enqueueAdopters(pod)
  }

  pods.subscribe({
    add(pod) {
      expectations.creationObserved(pod.metadata.uid)
      if (pod.metadata.deletionTimestamp !== undefined) expectations.deletionObserved(pod.metadata.uid)
      changed(pod)
    },
    update(old, pod) {
      if (pod.metadata.deletionTimestamp !== undefined) expectations.deletionObserved(pod.metadata.uid)
      if (controllerOf(old)?.uid !== controllerOf(pod)?.uid) enqueueOwner(old)
      changed(pod)
    },
    delete(pod) {
      expectations.deletionObserved(pod.metadata.uid)
      enqueueOwner(pod)
    },
  })
}

/** Runs a replica controller until the signal aborts. */
export async function runReplicaController<Owner extends ReplicaOwner>(
  context: ControllerContext,
  { name, resource, selectorOf, reportsTerminating, workers }: ReplicaControllerOptions<Owner>,
): Promise<void> {
  const { client, clock, informers, logger, signal } = context
  const owners = informers.get(resource, { namespace: byNamespace, controller: byController })
  const pods = informers.get(podResource, { controller: byController })
  await Promise.all([owners.synced, pods.synced])
  const expectations = createExpectations({ clock })
  const queue = createWorkQueue({ clock })
  const events = context.recorder(name)
  enqueueOn({ owners, pods, queue, expectations, selectorOf })
  const deps = { client, clock, events, expectations, owners, pods, resource, selectorOf, reportsTerminating }
  const sync = syncReplicas(deps)
  await runController({ name, queue, sync, workers, logger, signal })
}
