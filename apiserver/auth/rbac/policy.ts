/** Who has which roles: bindings by subject, kept until a role or a binding changes. */
import type { RoleRef, Subject } from '../../../shared/api/rbac/binding-parts.ts'
import type { ClusterRole } from '../../../shared/api/rbac/cluster-role.ts'
import type { ClusterRoleBinding } from '../../../shared/api/rbac/cluster-role-binding.ts'
import type { PolicyRule } from '../../../shared/api/rbac/policy-rule.ts'
import { RBAC_GROUP } from '../../../shared/api/rbac/rbac-group.ts'
import type { Role } from '../../../shared/api/rbac/role.ts'
import type { RoleBinding } from '../../../shared/api/rbac/role-binding.ts'
import type { Identity } from '../identity.ts'
import { accountUser } from '../service-account/account-name.ts'

/** The roles and bindings there are. */
export interface PolicySource {
  /** Another number after each change of any of them. */
  version(): number
  clusterRole(name: string): Readonly<ClusterRole> | undefined
  role(namespace: string, name: string): Readonly<Role> | undefined
  clusterRoleBindings(): Iterable<Readonly<ClusterRoleBinding>>
  roleBindings(): Iterable<Readonly<RoleBinding>>
}

/** Rules that someone has, and by which binding. */
export interface Grant {
  rules: readonly PolicyRule[]
  reason: string
  /** Why the rules are not known, if they are not: a binding may be there without its role. */
  problem?: string
}

export interface Policy {
  version(): number
  /** Everything that someone has in the whole cluster and, if one is given, in a namespace. */
  grantsOf(identity: Identity, namespace: string | undefined): Grant[]
}

type Binding = Readonly<ClusterRoleBinding | RoleBinding>
interface Bound {
  binding: Binding
  subject: Subject
}
/** By namespace, `` for the whole cluster, then by subject. */
type Index = Map<string, Map<string, Bound[]>>

const userKey = (name: string) => `u ${name}`
const groupKey = (name: string) => `g ${name}`

/** An account without a namespace is one of the binding's own, `place`. */
function keyOf(place: string, { kind, name, namespace = '' }: Subject): string {
  if (kind === 'Group') return groupKey(name)
  return userKey(kind === 'ServiceAccount' ? accountUser({ namespace: namespace || place, name }) : name)
}

function indexOf(bindings: Iterable<Binding>): Index {
  const index: Index = new Map()
  for (const binding of bindings) {
    const place = binding.metadata.namespace ?? ''
    const bySubject = index.get(place) ?? new Map<string, Bound[]>()
    index.set(place, bySubject)
    for (const subject of binding.subjects ?? []) {
      const key = keyOf(place, subject)
      const bound = bySubject.get(key)
      if (bound === undefined) bySubject.set(key, [{ binding, subject }])
      else bound.push({ binding, subject })
    }
  }
  return index
}

const shownSubject = (place: string, { kind, name, namespace = '' }: Subject) =>
  `${kind} ${JSON.stringify(kind === 'ServiceAccount' ? `${name}/${namespace || place}` : name)}`

function reasonOf({ binding, subject }: Bound): string {
  const { name, namespace } = binding.metadata
  const { kind, name: role } = binding.roleRef
  const shown =
    namespace === undefined
      ? `ClusterRoleBinding ${JSON.stringify(name)}`
      : `RoleBinding ${JSON.stringify(`${name}/${namespace}`)}`
  return `RBAC: allowed by ${shown} of ${kind} ${JSON.stringify(role)} to ${shownSubject(namespace ?? '', subject)}`
}

/** The role that a binding gives; `namespace` is the binding's. */
export const roleOf = (
  source: Pick<PolicySource, 'clusterRole' | 'role'>,
  { kind, name }: RoleRef,
  namespace = '',
): Readonly<ClusterRole | Role> | undefined =>
  kind === 'ClusterRole' ? source.clusterRole(name) : source.role(namespace, name)

export function createPolicy(source: PolicySource): Policy {
  let version = -1
  let index: Index = new Map()
  const current = () => {
    const now = source.version()
    if (now !== version) {
      index = indexOf([...source.clusterRoleBindings(), ...source.roleBindings()])
      version = now
    }
    return index
  }
  const grantOf = (bound: Bound): Grant => {
    const { roleRef, metadata } = bound.binding
    const role = roleOf(source, roleRef, metadata.namespace)
    if (role !== undefined) return { rules: role.rules ?? [], reason: reasonOf(bound) }
    const { kind, name } = roleRef
    const problem = `${kind.toLowerCase()}.${RBAC_GROUP} ${JSON.stringify(name)} not found`
    return { rules: [], reason: '', problem }
  }
  return {
    version: source.version,
    grantsOf({ user, groups }, namespace) {
      const places = namespace === undefined || namespace === '' ? [''] : ['', namespace]
      const keys = [userKey(user), ...groups.map(groupKey)]
      return places
        .flatMap((place) => current().get(place) ?? [])
        .flatMap((bySubject) => keys.flatMap((key) => bySubject.get(key) ?? []))
        .map(grantOf)
    },
  }
}
