import { deleteOptions } from './delete-options.ts'
import type { BodyKind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { field, object, type Static } from './schema.ts'

const schema = object(
  'io.k8s.api.policy.v1.Eviction',
  'Asks for a pod to leave its node, as far as disruption budgets allow: the body of the pod’s `eviction` subresource.',
  { ...typeMeta, deleteOptions: field(deleteOptions.schema, 'How the pod is to be deleted.') },
  { required: ['apiVersion', 'kind', 'metadata'] },
)
export type Eviction = Static<typeof schema>

/** The deletion that an eviction ends in checks its options itself. */
export const eviction: BodyKind<Eviction> = {
  group: 'policy',
  version: 'v1',
  kind: 'Eviction',
  // Clients of older versions send `policy/v1beta1`, which means the same.
  anyApiVersion: true,
  schema,
  validate: () => [],
}
