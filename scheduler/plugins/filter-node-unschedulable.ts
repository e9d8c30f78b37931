import { isTolerated } from '../../shared/scheduling/tolerations.ts'
import type { Filter, Rejection } from '../framework.ts'

/** A cordoned node counts as if it had this taint, which the node lifecycle controller gives it as well. */
const UNSCHEDULABLE = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

const CORDONED: Rejection = { reasons: ['node(s) were unschedulable'], resolvable: false }

/** Cordoned nodes (`kubectl cordon`) take no pods but those that tolerate it. */
export const filterNodeUnschedulable: Filter = {
  name: 'NodeUnschedulable',
  prepare({ pod }) {
    if (isTolerated(UNSCHEDULABLE, pod.spec.tolerations ?? [])) return undefined
    return ({ isUnschedulable }) => (isUnschedulable ? CORDONED : undefined)
  },
  hints: { node: ['added', 'unschedulable'] },
}
