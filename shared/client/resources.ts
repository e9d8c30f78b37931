/**
 * How clients address the built-in resources, with their object types but without their schemas: importing this file
 * costs a component nothing at start.
 */
import type { CertificateSigningRequest } from '../api/certificate-signing-request.ts'
import type { ConfigMap } from '../api/config-map.ts'
import type { ControllerRevision } from '../api/controller-revision.ts'
import type { CronJob } from '../api/cron-job.ts'
import type { DaemonSet } from '../api/daemon-set.ts'
import type { Deployment } from '../api/deployment.ts'
import type { EndpointSlice } from '../api/endpoint-slice.ts'
import type { Endpoints } from '../api/endpoints.ts'
import type { Event } from '../api/event.ts'
import type { Job } from '../api/job/job.ts'
import type { Lease } from '../api/lease.ts'
import type { LimitRange } from '../api/limit-range.ts'
import type { Namespace } from '../api/namespace.ts'
import type { Node } from '../api/node/node.ts'
import type { Pod } from '../api/pod/pod.ts'
import type { PodDisruptionBudget } from '../api/pod-disruption-budget.ts'
import type { PodTemplate } from '../api/pod-template-kind.ts'
import type { PriorityClass } from '../api/priority-class.ts'
import type { ClusterRole } from '../api/rbac/cluster-role.ts'
import type { ClusterRoleBinding } from '../api/rbac/cluster-role-binding.ts'
import type { Role } from '../api/rbac/role.ts'
import type { RoleBinding } from '../api/rbac/role-binding.ts'
import type { ReplicaSet } from '../api/replica-set.ts'
import type { ReplicationController } from '../api/replication-controller.ts'
import type { ResourceQuota } from '../api/resource-quota.ts'
import type { Secret } from '../api/secret.ts'
import type { Service } from '../api/service/service.ts'
import type { ServiceAccount } from '../api/service-account.ts'
import type { StatefulSet } from '../api/stateful-set.ts'
import type { Resource } from './resource.ts'

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const
const core = { group: '', version: 'v1', namespaced: true } as const
const batch = { group: 'batch', version: 'v1', namespaced: true } as const
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
export const deployments: Resource<Deployment> = { ...apps, kind: 'Deployment', plural: 'deployments' }
export const daemonSets: Resource<DaemonSet> = { ...apps, kind: 'DaemonSet', plural: 'daemonsets' }
export const statefulSets: Resource<StatefulSet> = { ...apps, kind: 'StatefulSet', plural: 'statefulsets' }
export const controllerRevisions: Resource<ControllerRevision> = {
  ...apps,
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
}
export const jobs: Resource<Job> = { ...batch, kind: 'Job', plural: 'jobs' }
export const cronJobs: Resource<CronJob> = { ...batch, kind: 'CronJob', plural: 'cronjobs' }
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
export const certificateSigningRequests: Resource<CertificateSigningRequest> = {
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  namespaced: false,
}
export const podDisruptionBudgets: Resource<PodDisruptionBudget> = {
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  namespaced: true,
}
export const priorityClasses: Resource<PriorityClass> = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  namespaced: false,
}
export const podTemplates: Resource<PodTemplate> = { ...core, kind: 'PodTemplate', plural: 'podtemplates' }
export const services: Resource<Service> = { ...core, kind: 'Service', plural: 'services' }
export const endpoints: Resource<Endpoints> = { ...core, kind: 'Endpoints', plural: 'endpoints' }
export const endpointSlices: Resource<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
}
export const limitRanges: Resource<LimitRange> = { ...core, kind: 'LimitRange', plural: 'limitranges' }
export const resourceQuotas: Resource<ResourceQuota> = { ...core, kind: 'ResourceQuota', plural: 'resourcequotas' }
export const roles: Resource<Role> = { ...rbac, kind: 'Role', plural: 'roles', namespaced: true }
export const roleBindings: Resource<RoleBinding> = {
  ...rbac,
  kind: 'RoleBinding',
  plural: 'rolebindings',
  namespaced: true,
}
export const clusterRoles: Resource<ClusterRole> = {
  ...rbac,
  kind: 'ClusterRole',
  plural: 'clusterroles',
  namespaced: false,
}
export const clusterRoleBindings: Resource<ClusterRoleBinding> = {
  ...rbac,
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  namespaced: false,
}
