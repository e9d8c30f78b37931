/**
 * Nobody gives away what they do not have: whoever writes a role must have its rules, and whoever writes a binding those
 * of the role that it gives. The verbs `escalate` and `bind` on the role lift that.
 */
import type { KubeObject } from '../../shared/api/kind.ts'
import type { RoleRef } from '../../shared/api/rbac/binding-parts.ts'
import type { ClusterRole } from '../../shared/api/rbac/cluster-role.ts'
import type { PolicyRule } from '../../shared/api/rbac/policy-rule.ts'
import { RBAC_GROUP } from '../../shared/api/rbac/rbac-group.ts'
import { notFound } from '../../shared/errors.ts'
import { compact, describeRule, quotedList, uncovered } from '../../shared/rbac/covers.ts'
import { isAdministrator } from '../auth/authorize.ts'
import { roleOf } from '../auth/rbac/policy.ts'
import { type AdmissionPlugin, type AdmissionRequest, type AdmissionWorld, refuse } from './admission.ts'

const PLURALS: Readonly<Record<string, string>> = { Role: 'roles', ClusterRole: 'clusterroles' }

function isPermitted(
  { identity, namespace }: AdmissionRequest,
  { authorizer }: AdmissionWorld,
  { verb, plural, name }: { verb: string; plural: string; name: string },
): boolean {
  const place = namespace === undefined ? {} : { namespace }
  return authorizer.authorize({ identity, verb, path: '', resource: { group: RBAC_GROUP, plural, name, ...place } })
    .allowed
}

function checkRules(request: AdmissionRequest, world: AdmissionWorld, rules: readonly PolicyRule[]): void {
  const { identity, namespace = '' } = request
  const { rules: owned, problem } = world.authorizer.rulesOf(identity, namespace)
  const missing = compact(uncovered(owned, rules)).map(describeRule)
  if (missing.length === 0) return
  const { user, groups } = identity
  const trouble = problem === undefined ? '' : `; resolution errors: [${problem}]`
  throw refuse(
    request,
    `user ${JSON.stringify(user)} (groups=${quotedList(groups)}) is attempting to grant RBAC permissions not currently held:\n${missing.sort().join('\n')}${trouble}`,
  )
}

/** What is given away; undefined where the write changes nothing of it. */
const contentOf = (object: KubeObject | undefined) => {
  const { rules, aggregationRule, roleRef, subjects } = (object ?? {}) as Partial<ClusterRole> & Record<string, unknown>
  return JSON.stringify([rules, aggregationRule, roleRef, subjects])
}

function checkRole(request: AdmissionRequest, world: AdmissionWorld): void {
  const { kind, name } = request
  if (isPermitted(request, world, { verb: 'escalate', plural: kind.plural, name })) return
  const { rules = [], aggregationRule } = request.object as ClusterRole
  checkRules(request, world, rules)
  if (aggregationRule !== undefined && uncovered(world.authorizer.rulesOf(request.identity, '').rules, ALL).length > 0)
    throw refuse(request, 'must have cluster-admin privileges to use the aggregationRule')
}

const ALL: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

function checkBinding(request: AdmissionRequest, world: AdmissionWorld): void {
  const { roleRef } = request.object as unknown as { roleRef: RoleRef }
  const { kind = '', name = '' } = roleRef
  const plural = PLURALS[kind]
  // A kind or name that is none is refused by validation.
  if (plural === undefined || name === '') return
  if (isPermitted(request, world, { verb: 'bind', plural, name })) return
  const role = roleOf(world, roleRef, request.namespace)
  if (role === undefined) throw notFound({ group: RBAC_GROUP, resource: plural, name })
  checkRules(request, world, role.rules ?? [])
}

export const roleEscalation: AdmissionPlugin = {
  name: 'RoleEscalation',
  admit(request, world) {
    const { kind, operation, identity, subresource } = request
    if (kind.group !== RBAC_GROUP || operation === 'delete' || subresource !== undefined) return
    if (isAdministrator(identity) || contentOf(request.object) === contentOf(request.old)) return
    if (kind.kind === 'Role' || kind.kind === 'ClusterRole') checkRole(request, world)
    else checkBinding(request, world)
  },
}
