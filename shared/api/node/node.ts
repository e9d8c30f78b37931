import type { Kind } from '../kind.ts'
import { nodeColumns } from './node-columns.ts'
import { type Node, NodeSchema } from './node-model.ts'
import type { NodeSpec } from './node-spec.ts'
import { validateNode, validateNodeStatusUpdate, validateNodeUpdate } from './validate-node.ts'

export type { Node } from './node-model.ts'
export type { NodeSpec, Taint } from './node-spec.ts'
export type { NodeAddress, NodeCondition, NodeStatus, NodeSystemInfo } from './node-status.ts'

/** Old clients know one address range only, new ones a list; where they disagree, upstream follows the old field. */
function alignPodCidrs(spec: NodeSpec): void {
  const { podCIDR = '', podCIDRs = [] } = spec
  if (podCIDR === '') {
    if (podCIDRs[0] !== undefined) spec.podCIDR = podCIDRs[0]
  } else if (podCIDRs[0] !== podCIDR) spec.podCIDRs = [podCIDR]
}

export const node: Kind<Node> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  schema: NodeSchema,
  hasStatus: true,
  hasGeneration: false,
  defaults: ({ spec, status }) => {
    alignPodCidrs(spec)
    if (status.allocatable === undefined && status.capacity !== undefined) status.allocatable = { ...status.capacity }
  },
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  validateStatusUpdate: validateNodeStatusUpdate,
  columns: nodeColumns,
  selectableFields: { 'spec.unschedulable': ({ spec }) => String(spec.unschedulable ?? false) },
}
