import { certificateSigningRequest } from './certificate-signing-request.ts'
import { configMap } from './config-map.ts'
import { controllerRevision } from './controller-revision.ts'
import { cronJob } from './cron-job.ts'
import { daemonSet } from './daemon-set.ts'
import { deployment } from './deployment.ts'
import { endpointSlice } from './endpoint-slice.ts'
import { endpoints } from './endpoints.ts'
import { event } from './event.ts'
import { job } from './job/job.ts'
import type { Kind } from './kind.ts'
import { lease } from './lease.ts'
import { limitRange } from './limit-range.ts'
import { namespace } from './namespace.ts'
import { node } from './node/node.ts'
import { pod } from './pod/pod.ts'
import { podDisruptionBudget } from './pod-disruption-budget.ts'
import { podTemplate } from './pod-template-kind.ts'
import { priorityClass } from './priority-class.ts'
import { clusterRole } from './rbac/cluster-role.ts'
import { clusterRoleBinding } from './rbac/cluster-role-binding.ts'
import { role } from './rbac/role.ts'
import { roleBinding } from './rbac/role-binding.ts'
import { replicaSet } from './replica-set.ts'
import { replicationController } from './replication-controller.ts'
import { resourceQuota } from './resource-quota.ts'
import { secret } from './secret.ts'
import { service } from './service/service.ts'
import { serviceAccount } from './service-account.ts'
import { statefulSet } from './stateful-set.ts'

/** Every built-in kind that the API server serves: the list is the feature. */
export const builtInKinds: readonly Kind[] = [
  namespace,
  node,
  pod,
  replicationController,
  replicaSet,
  deployment,
  daemonSet,
  statefulSet,
  controllerRevision,
  job,
  cronJob,
  event,
  configMap,
  secret,
  serviceAccount,
  lease,
  podDisruptionBudget,
  podTemplate,
  priorityClass,
  service,
  endpoints,
  endpointSlice,
  limitRange,
  resourceQuota,
  role,
  roleBinding,
  clusterRole,
  clusterRoleBinding,
  certificateSigningRequest,
]
