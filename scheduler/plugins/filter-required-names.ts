import type { Filter } from '../framework.ts'

/**
 * A pod whose required affinity names its nodes, as a DaemonSet's does, is not for the others, whatever else may be said
 * of them (upstream's PreFilter of NodeAffinity).
 */
export const filterRequiredNames: Filter = {
  name: 'NodeAffinity',
  reject({ requiredNames }, { name }) {
    if (requiredNames === undefined || requiredNames.has(name)) return undefined
    return { reasons: ["node(s) didn't satisfy plugin(s) [NodeAffinity]"], resolvable: false }
  },
}
