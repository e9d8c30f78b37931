/** Rolls out the templates of Deployments, through one ReplicaSet for each version of a template. */
import type { Deployment } from '../../shared/api/deployment.ts'
import type { KubeObject } from '../../shared/api/kind.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { ReplicaSet } from '../../shared/api/replica-set.ts'
import {
  deployments as deploymentResource,
  pods as podResource,
  replicaSets as setResource,
} from '../../shared/client/resources.ts'
import { byController, byNamespace, controllerOf } from '../../shared/controller/indexes.ts'
import type { Informer } from '../../shared/controller/informer.ts'
import { runController } from '../../shared/controller/run-controller.ts'
import { keyOf } from '../../shared/controller/store.ts'
import { createWorkQueue, type WorkQueue } from '../../shared/controller/work-queue.ts'
import { matchesSelector, selectorFromLabelSelector } from '../../shared/labels.ts'
import type { StartController } from '../context.ts'
import { syncDeployment } from './sync.ts'

interface Watched {
  deployments: Informer<Deployment>
  sets: Informer<ReplicaSet>
  pods: Informer<Pod>
  queue: WorkQueue
}

const keyIn = (namespace: string | undefined, name: string) =>
  keyOf({ metadata: { name, ...(namespace !== undefined && { namespace }) } })

/** The object of `store` that manages another one. */
function managerOf<Manager extends KubeObject>(informer: Informer<Manager>, object: KubeObject): Manager | undefined {
  const ref = controllerOf(object)
  if (ref?.kind !== informer.resource.kind) return undefined
  const manager = informer.store.get(keyIn(object.metadata.namespace, ref.name))
  return manager?.metadata.uid === ref.uid ? manager : undefined
}

/** Puts the Deployments that an event concerns into the queue. */
function enqueueOn({ deployments, sets, pods, queue }: Watched): void {
  const enqueue = (object: KubeObject) => queue.add(keyOf(object))
  deployments.subscribe({ add: enqueue, update: (_old, current) => enqueue(current), delete: enqueue })

  function enqueueOwner(set: ReplicaSet): void {
    const owner = managerOf(deployments, set)
    if (owner !== undefined) enqueue(owner)
  }

  /** One without a controller may be adopted. */
  function changed(set: ReplicaSet): void {
    enqueueOwner(set)
    if (controllerOf(set) !== undefined) return
    for (const deployment of deployments.store.by('namespace', set.metadata.namespace ?? '')) {
      const selector = selectorFromLabelSelector(deployment.spec.selector)
      if (matchesSelector(selector, set.metadata.labels)) enqueue(deployment)
    }
  }

  sets.subscribe({
    add: changed,
    update(old, current) {
      if (controllerOf(old)?.uid !== controllerOf(current)?.uid) enqueueOwner(old)
      changed(current)
    },
    delete: enqueueOwner,
  })

  /** Recreate goes on when the last old pod has gone or ended, of which its ReplicaSet need not tell. */
  function podEnded(pod: Pod): void {
    const set = managerOf(sets, pod)
    const deployment = set && managerOf(deployments, set)
    if (deployment?.spec.strategy.type === 'Recreate') enqueue(deployment)
  }
  pods.subscribe({
    update: (old, pod) => old.status.phase !== pod.status.phase && podEnded(pod),
    delete: podEnded,
  })
}

/** Brings the pods of each Deployment to its template, step by step. */
export const startDeploymentController: StartController = async (context) => {
  const { client, clock, informers, logger, signal, options } = context
  const name = 'deployment-controller'
  const deployments = informers.get(deploymentResource, { namespace: byNamespace })
  const sets = informers.get(setResource, { controller: byController })
  const pods = informers.get(podResource, { controller: byController })
  await Promise.all([deployments.synced, sets.synced, pods.synced])
  const queue = createWorkQueue({ clock })
  enqueueOn({ deployments, sets, pods, queue })
  const sync = syncDeployment({ client, clock, events: context.recorder(name), deployments, sets, pods })
  await runController({ name, queue, sync, workers: options['concurrent-deployment-syncs'], logger, signal })
}
