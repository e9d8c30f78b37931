import { matchesNodeSelector } from '../../shared/scheduling/node-selector.ts'
import type { Filter } from '../framework.ts'

/** A pod's `nodeSelector` and required node affinity must hold. */
export const filterNodeAffinity: Filter = {
  name: 'NodeAffinity',
  reject({ pod }, { node }) {
    if (matchesNodeSelector(pod.spec, node)) return undefined
    return { reasons: ["node(s) didn't match Pod's node affinity/selector"], resolvable: false }
  },
}
