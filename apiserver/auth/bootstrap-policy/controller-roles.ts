/**
 * Roles of the controllers, one each, by upstream's names. Where upstream's controllers update a status, ours patch it,
 * so both are in.
 */
import type { PolicyRule } from '../../../shared/api/rbac/policy-rule.ts'
import { RBAC_GROUP } from '../../../shared/api/rbac/rbac-group.ts'
import { AUTHORIZATION, CERTIFICATES, CORE, may, READ, recordsEvents } from './policy-words.ts'

const SCALE_READ = may('get', '*/scale', '*')
const owns = (resource: string, group: string) => [
  may('patch update', `${resource}/status`, group),
  may('update', `${resource}/finalizers`, group),
]
const MANAGE = 'create delete get list patch update watch'
const EVICT = [may(`delete ${READ}`, 'pods'), may('patch update', 'pods/status')]

/** What each may do, beside recording events. */
const controllers: Readonly<Record<string, readonly PolicyRule[]>> = {
  'certificate-controller': [
    may(`delete ${READ}`, 'certificatesigningrequests', CERTIFICATES),
    may('patch update', 'certificatesigningrequests/approval certificatesigningrequests/status', CERTIFICATES),
    may(
      'approve',
      'signers',
      CERTIFICATES,
      'kubernetes.io/kube-apiserver-client-kubelet',
      'kubernetes.io/kubelet-serving',
    ),
    may(
      'sign',
      'signers',
      CERTIFICATES,
      'kubernetes.io/kube-apiserver-client',
      'kubernetes.io/kube-apiserver-client-kubelet',
      'kubernetes.io/kubelet-serving',
    ),
    may('create', 'subjectaccessreviews', AUTHORIZATION),
    may('get', 'nodes'),
  ],
  'clusterrole-aggregation-controller': [may('escalate get list patch update watch', 'clusterroles', RBAC_GROUP)],
  'cronjob-controller': [
    may('get list patch update watch', 'cronjobs', 'batch'),
    may(MANAGE, 'jobs', 'batch'),
    ...owns('cronjobs', 'batch'),
    may('delete list watch', 'pods'),
  ],
  'daemon-set-controller': [
    may(READ, 'daemonsets', 'apps'),
    ...owns('daemonsets', 'apps'),
    may('list watch', 'nodes'),
    may('create delete get list patch watch', 'pods'),
    may('create', 'pods/binding'),
    may(MANAGE, 'controllerrevisions', 'apps'),
  ],
  'deployment-controller': [
    may('get list patch update watch', 'deployments', 'apps'),
    ...owns('deployments', 'apps'),
    may(MANAGE, 'replicasets', 'apps'),
    may('get list update watch', 'pods'),
  ],
  'disruption-controller': [
    may(READ, 'deployments replicasets statefulsets', 'apps'),
    may(READ, 'replicationcontrollers'),
    may(READ, 'poddisruptionbudgets', 'policy'),
    may('patch update', 'poddisruptionbudgets/status', 'policy'),
    may('patch update', 'pods/status'),
    SCALE_READ,
  ],
  'generic-garbage-collector': [may('delete get list patch update watch', '*', '*')],
  'job-controller': [
    may('get list patch update watch', 'jobs', 'batch'),
    ...owns('jobs', 'batch'),
    may('create delete get list patch watch', 'pods'),
  ],
  'namespace-controller': [
    may(`delete ${READ}`, 'namespaces'),
    may('patch update', 'namespaces/finalize namespaces/status'),
    may(`delete deletecollection ${READ}`, '*', '*'),
  ],
  'node-controller': [
    may('delete get list patch update watch', 'nodes'),
    may('patch update', 'nodes/status pods/status'),
    may(`delete ${READ}`, 'pods'),
  ],
  'pod-garbage-collector': [...EVICT, may('get list', 'nodes')],
  'replicaset-controller': [
    may('get list patch update watch', 'replicasets', 'apps'),
    ...owns('replicasets', 'apps'),
    may('create delete get list patch watch', 'pods'),
  ],
  'replication-controller': [
    may('get list patch update watch', 'replicationcontrollers'),
    ...owns('replicationcontrollers', CORE),
    may('create delete get list patch watch', 'pods'),
  ],
  'resourcequota-controller': [may('list watch', '*', '*'), may('patch update', 'resourcequotas/status')],
  'root-ca-cert-publisher': [may('create update', 'configmaps')],
  'service-account-controller': [may('create', 'serviceaccounts')],
  'statefulset-controller': [
    may('list watch', 'pods'),
    may(READ, 'statefulsets', 'apps'),
    ...owns('statefulsets', 'apps'),
    may('create delete get patch update', 'pods'),
    may(MANAGE, 'controllerrevisions', 'apps'),
    may('create get', 'persistentvolumeclaims'),
  ],
  'taint-eviction-controller': [may('get', 'nodes'), ...EVICT],
  'ttl-after-finished-controller': [may(`delete ${READ}`, 'jobs', 'batch')],
}

export const CONTROLLER_PREFIX = 'system:controller:'

/** The names of the controllers' service accounts; their roles are named so too, after `system:controller:`. */
export const controllerNames: readonly string[] = Object.keys(controllers)

export const controllerRoles = Object.entries(controllers).map(([name, rules]) => ({
  name: `${CONTROLLER_PREFIX}${name}`,
  rules: [...rules, recordsEvents],
}))
