/** What decides where pods go: the scheduler's feature set on one screen. */
import type { Filter, Score } from './framework.ts'
import { filterHostPorts } from './plugins/filter-host-ports.ts'
import { filterNodeAffinity } from './plugins/filter-node-affinity.ts'
import { filterNodeName } from './plugins/filter-node-name.ts'
import { filterNodeUnschedulable } from './plugins/filter-node-unschedulable.ts'
import { filterRequiredNames } from './plugins/filter-required-names.ts'
import { filterResources } from './plugins/filter-resources.ts'
import { filterTaints } from './plugins/filter-taints.ts'
import { scoreLeastAllocated } from './plugins/score-least-allocated.ts'
import { scoreNodeAffinity } from './plugins/score-node-affinity.ts'
import { scoreSpreading } from './plugins/score-spreading.ts'
import { scoreTaints } from './plugins/score-taints.ts'

/** In upstream's order: the first that rejects a node gives the reason. */
export const filters: readonly Filter[] = [
  filterRequiredNames,
  filterNodeUnschedulable,
  filterNodeName,
  filterTaints,
  filterNodeAffinity,
  filterHostPorts,
  filterResources,
]

export const scores: readonly Score[] = [scoreTaints, scoreNodeAffinity, scoreLeastAllocated, scoreSpreading]
