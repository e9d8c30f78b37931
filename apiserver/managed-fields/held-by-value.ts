/**
 * Fields that Go's types hold by value, not behind a pointer: they are there, if only empty, from an object's first
 * moment, so that whoever fills them does not own the fields themselves, only what is in them. Clients see the
 * difference in `managedFields`: a `.` or none.
 */

const OF_EVERY_KIND = ['metadata', 'spec', 'status']

const OF_MODEL: Readonly<Record<string, readonly string[]>> = {
  CronJobSpec: ['jobTemplate'],
  DaemonSetSpec: ['template', 'updateStrategy'],
  DeploymentSpec: ['template', 'strategy'],
  EndpointSlice: ['endpoints', 'ports'],
  Event: ['involvedObject', 'source'],
  JobSpec: ['template'],
  NodeStatus: ['daemonEndpoints', 'nodeInfo'],
  NodeDaemonEndpoints: ['kubeletEndpoint'],
  PodSpec: ['containers'],
  PodTemplate: ['template'],
  ReplicaSetSpec: ['template'],
  Role: ['rules'],
  ClusterRole: ['rules'],
  RoleBinding: ['roleRef'],
  ClusterRoleBinding: ['roleRef'],
  ServiceStatus: ['loadBalancer'],
  StatefulSetSpec: ['template', 'updateStrategy'],
}

/** The fields that a model, by the last part of its name, holds by value. */
export const heldByValue = (model: string): ReadonlySet<string> =>
  new Set([...OF_EVERY_KIND, ...(OF_MODEL[model] ?? [])])
