/** Keeps one pod of each DaemonSet on each of its nodes: observes, plans, performs. */
import type { DaemonSet } from '../../shared/api/daemon-set.ts'
import type { Node } from '../../shared/api/node/node.ts'
import {
  daemonSets as daemonSetResource,
  nodes as nodeResource,
  pods as podResource,
  controllerRevisions as revisionResource,
} from '../../shared/client/resources.ts'
import { createExpectations } from '../../shared/controller/expectations.ts'
import { byController, byNamespace, controllerOf } from '../../shared/controller/indexes.ts'
import { runController } from '../../shared/controller/run-controller.ts'
import { keyOf } from '../../shared/controller/store.ts'
import { createWorkQueue } from '../../shared/controller/work-queue.ts'
import { selectorFromLabelSelector } from '../../shared/labels.ts'
import type { StartController } from '../context.ts'
import { enqueueOn } from '../replicas/controller.ts'
import { createFailedPodBackOff } from './failed-pod-back-off.ts'
import { placementOf } from './placement.ts'
import { syncDaemonSets } from './sync.ts'

const NAME = 'daemonset-controller'

/** Whether what decides on the placement of pods is the same; most changes of a node are not of that kind. */
const isSameForPods = (old: Node, { metadata, spec }: Node) =>
  JSON.stringify([old.metadata.labels, old.spec.taints]) === JSON.stringify([metadata.labels, spec.taints])

export const startDaemonSetController: StartController = async (context) => {
  const { client, clock, informers, logger, options, signal } = context
  const daemonSets = informers.get(daemonSetResource, { namespace: byNamespace })
  const revisions = informers.get(revisionResource, { controller: byController })
  const nodes = informers.get(nodeResource)
  const pods = informers.get(podResource, { controller: byController })
  await Promise.all([daemonSets.synced, revisions.synced, nodes.synced, pods.synced])

  const queue = createWorkQueue({ clock })
  const expectations = createExpectations({ clock })
  const failedPods = createFailedPodBackOff()
  enqueueOn({
    owners: daemonSets,
    pods,
    queue,
    expectations,
    selectorOf: ({ spec }) => selectorFromLabelSelector(spec.selector),
  })
  daemonSets.subscribe({
    update(old, { metadata }) {
      // What failed before may do now.
      if (old.metadata.generation !== metadata.generation) failedPods.forget(metadata.uid)
    },
    delete: ({ metadata }) => failedPods.forget(metadata.uid),
  })

  /** All DaemonSets that the change of a node concerns. */
  function enqueueWhere(isConcerned: (daemonSet: DaemonSet) => boolean): void {
    for (const daemonSet of daemonSets.store.list()) if (isConcerned(daemonSet)) queue.add(keyOf(daemonSet))
  }
  const isFor = (node: Node) => (daemonSet: DaemonSet) => placementOf(daemonSet)(node).mayStay
  nodes.subscribe({
    add: (node) => enqueueWhere(isFor(node)),
    update(old, node) {
      if (isSameForPods(old, node)) return
      enqueueWhere((daemonSet) => {
        const placementOn = placementOf(daemonSet)
        const [before, after] = [placementOn(old), placementOn(node)]
        return before.shouldRun !== after.shouldRun || before.mayStay !== after.mayStay
      })
    },
    delete: (node) => enqueueWhere(isFor(node)),
  })
  // A revision that somebody deletes is made anew; one that comes or changes is the controller's own doing mostly.
  revisions.subscribe({
    delete(revision) {
      const owner = controllerOf(revision)
      if (owner?.kind === daemonSetResource.kind)
        enqueueWhere(({ metadata }) => metadata.uid === owner.uid && metadata.deletionTimestamp === undefined)
    },
  })

  const sync = syncDaemonSets({
    client,
    clock,
    events: context.recorder(NAME),
    expectations,
    daemonSets,
    revisions,
    nodes,
    pods,
    failedPods,
  })
  await runController({ name: NAME, queue, sync, workers: options['concurrent-daemonset-syncs'], logger, signal })
}
