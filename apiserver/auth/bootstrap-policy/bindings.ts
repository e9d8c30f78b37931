/** Who has which role from the start. */
import { AUTHENTICATED_GROUP, UNAUTHENTICATED_GROUP } from '../identity.ts'
import { CONTROLLER_PREFIX, controllerNames } from './controller-roles.ts'
import { account, type BootstrapBinding, type BootstrapSubject, group, user } from './policy-words.ts'

const CONTROLLER_MANAGER = user('system:kube-controller-manager')
const SCHEDULER = user('system:kube-scheduler')
const NODES = group('system:nodes')
/** Machines that are about to become nodes. */
const BOOTSTRAPPERS = group('system:bootstrappers')

const give = (name: string, ...subjects: BootstrapSubject[]): BootstrapBinding => ({
  name,
  role: { kind: 'ClusterRole', name },
  subjects,
})

const giveAs = (name: string, role: string, ...subjects: BootstrapSubject[]): BootstrapBinding => ({
  ...give(role, ...subjects),
  name,
})

const locks = (name: string, subject: BootstrapSubject): BootstrapBinding => ({
  name: `system::leader-locking-${name}`,
  namespace: 'kube-system',
  role: { kind: 'Role', name: `system::leader-locking-${name}` },
  subjects: [subject, account(name)],
})

const CSR = 'system:certificates.k8s.io:certificatesigningrequests'

export const bindings: readonly BootstrapBinding[] = [
  give('cluster-admin', group('system:masters')),
  give('system:monitoring', group('system:monitoring')),
  give('system:discovery', group(AUTHENTICATED_GROUP)),
  give('system:basic-user', group(AUTHENTICATED_GROUP)),
  give('system:public-info-viewer', group(AUTHENTICATED_GROUP), group(UNAUTHENTICATED_GROUP)),
  give('system:node-proxier', user('system:kube-proxy')),
  give('system:kube-controller-manager', CONTROLLER_MANAGER),
  give('system:kube-scheduler', SCHEDULER),
  give('system:volume-scheduler', SCHEDULER),
  give('system:service-account-issuer-discovery', group('system:serviceaccounts')),
  // Kubelets have theirs from the node authorizer.
  give('system:node'),
  give('kubeproc:node-routes', NODES),
  // What `kubeadm init` gives upstream, so that machines can join and certificates are renewed.
  giveAs('kubeproc:kubelet-bootstrap', 'system:node-bootstrapper', BOOTSTRAPPERS),
  giveAs('kubeproc:node-autoapprove-bootstrap', `${CSR}:nodeclient`, BOOTSTRAPPERS),
  giveAs('kubeproc:node-autoapprove-certificate-rotation', `${CSR}:selfnodeclient`, NODES),
  // All controllers run in one process with one identity; each has an account beside, as upstream's have.
  ...controllerNames.map((name) => give(`${CONTROLLER_PREFIX}${name}`, account(name), CONTROLLER_MANAGER)),
  locks('kube-controller-manager', CONTROLLER_MANAGER),
  locks('kube-scheduler', SCHEDULER),
]
