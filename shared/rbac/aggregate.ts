/** Roles that are made of others. Pure. */
import type { ClusterRole } from '../api/rbac/cluster-role.ts'
import type { PolicyRule } from '../api/rbac/policy-rule.ts'
import { matchesSelector, selectorFromLabelSelector } from '../labels.ts'

const byName = (a: ClusterRole, b: ClusterRole) => (a.metadata.name < b.metadata.name ? -1 : 1)

/** Whether two lists of rules are the same in every word. */
export const sameRules = (a: readonly PolicyRule[] | undefined, b: readonly PolicyRule[] | undefined): boolean =>
  JSON.stringify(a ?? []) === JSON.stringify(b ?? [])

/** The rules of a role that is made of others, in the order of the others' names, each once; undefined for any other role. */
export function aggregatedRules(role: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] | undefined {
  if (role.aggregationRule === undefined) return undefined
  const rules = new Map<string, PolicyRule>()
  for (const labelSelector of role.aggregationRule.clusterRoleSelectors ?? []) {
    const selector = selectorFromLabelSelector(labelSelector)
    const others = all.filter((other) => other.metadata.name !== role.metadata.name)
    for (const { metadata, rules: added = [] } of others.toSorted(byName))
      if (matchesSelector(selector, metadata.labels)) for (const rule of added) rules.set(JSON.stringify(rule), rule)
  }
  return [...rules.values()]
}
