import { findUntolerated } from '../../shared/scheduling/tolerations.ts'
import type { Filter } from '../framework.ts'

/** Taints that keep pods off; PreferNoSchedule only makes a node less liked. */
const EFFECTS = ['NoSchedule', 'NoExecute']

/** Tainted nodes take only pods that tolerate all their taints. */
export const filterTaints: Filter = {
  name: 'TaintToleration',
  reject({ pod }, { node }) {
    const taint = findUntolerated(node.spec.taints ?? [], pod.spec.tolerations ?? [], EFFECTS)
    if (taint === undefined) return undefined
    return { reasons: [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`], resolvable: false }
  },
}
