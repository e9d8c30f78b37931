/** What decides where pods go: the scheduler's feature set on one screen, in upstream's framework. */
import type { Filter, PostFilter, Score } from './framework.ts'
import { filterHostPorts } from './plugins/filter-host-ports.ts'
import { filterNodeAffinity } from './plugins/filter-node-affinity.ts'
import { filterNodeName } from './plugins/filter-node-name.ts'
import { filterNodeUnschedulable } from './plugins/filter-node-unschedulable.ts'
import { filterPodAffinity } from './plugins/filter-pod-affinity.ts'
import { filterResources } from './plugins/filter-resources.ts'
import { filterSpreading } from './plugins/filter-spreading.ts'
import { filterTaints } from './plugins/filter-taints.ts'
import { postFilterPreemption } from './plugins/post-filter-preemption.ts'
import { scoreBalancedAllocation } from './plugins/score-balanced-allocation.ts'
import { scoreImageLocality } from './plugins/score-image-locality.ts'
import { scoreLeastAllocated } from './plugins/score-least-allocated.ts'
import { scoreNodeAffinity } from './plugins/score-node-affinity.ts'
import { scorePodAffinity } from './plugins/score-pod-affinity.ts'
import { scoreSpreading } from './plugins/score-spreading.ts'
import { scoreTaints } from './plugins/score-taints.ts'

// Before the cycle: pods with scheduling gates do not come to the queue (PreEnqueue, `pod-info.ts`), and the queue is in
// order of priority, then of arrival (QueueSort, `queue.ts`).

/** In upstream's order: the first that rejects a node gives the reason. */
export const filters: readonly Filter[] = [
  filterNodeUnschedulable,
  filterNodeName,
  filterTaints,
  filterNodeAffinity,
  filterHostPorts,
  filterResources,
  filterSpreading,
  filterPodAffinity,
]

/** What is done about a pod that no node will do for. */
export const postFilter: PostFilter = postFilterPreemption

export const scores: readonly Score[] = [
  scoreTaints,
  scoreNodeAffinity,
  scoreLeastAllocated,
  scoreSpreading,
  scorePodAffinity,
  scoreBalancedAllocation,
  scoreImageLocality,
]

// After the cycle: the pod counts on its node (Reserve: `assume` and `forget` in `state/cluster-state.ts`), and is bound
// to it (Bind, `binder.ts`).
