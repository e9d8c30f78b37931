import type { Flags } from '../shared/flags.ts'
import { LOG_LEVELS } from '../shared/log.ts'
import { AUTHORIZATION_MODES } from './auth/authorization.ts'
import { DEFAULT_ISSUER } from './identities.ts'

/** The API server's flags, named as upstream's. */
export const apiServerFlags = {
  help: { type: 'boolean', description: 'Show this page.' },
  'secure-port': {
    type: 'number',
    default: 6443,
    min: 0,
    max: 65535,
    description: 'Port to serve HTTPS on; 0: any free one.',
  },
  'insecure-port': {
    type: 'number',
    min: 1,
    max: 65535,
    description:
      'Port of 127.0.0.1 to serve plain HTTP on as well, for teaching: every program on this machine may do everything there. Default: none.',
  },
  'bind-address': {
    type: 'string',
    default: '127.0.0.1',
    description: 'Address to listen on. Whoever can reach it and has credentials may start programs as you.',
  },
  'data-dir': { type: 'string', description: 'Directory of the database; made if it is not there.' },
  'tls-cert-file': { type: 'string', description: 'PEM file with the certificate of this server.' },
  'tls-private-key-file': { type: 'string', description: 'PEM file with the key of that certificate.' },
  'client-ca-file': {
    type: 'string',
    description:
      'PEM file with the authority of client certificates: their common name is the user, their organizations the groups.',
  },
  'token-auth-file': {
    type: 'string',
    description: 'CSV file of bearer tokens, a line each: token,user,uid,"group1,group2".',
  },
  'service-account-signing-key-file': {
    type: 'string',
    description:
      'PEM file with the private key that signs the tokens of service accounts, RSA or EC on P-256. Default: `service-account.key` in the data directory, made if it is not there.',
  },
  'service-account-issuer': {
    type: 'string',
    default: DEFAULT_ISSUER,
    description: 'Who the tokens of service accounts say has issued them, and whom they are meant for.',
  },
  'automount-service-account-token': {
    type: 'boolean',
    default: true,
    description:
      'Give pods a token of their service account as a file, where neither they nor the account say. Needs `kube-root-ca.crt`, which the controller manager publishes.',
  },
  'authorization-mode': {
    type: 'string',
    default: 'Node,RBAC',
    choices: AUTHORIZATION_MODES,
    description: 'Who decides what may be done: roles, and for kubelets the pods of their node; or nobody.',
  },
  'kubelet-client-certificate': { type: 'string', description: 'PEM file with the certificate shown to kubelets.' },
  'kubelet-client-key': { type: 'string', description: 'PEM file with the key of that certificate.' },
  'kubelet-certificate-authority': {
    type: 'string',
    description: "PEM file with the authority of the kubelets' certificates; without it they are not checked.",
  },
  'default-not-ready-toleration-seconds': {
    type: 'number',
    default: 300,
    min: 0,
    description: 'Seconds that a pod stays on a node that is not ready, where it does not say.',
  },
  'default-unreachable-toleration-seconds': {
    type: 'number',
    default: 300,
    min: 0,
    description: 'Seconds that a pod stays on a node that does not answer, where it does not say.',
  },
  'etcd-compaction-interval': {
    type: 'duration',
    default: '5m',
    description: 'How long a version can be asked for after the next one was written; 0: for ever.',
  },
  'event-ttl': { type: 'duration', default: '1h', description: 'How long events are kept.' },
  'request-timeout': {
    type: 'duration',
    default: '1m',
    description: 'How long a request may take; watches and logs may go on.',
  },
  'min-request-timeout': {
    type: 'number',
    default: 1800,
    min: 1,
    description:
      'Seconds that a watch goes on at least where its client does not say; it is ended at random up to twice as late.',
  },
  'max-requests-inflight': {
    type: 'number',
    default: 400,
    min: 0,
    description: 'Requests that only read, served at once; further ones are told to come back. 0: no limit.',
  },
  'max-mutating-requests-inflight': {
    type: 'number',
    default: 200,
    min: 0,
    description: 'Requests that write, served at once; further ones are told to come back. 0: no limit.',
  },
  'audit-log-path': {
    type: 'string',
    description: 'File that gets a line of JSON for every request: who, what, when, and how it was answered.',
  },
  'audit-log-maxsize': {
    type: 'number',
    default: 100,
    min: 0,
    description: 'Megabytes at which the audit log is put aside and begun anew. 0: never.',
  },
  'audit-log-maxbackup': {
    type: 'number',
    default: 0,
    min: 0,
    description: 'How many audit logs that were put aside are kept. 0: all.',
  },
  'log-level': { type: 'string', default: 'info', choices: LOG_LEVELS, description: 'Least severity that is logged.' },
  lifeline: {
    type: 'boolean',
    description: 'Stop when standard input ends: the parent holds it open as long as it lives.',
  },
} as const satisfies Flags
