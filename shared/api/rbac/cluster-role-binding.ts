import type { Kind } from '../kind.ts'
import { object, type Static } from '../schema.ts'
import { bindingColumns, bindingFields, validateBinding, validateBindingUpdate } from './binding-parts.ts'
import { rbacKind, rbacModel } from './rbac-group.ts'

const schema = object(
  rbacModel('ClusterRoleBinding'),
  'Gives a role to someone, in the whole cluster.',
  bindingFields,
  {
    required: ['apiVersion', 'kind', 'metadata', 'roleRef'],
  },
)
export type ClusterRoleBinding = Static<typeof schema>

export const clusterRoleBinding: Kind<ClusterRoleBinding> = {
  ...rbacKind,
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  singular: 'clusterrolebinding',
  namespaced: false,
  schema,
  validate: (binding) => validateBinding(binding, { roleKinds: ['ClusterRole'], isNamespaced: false }),
  validateUpdate: validateBindingUpdate,
  columns: bindingColumns,
}
