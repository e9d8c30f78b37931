import { isTolerated } from '../../shared/scheduling/tolerations.ts'
import type { Filter } from '../framework.ts'

/** A cordoned node counts as if it had this taint, which the node lifecycle controller gives it as well. */
const UNSCHEDULABLE = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

/** Cordoned nodes (`kubectl cordon`) take no pods but those that tolerate it. */
export const filterNodeUnschedulable: Filter = {
  name: 'NodeUnschedulable',
  reject({ pod }, { node }) {
    if (node.spec.unschedulable !== true || isTolerated(UNSCHEDULABLE, pod.spec.tolerations ?? [])) return undefined
    return { reasons: ['node(s) were unschedulable'], resolvable: false }
  },
}
