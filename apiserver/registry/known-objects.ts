/** What authorization and admission look up beside the request, in the caches of the kinds. */
import type { Kind, KubeObject } from '../../shared/api/kind.ts'
import { type LimitRange, limitRange as limitRangeKind } from '../../shared/api/limit-range.ts'
import { type Namespace, namespace as namespaceKind } from '../../shared/api/namespace.ts'
import { type Node, node as nodeKind } from '../../shared/api/node/node.ts'
import { type Pod, pod as podKind } from '../../shared/api/pod/pod.ts'
import { type PriorityClass, priorityClass as priorityClassKind } from '../../shared/api/priority-class.ts'
import { type ClusterRole, clusterRole as clusterRoleKind } from '../../shared/api/rbac/cluster-role.ts'
import {
  type ClusterRoleBinding,
  clusterRoleBinding as clusterRoleBindingKind,
} from '../../shared/api/rbac/cluster-role-binding.ts'
import { type Role, role as roleKind } from '../../shared/api/rbac/role.ts'
import { type RoleBinding, roleBinding as roleBindingKind } from '../../shared/api/rbac/role-binding.ts'
import { type Secret, secret as secretKind } from '../../shared/api/secret.ts'
import { type ServiceAccount, serviceAccount as serviceAccountKind } from '../../shared/api/service-account.ts'
import type { NodeWorld } from '../auth/node/node-authorizer.ts'
import type { PolicySource } from '../auth/rbac/policy.ts'
import type { Caches } from '../cache/caches.ts'

export interface KnownObjects extends PolicySource, NodeWorld {
  namespace(name: string): Readonly<Namespace> | undefined
  priorityClass(name: string): Readonly<PriorityClass> | undefined
  priorityClasses(): Readonly<PriorityClass>[]
  limitRanges(namespace: string): Readonly<LimitRange>[]
  serviceAccount(namespace: string, name: string): Readonly<ServiceAccount> | undefined
  secret(namespace: string, name: string): Readonly<Secret> | undefined
  node(name: string): Readonly<Node> | undefined
}

export function createKnownObjects(caches: Pick<Caches, 'cacheOf'>): KnownObjects {
  const of = <Object extends KubeObject>(kind: Kind<Object>) => {
    const cache = caches.cacheOf(kind as unknown as Kind)
    return {
      cache,
      get: (key: string) => cache.get(key)?.object as Readonly<Object> | undefined,
      list: (selection: Parameters<typeof cache.list>[0] = {}) =>
        cache.list(selection).map(({ object }) => object as Readonly<Object>),
    }
  }
  const namespaces = of(namespaceKind)
  const classes = of<PriorityClass>(priorityClassKind)
  const pods = of<Pod>(podKind)
  const limitRanges = of<LimitRange>(limitRangeKind)
  const accounts = of<ServiceAccount>(serviceAccountKind)
  const secrets = of<Secret>(secretKind)
  const nodes = of<Node>(nodeKind)
  const clusterRoles = of<ClusterRole>(clusterRoleKind)
  const clusterRoleBindings = of<ClusterRoleBinding>(clusterRoleBindingKind)
  const roles = of<Role>(roleKind)
  const roleBindings = of<RoleBinding>(roleBindingKind)
  const policy = [clusterRoles, clusterRoleBindings, roles, roleBindings]
  return {
    namespace: namespaces.get,
    priorityClass: classes.get,
    priorityClasses: () => classes.list(),
    limitRanges: (namespace) => limitRanges.list({ namespace }),
    serviceAccount: (namespace, name) => accounts.get(`${namespace}/${name}`),
    secret: (namespace, name) => secrets.get(`${namespace}/${name}`),
    node: nodes.get,
    pod: (namespace, name) => pods.get(`${namespace}/${name}`),
    podsOf: (node) => pods.list({ index: { field: 'spec.nodeName', value: node } }),
    version: () => policy.reduce((sum, { cache }) => sum + cache.changes, 0),
    clusterRole: clusterRoles.get,
    role: (namespace, name) => roles.get(`${namespace}/${name}`),
    clusterRoleBindings: () => clusterRoleBindings.list(),
    roleBindings: () => roleBindings.list(),
  }
}
