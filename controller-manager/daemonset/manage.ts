/** Which nodes lack a pod and which pods are too many. Pure. */
import type { DaemonSet } from '../../shared/api/daemon-set.ts'
import type { Node } from '../../shared/api/node/node.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { availableFromMs, isReady } from '../replicas/pod-state.ts'
import { targetNodeOf } from './daemon-pod.ts'
import type { Placement } from './placement.ts'
import { isGoing, isUpdated, olderFirst, type PodsByNode } from './pods-by-node.ts'
import { allowsSurge } from './rollout-limits.ts'

export interface ManageWorld {
  nodes: readonly Node[]
  byNode: PodsByNode
  placementOn(node: Node): Placement
  /** The version of the pods that are made now. */
  hash: string
  /** How long a failed pod on this node must be left before it may be replaced; 0: not at all. */
  failedBackOffMs(nodeName: string): number
  nowMs: number
}

export interface Changes {
  /** Names of the nodes that need a pod. */
  create: string[]
  delete: Pod[]
  /** Pods that have ended, with the node that is to have another one. */
  replace: { pod: Pod; nodeName: string }[]
  /** When a failed pod may be replaced. */
  waitMs?: number
}

/** Of several pods on a node, those that go: without surge all but the oldest. */
function surplus(daemonSet: DaemonSet, pods: readonly Pod[], { hash, nowMs }: ManageWorld): Pod[] {
  const [first, ...others] = olderFirst(pods)
  if (first === undefined || others.length === 0) return []
  if (!allowsSurge(daemonSet)) return others
  const [updated, ...moreUpdated] = olderFirst(pods.filter((pod) => isUpdated(pod, hash)))
  const [old, ...moreOld] = olderFirst(pods.filter((pod) => !isUpdated(pod, hash)))
  const more = [...moreUpdated, ...moreOld]
  if (updated === undefined || old === undefined) return more
  // Two may stay while the old one serves and the new one does not yet.
  const { minReadySeconds = 0 } = daemonSet.spec
  const isReplaced = (availableFromMs(updated, minReadySeconds) ?? Number.POSITIVE_INFINITY) <= nowMs
  return !isReady(old) || isReplaced ? [...more, old] : more
}

function lookAt(
  daemonSet: DaemonSet,
  { nodeName, pods, world }: { nodeName: string; pods: readonly Pod[]; world: ManageWorld },
  changes: Changes,
): void {
  const running: Pod[] = []
  for (const pod of pods.filter((pod) => !isGoing(pod))) {
    const { phase } = pod.status
    if (phase === 'Succeeded') changes.replace.push({ pod, nodeName })
    else if (phase !== 'Failed') running.push(pod)
    else {
      const waitMs = world.failedBackOffMs(nodeName)
      if (waitMs > 0) changes.waitMs = Math.min(waitMs, changes.waitMs ?? waitMs)
      else changes.replace.push({ pod, nodeName })
    }
  }
  changes.delete.push(...surplus(daemonSet, running, world))
}

/** What it takes to have one pod on each node that should have one, and none elsewhere. */
export function manageNodes(daemonSet: DaemonSet, world: ManageWorld): Changes {
  const { nodes, byNode, placementOn } = world
  const changes: Changes = { create: [], delete: [], replace: [] }
  for (const node of nodes) {
    const nodeName = node.metadata.name
    const pods = byNode.get(nodeName) ?? []
    const { shouldRun, mayStay } = placementOn(node)
    if (!mayStay) changes.delete.push(...pods.filter((pod) => !isGoing(pod)))
    // One that is going keeps the place until it is gone.
    else if (pods.length === 0) changes.create.push(...(shouldRun ? [nodeName] : []))
    else lookAt(daemonSet, { nodeName, pods, world }, changes)
  }
  const names = new Set(nodes.map(({ metadata }) => metadata.name))
  // Made for a node that is gone: nobody will ever start them. Bound ones are the pod garbage collector's.
  const lost = [...byNode].filter(([name]) => !names.has(name)).flatMap(([, pods]) => pods)
  changes.delete.push(...lost.filter((pod) => (pod.spec.nodeName ?? '') === '' && !isGoing(pod) && targetNodeOf(pod)))
  return changes
}
