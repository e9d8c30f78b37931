/** What a DaemonSet reports of its nodes. Pure. */
import type { DaemonSet, DaemonSetStatus } from '../../shared/api/daemon-set.ts'
import type { Node } from '../../shared/api/node/node.ts'
import { availableFromMs, isReady } from '../replicas/pod-state.ts'
import type { Placement } from './placement.ts'
import { isUpdated, olderFirst, type PodsByNode } from './pods-by-node.ts'

export interface StatusWorld {
  nodes: readonly Node[]
  byNode: PodsByNode
  placementOn(node: Node): Placement
  hash: string
  /** Whether all that was planned was done: then the generation counts as observed. */
  isObserved: boolean
  nowMs: number
}

type Counts = Required<Omit<DaemonSetStatus, 'conditions' | 'collisionCount'>>

/** These are always there, the others only where they are not 0. */
const ALWAYS = ['currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady']

/** The counts that the status should have. Of several pods on a node the oldest is the one that counts. */
export function daemonSetStatus({ metadata, spec, status }: DaemonSet, world: StatusWorld): Counts {
  const { nodes, byNode, placementOn, hash, isObserved, nowMs } = world
  const counts = {
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
    observedGeneration: (isObserved ? metadata.generation : status.observedGeneration) ?? 0,
    updatedNumberScheduled: 0,
    numberAvailable: 0,
    numberUnavailable: 0,
  }
  for (const node of nodes) {
    const [pod] = olderFirst(byNode.get(node.metadata.name) ?? [])
    if (!placementOn(node).shouldRun) {
      if (pod !== undefined) counts.numberMisscheduled++
      continue
    }
    counts.desiredNumberScheduled++
    if (pod === undefined) continue
    counts.currentNumberScheduled++
    if (isReady(pod)) counts.numberReady++
    const availableMs = availableFromMs(pod, spec.minReadySeconds ?? 0) ?? Number.POSITIVE_INFINITY
    if (availableMs <= nowMs) counts.numberAvailable++
    if (isUpdated(pod, hash)) counts.updatedNumberScheduled++
  }
  counts.numberUnavailable = counts.desiredNumberScheduled - counts.numberAvailable
  return counts
}

/** The merge patch that turns the DaemonSet's status into `wanted`; undefined where nothing differs. */
export function statusPatch({ status }: DaemonSet, wanted: Counts): Record<string, unknown> | undefined {
  const changes: Record<string, unknown> = {}
  for (const [field, count] of Object.entries(wanted)) {
    const isAlways = ALWAYS.includes(field)
    const current = status[field as keyof Counts]
    if ((isAlways ? current : (current ?? 0)) === count) continue
    changes[field] = count === 0 && !isAlways ? null : count
  }
  return Object.keys(changes).length === 0 ? undefined : { status: changes }
}
