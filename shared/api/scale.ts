import { type FieldError, invalid } from '../field-errors.ts'
import type { BodyKind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { field, int32, object, type Static, text } from './schema.ts'

const ScaleSpec = object('io.k8s.api.autoscaling.v1.ScaleSpec', 'How large something should be.', {
  replicas: int32('Number of replicas that there should be. Default: 0.'),
})

const ScaleStatus = object(
  'io.k8s.api.autoscaling.v1.ScaleStatus',
  'How large something is.',
  {
    replicas: int32('Number of replicas that there are.'),
    selector: text('Label selector of the replicas, in the form that list requests take.'),
  },
  { required: ['replicas'] },
)

const schema = object(
  'io.k8s.api.autoscaling.v1.Scale',
  'The size of something that has replicas: its `scale` subresource, the same for every kind.',
  {
    ...typeMeta,
    spec: field(ScaleSpec, 'How large it should be.', { default: {} }),
    status: field(ScaleStatus, 'How large it is.'),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec'] },
)
export type Scale = Static<typeof schema>

function validate({ spec: { replicas = 0 } }: Scale): FieldError[] {
  return replicas < 0 ? [invalid('spec.replicas', replicas, 'must be greater than or equal to 0')] : []
}

export const scale: BodyKind<Scale> = { group: 'autoscaling', version: 'v1', kind: 'Scale', schema, validate }
