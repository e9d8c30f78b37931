/** One sync of the DaemonSet controller: from its caches to a plan, and the plan into the world. */
import type { ControllerRevision } from '../../shared/api/controller-revision.ts'
import type { DaemonSet } from '../../shared/api/daemon-set.ts'
import type { Node } from '../../shared/api/node/node.ts'
import { daemonSets as daemonSetResource, pods as podResource } from '../../shared/client/resources.ts'
import type { Clock } from '../../shared/clock.ts'
import { adopt, checkMayAdopt, release } from '../../shared/controller/controller-refs.ts'
import { candidatesOf } from '../../shared/controller/indexes.ts'
import type { Informer } from '../../shared/controller/informer.ts'
import { DONE, type Executors, perform } from '../../shared/controller/plan.ts'
import type { Sync } from '../../shared/controller/run-controller.ts'
import { keyOf, partsOf } from '../../shared/controller/store.ts'
import { slowStart } from '../replicas/slow-start.ts'
import type { FailedPodBackOff } from './failed-pod-back-off.ts'
import { createOwnedPods, type OwnedPodsDeps } from './owned-pods.ts'
import { revisionExecutors } from './perform-revisions.ts'
import { type DaemonSetAction, type DaemonSetPlan, reconcileDaemonSet } from './reconcile.ts'
import { daemonSetStatus, statusPatch } from './status.ts'

export interface DaemonSetSyncDeps extends OwnedPodsDeps {
  clock: Clock
  daemonSets: Informer<DaemonSet>
  revisions: Informer<ControllerRevision>
  nodes: Informer<Node>
  failedPods: FailedPodBackOff
}

/** Runs all, and throws the first failure when all have ended. */
async function allOf(runs: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(runs)).find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

async function report(
  { client, clock, nodes }: DaemonSetSyncDeps,
  daemonSet: DaemonSet,
  { plan, isObserved }: { plan: DaemonSetPlan; isObserved: boolean },
): Promise<void> {
  const { hash, byNode, placementOn } = plan
  const world = { nodes: nodes.store.list(), byNode, placementOn, hash, isObserved, nowMs: clock.nowMs() }
  const body = statusPatch(daemonSet, daemonSetStatus(daemonSet, world))
  if (body === undefined) return
  await client.patch(daemonSetResource, partsOf(keyOf(daemonSet)), { type: 'merge', body, subresource: 'status' })
}

export function syncDaemonSets(deps: DaemonSetSyncDeps): Sync {
  const { client, clock, daemonSets, events, expectations, failedPods, nodes, pods, revisions } = deps
  const ownedPods = createOwnedPods(deps)

  function executors(daemonSet: DaemonSet): Executors<DaemonSetAction> {
    const { uid } = daemonSet.metadata
    return {
      ...revisionExecutors(client, daemonSet),
      async adoptPods({ pods }) {
        await checkMayAdopt(client, daemonSetResource, daemonSet)
        for (const object of pods) await adopt(client, podResource, { controller: daemonSet, object })
      },
      async releasePods({ pods }) {
        for (const object of pods) await release(client, podResource, { controller: daemonSet, object })
      },
      async replacePods({ pods }) {
        for (const { pod, nodeName } of pods) {
          const where = `pod ${keyOf(pod)} on node ${nodeName}`
          if (pod.status.phase === 'Succeeded') {
            const message = `Found succeeded daemon ${where}, will try to delete it`
            events.event(daemonSet, 'Normal', 'SucceededDaemonPod', message)
          } else {
            failedPods.replaced(uid, nodeName, clock.nowMs())
            events.event(daemonSet, 'Warning', 'FailedDaemonPod', `Found failed daemon ${where}, will try to kill it`)
          }
        }
        await allOf(pods.map(({ pod }) => ownedPods.delete(daemonSet, pod)))
      },
      deletePods: ({ pods }) => allOf(pods.map((pod) => ownedPods.delete(daemonSet, pod))),
      async createPods({ nodeNames, hash }) {
        const names = nodeNames.values()
        const { failure } = await slowStart(nodeNames.length, () =>
          ownedPods.create(daemonSet, names.next().value!, hash),
        )
        if (failure !== undefined) throw failure.error
      },
    }
  }

  return async (key) => {
    const daemonSet = daemonSets.store.get(key)
    if (daemonSet === undefined) {
      ownedPods.forget(key)
      return DONE
    }
    await ownedPods.settle(daemonSet)
    const isCacheFresh = expectations.isSatisfied(key)
    const plan = reconcileDaemonSet(daemonSet, {
      nodes: nodes.store.list(),
      pods: candidatesOf(pods.store, daemonSet),
      revisions: candidatesOf(revisions.store, daemonSet),
      isCacheFresh,
      failedBackOffMs: (nodeName) => failedPods.remainingMs(daemonSet.metadata.uid, nodeName, clock.nowMs()),
      nowMs: clock.nowMs(),
    })
    if (daemonSet.metadata.deletionTimestamp !== undefined) return DONE
    let failure: { error: unknown } | undefined
    try {
      await perform(plan.actions, executors(daemonSet))
    } catch (error) {
      failure = { error }
    }
    await report(deps, daemonSet, { plan, isObserved: isCacheFresh && failure === undefined })
    if (failure !== undefined) throw failure.error
    return plan
  }
}
