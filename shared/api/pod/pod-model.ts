import { typeMeta } from '../meta.ts'
import { field, object, type Static } from '../schema.ts'
import { coreModel } from './core-model.ts'
import { PodSpec } from './pod-spec.ts'
import { PodStatus } from './pod-status.ts'

export const Pod = object(
  coreModel('Pod'),
  'A group of containers that run together on one node.',
  {
    ...typeMeta,
    spec: field(PodSpec, 'What is to run; most of it cannot be changed.', { default: {} }),
    status: field(PodStatus, 'The state, as the kubelet last reported it.', { default: {} }),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec', 'status'] },
)
export type Pod = Static<typeof Pod>
