/** Brings a DaemonSet's pods to its nodes, and from one template to the next. Pure. */
import type { ControllerRevision } from '../../shared/api/controller-revision.ts'
import type { DaemonSet } from '../../shared/api/daemon-set.ts'
import type { Node } from '../../shared/api/node/node.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { planClaims } from '../../shared/controller/controller-refs.ts'
import type { Plan } from '../../shared/controller/plan.ts'
import { matchesSelector, selectorFromLabelSelector } from '../../shared/labels.ts'
import { availableFromMs } from '../replicas/pod-state.ts'
import { type Changes, manageNodes } from './manage.ts'
import { type Placement, placementOf } from './placement.ts'
import { type PodsByNode, podsByNode } from './pods-by-node.ts'
import { planRevisions, type RevisionAction, surplusRevisions } from './revisions.ts'
import { type RolloutStep, stepRollout } from './rolling-update.ts'

/** Pods created, and pods deleted, in one go; the next go follows when the cache shows these. */
const BURST_MAX = 250

export type DaemonSetAction =
  | RevisionAction
  | { do: 'adoptPods'; pods: readonly Pod[] }
  | { do: 'releasePods'; pods: readonly Pod[] }
  /** Tells of pods that have ended, and deletes them so that others take their place. */
  | { do: 'replacePods'; pods: readonly { pod: Pod; nodeName: string }[] }
  | { do: 'deletePods'; pods: readonly Pod[] }
  /** One pod of the current template for each of these nodes. */
  | { do: 'createPods'; nodeNames: readonly string[]; hash: string }

export interface DaemonSetWorld {
  nodes: readonly Node[]
  /** The DaemonSet's pods and revisions, and those in its namespace that have no controller. */
  pods: readonly Pod[]
  revisions: readonly ControllerRevision[]
  /** Whether the pods show everything that was done for this DaemonSet before. */
  isCacheFresh: boolean
  /** How long a failed pod on this node must be left before it may be replaced. */
  failedBackOffMs(nodeName: string): number
  nowMs: number
}

export interface DaemonSetPlan extends Plan<DaemonSetAction> {
  /** What the status is about. */
  hash: string
  byNode: PodsByNode
  placementOn(node: Node): Placement
}

function minDefined(values: readonly (number | undefined)[]): number | undefined {
  const defined = values.filter((value) => value !== undefined)
  return defined.length === 0 ? undefined : Math.min(...defined)
}

/** How long until the next ready pod counts as available: no event tells of it. */
function untilAvailableMs({ spec }: DaemonSet, pods: readonly Pod[], nowMs: number): number | undefined {
  const waits = pods.map((pod) => (availableFromMs(pod, spec.minReadySeconds ?? 0) ?? 0) - nowMs)
  return minDefined(waits.filter((waitMs) => waitMs > 0))
}

const isNothing = (changes: Changes) => changes.create.length + changes.delete.length + changes.replace.length === 0

function actionsFor({ create, delete: surplus, replace }: Changes, hash: string): DaemonSetAction[] {
  const actions: DaemonSetAction[] = []
  if (replace.length > 0) actions.push({ do: 'replacePods', pods: replace.slice(0, BURST_MAX) })
  if (surplus.length > 0) actions.push({ do: 'deletePods', pods: surplus.slice(0, BURST_MAX) })
  if (create.length > 0) actions.push({ do: 'createPods', nodeNames: create.slice(0, BURST_MAX), hash })
  return actions
}

const withStep = (changes: Changes, { create, delete: old }: RolloutStep): Changes => ({
  ...changes,
  create,
  delete: old,
})

/**
 * One step towards one pod on each node that should have one. On a stale cache pods are claimed, but none is created
 * or deleted; the rollout of a new template goes on when every node has its pod.
 */
export function reconcileDaemonSet(daemonSet: DaemonSet, world: DaemonSetWorld): DaemonSetPlan {
  const { spec, metadata } = daemonSet
  const { nodes, nowMs } = world
  const selector = selectorFromLabelSelector(spec.selector)
  const claims = planClaims(daemonSet, world.pods, (pod) => matchesSelector(selector, pod.metadata.labels))
  const actions: DaemonSetAction[] = []
  if (claims.adopt.length > 0) actions.push({ do: 'adoptPods', pods: claims.adopt })
  if (claims.release.length > 0) actions.push({ do: 'releasePods', pods: claims.release })

  const byNode = podsByNode(claims.owned)
  const placementOn = placementOf(daemonSet)
  const { hash, before, old } = planRevisions(daemonSet, world.revisions, claims.owned)
  const seen = { hash, byNode, placementOn }
  if (metadata.deletionTimestamp !== undefined) return { actions: [], ...seen }
  actions.push(...before)

  const part = { ...seen, nodes, nowMs }
  let changes: Changes = { create: [], delete: [], replace: [] }
  // Pods that are given another label look like old ones until the cache shows it.
  const isSettled = world.isCacheFresh && !before.some((action) => action.do === 'relabelPods')
  if (isSettled) {
    changes = manageNodes(daemonSet, { ...part, failedBackOffMs: world.failedBackOffMs })
    if (isNothing(changes) && spec.updateStrategy.type === 'RollingUpdate')
      changes = withStep(changes, stepRollout(daemonSet, part))
    actions.push(...actionsFor(changes, hash))
    const surplus = surplusRevisions(daemonSet, old, claims.owned)
    if (surplus.length > 0) actions.push({ do: 'deleteRevisions', revisions: surplus })
  }
  const requeueAfterMs = minDefined([changes.waitMs, untilAvailableMs(daemonSet, claims.owned, nowMs)])
  return { actions, ...seen, ...(requeueAfterMs !== undefined && { requeueAfterMs }) }
}
