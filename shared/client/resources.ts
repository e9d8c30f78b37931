/**
 * How clients address the built-in resources, with their object types but without their schemas: importing this file
 * costs a component nothing at start.
 */
import type { ConfigMap } from '../api/config-map.ts'
import type { Event } from '../api/event.ts'
import type { Lease } from '../api/lease.ts'
import type { Namespace } from '../api/namespace.ts'
import type { Node } from '../api/node/node.ts'
import type { Pod } from '../api/pod/pod.ts'
import type { PodDisruptionBudget } from '../api/pod-disruption-budget.ts'
import type { ReplicaSet } from '../api/replica-set.ts'
import type { ReplicationController } from '../api/replication-controller.ts'
import type { Secret } from '../api/secret.ts'
import type { ServiceAccount } from '../api/service-account.ts'
import type { Resource } from './resource.ts'

const core = { group: '', version: 'v1', namespaced: true } as const
const apps = { group: 'apps', version: 'v1', namespaced: true } as const

export const pods: Resource<Pod> = { ...core, kind: 'Pod', plural: 'pods' }
export const nodes: Resource<Node> = { ...core, kind: 'Node', plural: 'nodes', namespaced: false }
export const namespaces: Resource<Namespace> = { ...core, kind: 'Namespace', plural: 'namespaces', namespaced: false }
export const replicationControllers: Resource<ReplicationController> = {
  ...core,
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
}
export const replicaSets: Resource<ReplicaSet> = { ...apps, kind: 'ReplicaSet', plural: 'replicasets' }
export const events: Resource<Event> = { ...core, kind: 'Event', plural: 'events' }
export const configMaps: Resource<ConfigMap> = { ...core, kind: 'ConfigMap', plural: 'configmaps' }
export const secrets: Resource<Secret> = { ...core, kind: 'Secret', plural: 'secrets' }
export const serviceAccounts: Resource<ServiceAccount> = { ...core, kind: 'ServiceAccount', plural: 'serviceaccounts' }
export const leases: Resource<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
}
export const podDisruptionBudgets: Resource<PodDisruptionBudget> = {
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  namespaced: true,
}
