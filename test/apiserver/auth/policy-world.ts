/** A cluster's roles and bindings as they are from the start, with more of a test's own, for authorizers without a server. */
import { createAuthorization } from '../../../apiserver/auth/authorization.ts'
import type { Authorizer } from '../../../apiserver/auth/authorize.ts'
import { bootstrapBindings, bootstrapRoles } from '../../../apiserver/auth/bootstrap-policy/bootstrap-policy.ts'
import { bindingDraft, roleDrafts } from '../../../apiserver/auth/bootstrap-policy/reconcile-policy.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import type { ClusterRole } from '../../../shared/api/rbac/cluster-role.ts'
import type { ClusterRoleBinding } from '../../../shared/api/rbac/cluster-role-binding.ts'
import type { PolicyRule } from '../../../shared/api/rbac/policy-rule.ts'

/** `role` is a ClusterRole, or a Role where rules are given. */
export interface Given {
  to: { kind: 'User' | 'Group' | 'ServiceAccount'; name: string; namespace?: string }
  role: string
  rules?: PolicyRule[]
  /** Absent: everywhere. */
  namespace?: string
}

export function authorizerOf(given: readonly Given[], pods: readonly Pod[] = []): Authorizer {
  const roles = [
    ...roleDrafts(bootstrapRoles),
    ...given.flatMap(({ role, rules, namespace }) =>
      rules === undefined ? [] : [{ metadata: { name: role, ...(namespace !== undefined && { namespace }) }, rules }],
    ),
  ] as ClusterRole[]
  const bindings = [
    ...bootstrapBindings.map(bindingDraft),
    ...given.map(({ to, role, rules, namespace }, index) => ({
      metadata: { name: `given-${index}`, ...(namespace !== undefined && { namespace }) },
      roleRef: { kind: rules === undefined ? 'ClusterRole' : 'Role', name: role, apiGroup: '' },
      subjects: [to],
    })),
  ] as ClusterRoleBinding[]
  const isIn = (namespace: string | undefined) => (object: ClusterRole | ClusterRoleBinding) =>
    object.metadata.namespace === namespace
  const find = (namespace: string | undefined, name: string) =>
    roles.filter(isIn(namespace)).find(({ metadata }) => metadata.name === name)
  return createAuthorization('Node,RBAC', {
    version: () => 1,
    clusterRole: (name) => find(undefined, name),
    role: (namespace, name) => find(namespace, name),
    clusterRoleBindings: () => bindings.filter(isIn(undefined)),
    roleBindings: () => bindings.filter(({ metadata }) => metadata.namespace !== undefined),
    podsOf: (node) => pods.filter(({ spec }) => spec.nodeName === node),
    pod: (namespace, name) => pods.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
  })
}
