import type { Filter } from '../framework.ts'

/** A pod that names its node goes to no other. */
export const filterNodeName: Filter = {
  name: 'NodeName',
  reject({ pod: { spec } }, { name }) {
    if (spec.nodeName === undefined || spec.nodeName === '' || spec.nodeName === name) return undefined
    return { reasons: ["node(s) didn't match the requested node name"], resolvable: false }
  },
}
