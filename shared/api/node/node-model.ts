import { typeMeta } from '../meta.ts'
import { coreModel } from '../pod/core-model.ts'
import { field, object, type Static } from '../schema.ts'
import { NodeSpec } from './node-spec.ts'
import { NodeStatus } from './node-status.ts'

export const NodeSchema = object(
  coreModel('Node'),
  'A machine, or a part of one, that runs pods.',
  {
    ...typeMeta,
    spec: field(NodeSpec, 'What the node should be.', { default: {} }),
    status: field(NodeStatus, 'What the node is, as its kubelet reports it.', { default: {} }),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec', 'status'] },
)
export type Node = Static<typeof NodeSchema>
