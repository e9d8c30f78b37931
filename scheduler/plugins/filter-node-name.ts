import type { Filter, Rejection } from '../framework.ts'

const OTHER: Rejection = { reasons: ["node(s) didn't match the requested node name"], resolvable: false }

/** A pod that names its node goes to no other. */
export const filterNodeName: Filter = {
  name: 'NodeName',
  prepare({ pod: { spec } }) {
    const { nodeName = '' } = spec
    return nodeName === '' ? undefined : ({ name }) => (name === nodeName ? undefined : OTHER)
  },
  hints: { node: ['added'] },
}
