import { findUntolerated } from '../../shared/scheduling/tolerations.ts'
import type { Filter } from '../framework.ts'

/** Taints that keep pods off; PreferNoSchedule only makes a node less liked. */
const EFFECTS = ['NoSchedule', 'NoExecute']

/** Tainted nodes take only pods that tolerate all their taints. */
export const filterTaints: Filter = {
  name: 'TaintToleration',
  prepare({ pod }) {
    const tolerations = pod.spec.tolerations ?? []
    return ({ taints }) => {
      if (taints.length === 0) return undefined
      const taint = findUntolerated(taints, tolerations, EFFECTS)
      if (taint === undefined) return undefined
      return { reasons: [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`], resolvable: false }
    }
  },
  hints: { node: ['added', 'taints'] },
}
