import { at } from '../../field-errors.ts'
import { createdAtColumn, nameColumn } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { typeMeta } from '../meta.ts'
import { list, object, type Static } from '../schema.ts'
import { PolicyRule, validatePolicyRule } from './policy-rule.ts'
import { rbacKind, rbacModel } from './rbac-group.ts'

const schema = object(
  rbacModel('Role'),
  'What may be done in one namespace by those to whom a binding gives the role.',
  { ...typeMeta, rules: list(PolicyRule, 'What is allowed.', { type: 'atomic' }) },
  { required: ['apiVersion', 'kind', 'metadata'] },
)
export type Role = Static<typeof schema>

export const role: Kind<Role> = {
  ...rbacKind,
  kind: 'Role',
  plural: 'roles',
  singular: 'role',
  namespaced: true,
  schema,
  validate: ({ rules = [] }) =>
    rules.flatMap((rule, index) => validatePolicyRule(rule, at('rules', index), { namespaced: true })),
  columns: [nameColumn, createdAtColumn],
}
