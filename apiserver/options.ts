import type { Flags } from '../shared/flags.ts'
import { LOG_LEVELS } from '../shared/log.ts'

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
  'event-ttl': { type: 'duration', default: '1h', description: 'How long events are kept.' },
  'log-level': { type: 'string', default: 'info', choices: LOG_LEVELS, description: 'Least severity that is logged.' },
  lifeline: {
    type: 'boolean',
    description: 'Stop when standard input ends: the parent holds it open as long as it lives.',
  },
} as const satisfies Flags
