import type { Kind } from '../kind.ts'
import { object, type Static } from '../schema.ts'
import { bindingColumns, bindingFields, validateBinding, validateBindingUpdate } from './binding-parts.ts'
import { rbacKind, rbacModel } from './rbac-group.ts'

const schema = object(rbacModel('RoleBinding'), 'Gives a role to someone, in one namespace.', bindingFields, {
  required: ['apiVersion', 'kind', 'metadata', 'roleRef'],
})
export type RoleBinding = Static<typeof schema>

export const roleBinding: Kind<RoleBinding> = {
  ...rbacKind,
  kind: 'RoleBinding',
  plural: 'rolebindings',
  singular: 'rolebinding',
  namespaced: true,
  schema,
  validate: (binding) => validateBinding(binding, { roleKinds: ['ClusterRole', 'Role'], isNamespaced: true }),
  validateUpdate: validateBindingUpdate,
  columns: bindingColumns,
}
