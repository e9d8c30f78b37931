import { UsageError } from '../shared/flags.ts'
import { healthFlags } from '../shared/health.ts'
import { LOG_LEVELS } from '../shared/log.ts'
import { parseQuantity } from '../shared/quantity.ts'
import { DEFAULT_EVICTION_HARD } from './node/thresholds.ts'
import { RUNTIMES } from './runtime/runtime-names.ts'

/** The flags of the kubelet; names as upstream's where upstream has them. */
export const kubeletFlags = {
  help: { type: 'boolean', description: 'Show this page.' },
  kubeconfig: { type: 'string', description: 'File that names the API server and the identity to use there.' },
  'hostname-override': { type: 'string', description: 'Name of the node. Default: the host name of the machine.' },
  'root-dir': { type: 'string', description: 'Directory that holds all files of the node; made where it is missing.' },
  'node-ip': {
    type: 'string',
    default: '127.0.0.1',
    description: 'Address of the node, as its Node object names it. 0.0.0.0: the one that this machine has.',
  },
  address: { type: 'string', description: 'Address that the server listens on. Default: that of --node-ip.' },
  port: { type: 'number', default: 10250, max: 65535, description: 'Port of the server for logs; 0 for any free one.' },
  'bootstrap-kubeconfig': {
    type: 'string',
    description:
      'File that names the API server and a token, for a node that joins: it asks for certificates of its own, and renews them.',
  },
  'cert-dir': {
    type: 'string',
    description: 'Directory of the certificates that a node has asked for. Default: `pki` in --root-dir.',
  },
  'pod-cidr': {
    type: 'string',
    description:
      'Address range of the pods of this node, of 127.0.0.0/8 for the runtime `process`. Default: 10.244.0.0/24, or 127.1.0.0/24; what the cluster gives to a node that joins.',
  },
  runtime: {
    type: 'string',
    default: 'auto',
    choices: RUNTIMES,
    description: 'What pods run as: plain processes (auto), or processes in namespaces of their own (Linux, as root).',
  },
  'hidden-paths': {
    type: 'list',
    description:
      'Files and directories of this machine that no container sees in the runtime `namespaces`, several with commas.',
  },
  'image-store': { type: 'string', description: 'Directory of the image store. Default: `images` in --root-dir.' },
  'tls-cert-file': { type: 'string', description: 'Certificate of the server, PEM.' },
  'tls-private-key-file': { type: 'string', description: 'Key of the server, PEM.' },
  'client-ca-file': {
    type: 'string',
    description: 'Certificate authority of those who may use the server: the API server.',
  },
  'node-status-update-frequency': {
    type: 'duration',
    default: '10s',
    description: 'How often the machine is measured; the status is written when it has changed.',
  },
  'node-lease-duration-seconds': {
    type: 'number',
    default: 40,
    min: 1,
    description: 'Duration of the lease by which the node shows that it lives; it is renewed every quarter of it.',
  },
  'node-labels': {
    type: 'list',
    description: 'Labels of the node, as key=value, several with commas; beside those that every node has.',
  },
  'max-pods': { type: 'number', default: 110, min: 1, description: 'How many pods the node takes.' },
  'crash-loop-backoff-initial': {
    type: 'duration',
    default: '10s',
    description:
      'Wait before the second restart of a container that ends again and again; doubled for each further one.',
  },
  'crash-loop-backoff-max': {
    type: 'duration',
    default: '5m',
    description: 'The longest such wait. A container that runs for twice as long begins anew.',
  },
  'container-log-max-size': {
    type: 'string',
    default: '10Mi',
    description: 'Size of the log of a container at which it is set aside, and a new one begun.',
  },
  'container-log-max-files': {
    type: 'number',
    default: 5,
    min: 2,
    description: 'How many such files there may be for one run of a container, the newest included.',
  },
  'container-log-max-instances': {
    type: 'number',
    default: 5,
    min: 2,
    description: 'How many runs of a container have their logs kept, the newest included.',
  },
  'eviction-hard': {
    type: 'string',
    default: DEFAULT_EVICTION_HARD,
    description:
      'Where the conditions MemoryPressure, DiskPressure and PIDPressure begin: signals with an amount or a percentage. Nothing is evicted by it.',
  },
  'system-reserved': {
    type: 'string',
    default: '',
    description: 'What of the machine is not for pods, as cpu=500m,memory=1Gi: for the system.',
  },
  'kube-reserved': { type: 'string', default: '', description: 'The same, for the processes of the cluster.' },
  'stop-grace-period': {
    type: 'duration',
    default: '3s',
    description:
      'How long the containers have to end when the kubelet is stopped by SIGTERM. Their pods stay, and run again at the next start.',
  },
  'shutdown-grace-period': {
    type: 'duration',
    default: '0s',
    description:
      'Makes SIGTERM a graceful shutdown of the node: within this time its pods end for good, and are Failed. 0: a stop, as above.',
  },
  'shutdown-grace-period-critical-pods': {
    type: 'duration',
    default: '0s',
    description: 'The part of --shutdown-grace-period that is kept for critical pods, which end after all others.',
  },
  'volume-stats-agg-period': {
    type: 'duration',
    default: '10s',
    description: 'How often emptyDir volumes with a sizeLimit are measured; a pod whose volume is larger is evicted.',
  },
  hollow: {
    type: 'boolean',
    description: 'Many nodes in one process, whose pods only pretend to run: nothing is started.',
  },
  count: {
    type: 'number',
    default: 1,
    min: 1,
    description: 'With --hollow: how many nodes; their names are that of --hostname-override and a number.',
  },
  'hollow-start-time': {
    type: 'duration',
    default: '0s',
    description: 'With --hollow: time from the binding of a pod until it is ready.',
  },
  'hollow-run-time': {
    type: 'duration',
    description:
      'With --hollow: how long pods run whose restart policy is not Always. Default: until they are deleted.',
  },
  'hollow-exit-code': {
    type: 'number',
    default: 0,
    min: 0,
    max: 255,
    description: 'With --hollow: what the containers of such pods end with.',
  },
  lifeline: {
    type: 'boolean',
    description: 'Standard input is a pipe held open by the parent; when it ends, the node goes down at once.',
  },
  ...healthFlags,
  'log-level': { type: 'string', default: 'info', choices: LOG_LEVELS, description: 'How much is logged.' },
} as const

/** The pairs of `--node-labels`. Throws a UsageError. */
export function parseLabels(texts: readonly string[]): Record<string, string> {
  const pairs = texts.flatMap((text) => text.split(',')).filter((pair) => pair !== '')
  return Object.fromEntries(
    pairs.map((pair) => {
      const split = pair.indexOf('=')
      if (split < 1) throw new UsageError(`--node-labels: ${JSON.stringify(pair)} is not key=value`)
      return [pair.slice(0, split), pair.slice(split + 1)]
    }),
  )
}

/** Bytes of a flag that is an amount (`10Mi`). Throws a UsageError. */
export function parseBytes(flag: string, text: string): number {
  const bytes = parseQuantity(text)
  if (bytes === undefined || bytes <= 0)
    throw new UsageError(`--${flag}: ${JSON.stringify(text)} is not a size such as 10Mi`)
  return bytes
}
