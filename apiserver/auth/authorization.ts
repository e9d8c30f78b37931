import { type Authorizer, authorizeAuthenticated, createAuthorizer } from './authorize.ts'
import { nodeRules } from './bootstrap-policy/component-roles.ts'
import { createNodeAuthorizer, type NodeWorld } from './node/node-authorizer.ts'
import { createPolicy, type PolicySource } from './rbac/policy.ts'
import { createRbacAuthorizer } from './rbac/rbac-authorizer.ts'

export const AUTHORIZATION_MODES = ['Node,RBAC', 'RBAC', 'AlwaysAllow'] as const
export type AuthorizationMode = (typeof AUTHORIZATION_MODES)[number]

/** The authorizer of a mode, on the roles, bindings and pods of a world. */
export function createAuthorization(mode: AuthorizationMode, world: PolicySource & NodeWorld): Authorizer {
  if (mode === 'AlwaysAllow') return authorizeAuthenticated
  const rbac = createRbacAuthorizer(createPolicy(world))
  return createAuthorizer(mode === 'RBAC' ? [rbac] : [createNodeAuthorizer(world, nodeRules), rbac])
}
