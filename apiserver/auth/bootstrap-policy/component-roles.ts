/** Roles of the cluster's own programs, but for the controllers. */
import {
  AUTHENTICATION,
  AUTHORIZATION,
  type BootstrapRole,
  CERTIFICATES,
  COORDINATION,
  CORE,
  may,
  READ,
  recordsEvents,
} from './policy-words.ts'

const STORAGE = 'storage.k8s.io'
const LOCK_VERBS = 'create get list update watch'

const reviews = [may('create', 'tokenreviews', AUTHENTICATION), may('create', 'subjectaccessreviews', AUTHORIZATION)]

/** Leader election. Upstream's clients update the lease, ours may patch it as well. */
const leaderLease = (name: string) => [
  may('create', 'leases', COORDINATION),
  may('get list patch update watch', 'leases', COORDINATION, name),
]

/** What kubelets may do, where the node authorizer does not know better: it narrows most of this down to their own. */
export const nodeRules = [
  may('create', 'tokenreviews', AUTHENTICATION),
  may('create', 'localsubjectaccessreviews subjectaccessreviews', AUTHORIZATION),
  may(READ, 'services'),
  may(`create ${READ}`, 'nodes'),
  may('patch update', 'nodes/status'),
  may('patch update', 'nodes'),
  may('create patch update', 'events'),
  may(READ, 'pods'),
  may('create delete', 'pods'),
  may('patch update', 'pods/status'),
  may('create', 'pods/eviction'),
  may(READ, 'configmaps secrets'),
  may('get', 'persistentvolumeclaims persistentvolumes'),
  may('get', 'endpoints'),
  may(`create ${READ}`, 'certificatesigningrequests', CERTIFICATES),
  may('create delete get patch update', 'leases', COORDINATION),
  may('get', 'volumeattachments', STORAGE),
  may('create', 'serviceaccounts/token'),
  may('get patch update', 'persistentvolumeclaims/status'),
  may(READ, 'csidrivers', STORAGE),
  may('create delete get patch update', 'csinodes', STORAGE),
  may(READ, 'runtimeclasses', 'node.k8s.io'),
]

const signer = (name: string, verb: string) => may(verb, 'signers', CERTIFICATES, `kubernetes.io/${name}`)

const approver = (name: string): BootstrapRole => ({
  name: `system:certificates.k8s.io:${name}-approver`,
  rules: [signer(name, 'approve')],
})

/** Who may have a request for a kubelet's certificate approved without being asked. */
const requester = (subresource: string): BootstrapRole => ({
  name: `system:certificates.k8s.io:certificatesigningrequests:${subresource}`,
  rules: [may('create', `certificatesigningrequests/${subresource}`, CERTIFICATES)],
})

export const componentRoles: readonly BootstrapRole[] = [
  { name: 'system:node', rules: nodeRules },
  // Nodes on several hosts lead to each other's pods; what the node authorizer lets them read is themselves alone.
  { name: 'kubeproc:node-routes', rules: [may(READ, 'nodes')] },
  { name: 'system:node-bootstrapper', rules: [may(`create ${READ}`, 'certificatesigningrequests', CERTIFICATES)] },
  {
    name: 'system:node-proxier',
    rules: [
      may('list watch', 'endpoints services'),
      may(READ, 'nodes'),
      recordsEvents,
      may('list watch', 'endpointslices', 'discovery.k8s.io'),
    ],
  },
  {
    name: 'system:kubelet-api-admin',
    rules: [may(READ, 'nodes'), may('proxy', 'nodes'), may('*', 'nodes/log nodes/metrics nodes/proxy nodes/stats')],
  },
  {
    name: 'system:kube-scheduler',
    rules: [
      recordsEvents,
      ...leaderLease('kube-scheduler'),
      may(READ, 'nodes'),
      may(`delete ${READ}`, 'pods'),
      may('create', 'bindings pods/binding'),
      may('patch update', 'pods/status'),
      may(READ, 'replicationcontrollers services'),
      may(READ, 'replicasets statefulsets', 'apps'),
      may(READ, 'poddisruptionbudgets', 'policy'),
      may(READ, 'persistentvolumeclaims persistentvolumes'),
      ...reviews,
      may(READ, 'csidrivers csinodes csistoragecapacities', STORAGE),
      may(READ, 'namespaces'),
      may(READ, 'priorityclasses', 'scheduling.k8s.io'),
    ],
  },
  {
    name: 'system:volume-scheduler',
    rules: [
      may('get list patch update watch', 'persistentvolumeclaims persistentvolumes'),
      may(READ, 'storageclasses', STORAGE),
    ],
  },
  {
    name: 'system:kube-controller-manager',
    rules: [
      recordsEvents,
      ...leaderLease('kube-controller-manager'),
      may('create', 'secrets serviceaccounts'),
      may('delete', 'secrets'),
      may('get', 'configmaps namespaces secrets serviceaccounts'),
      may('update', 'secrets serviceaccounts'),
      ...reviews,
      may('list watch', '*', '*'),
      may('create', 'serviceaccounts/token'),
      // The garbage collector finds out what there is to collect.
      { verbs: ['get'], nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*'] },
    ],
  },
  requester('nodeclient'),
  requester('selfnodeclient'),
  approver('kube-apiserver-client'),
  approver('kube-apiserver-client-kubelet'),
  approver('kubelet-serving'),
  approver('legacy-unknown'),
  {
    name: 'extension-apiserver-authentication-reader',
    namespace: 'kube-system',
    rules: [may(READ, 'configmaps', CORE, 'extension-apiserver-authentication')],
  },
  ...['kube-controller-manager', 'kube-scheduler'].map((name) => ({
    name: `system::leader-locking-${name}`,
    namespace: 'kube-system',
    rules: [may(`${LOCK_VERBS} patch`, 'leases', COORDINATION)],
  })),
]
