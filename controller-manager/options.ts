import { leadershipFlags } from '../shared/controller/leadership.ts'
import type { Flags, FlagValues } from '../shared/flags.ts'
import { healthFlags } from '../shared/health.ts'
import { LOG_LEVELS } from '../shared/log.ts'

/** Flags of kube-controller-manager that its controllers read; names and defaults as upstream's, where there are any. */
export const controllerFlags = {
  'concurrent-rc-syncs': {
    type: 'number',
    default: 5,
    min: 1,
    description: 'ReplicationControllers that are synced at once.',
  },
  'concurrent-deployment-syncs': {
    type: 'number',
    default: 5,
    min: 1,
    description: 'Deployments that are synced at once.',
  },
  'concurrent-replicaset-syncs': {
    type: 'number',
    default: 5,
    min: 1,
    description: 'ReplicaSets that are synced at once.',
  },
  'concurrent-daemonset-syncs': {
    type: 'number',
    default: 2,
    min: 1,
    description: 'DaemonSets that are synced at once.',
  },
  // More than upstream's 5: a Job takes several writes, one after the other, and many Jobs share the disk's every sync.
  'concurrent-job-syncs': {
    type: 'number',
    default: 20,
    min: 1,
    description: 'Jobs that are synced at once.',
  },
  'concurrent-cron-job-syncs': {
    type: 'number',
    default: 5,
    min: 1,
    description: 'CronJobs that are synced at once.',
  },
  'concurrent-ttl-after-finished-syncs': {
    type: 'number',
    default: 5,
    min: 1,
    description: 'Finished Jobs that are looked at at once.',
  },
  'concurrent-gc-syncs': {
    type: 'number',
    default: 20,
    min: 1,
    description: 'Objects that the garbage collector looks at at once.',
  },
  'concurrent-namespace-syncs': {
    type: 'number',
    default: 10,
    min: 1,
    description: 'Namespaces that are emptied at once.',
  },
  'concurrent-serviceaccount-syncs': {
    type: 'number',
    default: 5,
    min: 1,
    description: 'Namespaces that are given their service account at once.',
  },
  'allocate-node-cidrs': {
    type: 'boolean',
    description: 'Give every node that brings none a range of pod addresses.',
  },
  'cluster-cidr': {
    type: 'string',
    default: '10.244.0.0/16',
    description: 'Addresses of all pods, from which the ranges of the nodes are taken.',
  },
  'node-cidr-mask-size': {
    type: 'number',
    default: 24,
    min: 8,
    max: 30,
    description: "Prefix length of one node's range.",
  },
  'concurrent-resource-quota-syncs': {
    type: 'number',
    default: 5,
    min: 1,
    description: 'Quotas whose use is counted at once.',
  },
  'resource-quota-sync-period': {
    type: 'duration',
    default: '5m',
    description: 'Time after which the use of a quota is counted again, whatever has happened.',
  },
  'cluster-signing-cert-file': {
    type: 'string',
    description: 'PEM file with the certificate of the authority that signs certificate requests.',
  },
  'cluster-signing-key-file': { type: 'string', description: 'PEM file with the key of that authority.' },
  'cluster-signing-duration': {
    type: 'duration',
    default: '8760h',
    description: 'How long signed certificates are valid, where a request asks for no less.',
  },
  'root-ca-file': {
    type: 'string',
    description: 'PEM file with the authority of the API server, which is published to pods in every namespace.',
  },
  'node-monitor-period': {
    type: 'duration',
    default: '5s',
    description: 'Time between two looks at the state of all nodes.',
  },
  'node-monitor-grace-period': {
    type: 'duration',
    default: '50s',
    description: 'Time without a sign of life after which a node is taken for lost.',
  },
  'node-startup-grace-period': {
    type: 'duration',
    default: '1m0s',
    description: 'The same for a node that has never reported its state.',
  },
  'node-eviction-rate': {
    type: 'number',
    default: 0.1,
    description: 'Lost nodes per second and zone whose pods are evicted, after the first.',
  },
  'secondary-node-eviction-rate': {
    type: 'number',
    default: 0.01,
    description:
      'The same in a zone where many nodes are lost; in one of at most --large-cluster-size-threshold nodes it is 0.',
  },
  'unhealthy-zone-threshold': {
    type: 'number',
    default: 0.55,
    min: 0,
    max: 1,
    description:
      'Share of lost nodes (at least three) from which on a zone is suspected, and evictions are slow or stop.',
  },
  'large-cluster-size-threshold': {
    type: 'number',
    default: 50,
    description: 'Number of nodes of a zone above which pods are evicted even when many of them are lost at once.',
  },
  'terminated-pod-gc-threshold': {
    type: 'number',
    default: 12_500,
    description: 'Finished pods that are kept; beyond it the oldest are deleted. 0 keeps all.',
  },
  'pod-gc-period': {
    type: 'duration',
    default: '20s',
    description: 'Time between two looks for pods that nobody cleans up.',
  },
  'pod-gc-quarantine': {
    type: 'duration',
    default: '40s',
    description: 'Time that a node must be gone before its pods are deleted.',
  },
  'garbage-collector-discovery-period': {
    type: 'duration',
    default: '30s',
    description: 'Time between two looks at which resources the API server serves.',
  },
} as const satisfies Flags

export type ControllerOptions = FlagValues<typeof controllerFlags>

/** All flags of kube-controller-manager. */
export const managerFlags = {
  kubeconfig: { type: 'string', description: 'File that names the API server and the identity to use. Required.' },
  controllers: {
    type: 'string',
    default: '*',
    description:
      'Controllers to run, separated by commas: `*` for all, `name` for one, `-name` for all but one (with `*`).',
  },
  ...controllerFlags,
  ...leadershipFlags('kube-controller-manager'),
  ...healthFlags,
  'log-level': { type: 'string', choices: LOG_LEVELS, default: 'info', description: 'How much is logged.' },
  lifeline: { type: 'boolean', description: 'Stop at once when standard input ends: then the parent is gone.' },
  help: { type: 'boolean', description: 'Show this page.' },
} as const satisfies Flags
