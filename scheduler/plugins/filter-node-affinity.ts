import type { Filter, Rejection } from '../framework.ts'

const MISMATCH: Rejection = { reasons: ["node(s) didn't match Pod's node affinity/selector"], resolvable: false }

/** A pod's `nodeSelector` and required node affinity must hold. */
export const filterNodeAffinity: Filter = {
  name: 'NodeAffinity',
  // A pod whose affinity names its nodes, as a DaemonSet's does, is not for the others, whatever else may be said of them.
  only: ({ requiredNames }) => requiredNames,
  contradiction: 'pod affinity terms conflict',
  prepare({ selects }) {
    return selects && ((node) => (selects(node) ? undefined : MISMATCH))
  },
  hints: { node: ['added', 'labels'] },
}
