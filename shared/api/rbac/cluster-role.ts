import { at, type FieldError, required } from '../../field-errors.ts'
import { createdAtColumn, nameColumn } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { LabelSelector, typeMeta } from '../meta.ts'
import { field, list, object, type Static } from '../schema.ts'
import { validateLabelSelector } from '../validate-label-selector.ts'
import { PolicyRule, validatePolicyRule } from './policy-rule.ts'
import { rbacKind, rbacModel } from './rbac-group.ts'

const AggregationRule = object(rbacModel('AggregationRule'), 'Of which other roles a role is made.', {
  clusterRoleSelectors: list(LabelSelector, 'Roles that one of these selects add their rules.', { type: 'atomic' }),
})

const schema = object(
  rbacModel('ClusterRole'),
  'What may be done by those to whom a binding gives the role: everywhere, or in the binding’s namespace.',
  {
    ...typeMeta,
    rules: list(PolicyRule, 'What is allowed.', { type: 'atomic' }),
    aggregationRule: field(AggregationRule, 'Of which other roles the rules are made; then they cannot be written.'),
  },
  { required: ['apiVersion', 'kind', 'metadata'] },
)
export type ClusterRole = Static<typeof schema>

function validateAggregation({ aggregationRule }: ClusterRole): FieldError[] {
  if (aggregationRule === undefined) return []
  const { clusterRoleSelectors: selectors = [] } = aggregationRule
  const path = 'aggregationRule.clusterRoleSelectors'
  if (selectors.length === 0)
    return [required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil')]
  return selectors.flatMap((selector, index) => validateLabelSelector(selector, at(path, index)))
}

export const clusterRole: Kind<ClusterRole> = {
  ...rbacKind,
  kind: 'ClusterRole',
  plural: 'clusterroles',
  singular: 'clusterrole',
  namespaced: false,
  schema,
  validate: (object) => [
    ...(object.rules ?? []).flatMap((rule, index) =>
      validatePolicyRule(rule, at('rules', index), { namespaced: false }),
    ),
    ...validateAggregation(object),
  ],
  columns: [nameColumn, createdAtColumn],
}
