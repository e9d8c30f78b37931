import { leadershipFlags } from '../shared/controller/leadership.ts'
import type { Flags } from '../shared/flags.ts'
import { healthFlags } from '../shared/health.ts'
import { LOG_LEVELS } from '../shared/log.ts'

/** Flags of kube-scheduler. The back-off times are upstream's `podInitialBackoffSeconds` and `podMaxBackoffSeconds`. */
export const schedulerFlags = {
  kubeconfig: { type: 'string', description: 'File that names the API server and how to log in to it.' },
  'pod-initial-backoff': {
    type: 'duration',
    default: '1s',
    description: 'Time before a pod whose scheduling failed is tried again. Doubles with each further failure.',
  },
  'pod-max-backoff': { type: 'duration', default: '10s', description: 'Longest time between two such tries.' },
  'pod-max-in-unschedulable-pods-duration': {
    type: 'duration',
    default: '5m',
    description: 'Time after which a pod that fits no node is tried again even if nothing has changed.',
  },
  'percentage-of-nodes-to-score': {
    type: 'number',
    default: 0,
    min: 0,
    max: 100,
    description:
      'Share of the nodes, at least 100, that is enough to choose from. 0: 50 % of 100 nodes, down to 5 % of many.',
  },
  ...leadershipFlags('kube-scheduler'),
  ...healthFlags,
  'log-level': {
    type: 'string',
    choices: LOG_LEVELS,
    default: 'info',
    description: 'Least important messages to log.',
  },
  lifeline: {
    type: 'boolean',
    description: 'Stop at once when standard input ends: the process that holds its other end is gone.',
  },
  help: { type: 'boolean', description: 'Show this page.' },
} as const satisfies Flags
