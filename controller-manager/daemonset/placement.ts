/** Where a DaemonSet's pods belong: by the same rules by which the scheduler judges nodes. Pure. */
import type { DaemonSet } from '../../shared/api/daemon-set.ts'
import type { Node } from '../../shared/api/node/node.ts'
import { matchesNodeSelector } from '../../shared/scheduling/node-selector.ts'
import { findUntolerated } from '../../shared/scheduling/tolerations.ts'
import { tolerationsOf } from './daemon-pod.ts'

export interface Placement {
  /** A pod should be started on the node. */
  shouldRun: boolean
  /** A pod that is on the node may stay. */
  mayStay: boolean
}

const NOWHERE: Placement = { shouldRun: false, mayStay: false }

/** Tells of each node whether it is one for the DaemonSet. */
export function placementOf({ spec }: DaemonSet): (node: Node) => Placement {
  const podSpec = spec.template.spec
  const tolerations = tolerationsOf(podSpec)
  return (node) => {
    const { nodeName = '' } = podSpec
    if (nodeName !== '' && nodeName !== node.metadata.name) return NOWHERE
    if (!matchesNodeSelector(podSpec, node)) return NOWHERE
    const taints = node.spec.taints ?? []
    if (findUntolerated(taints, tolerations, ['NoExecute']) !== undefined) return NOWHERE
    return { shouldRun: findUntolerated(taints, tolerations, ['NoSchedule']) === undefined, mayStay: true }
  }
}
