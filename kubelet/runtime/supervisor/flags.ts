export const SUPERVISOR_FLAGS = {
  'root-dir': { type: 'string', description: 'The root directory of the node whose containers it owns.' },
  lifeline: {
    type: 'boolean',
    description: 'Standard input is a pipe that the launcher holds: at its end all containers are killed.',
  },
  'stop-grace-period': {
    type: 'duration',
    default: '10s',
    description: 'How long containers have to end when the supervisor is stopped by SIGTERM.',
  },
  'idle-period': {
    type: 'duration',
    default: '30s',
    description: 'It ends by itself after this time without any kubelet and any running container.',
  },
  help: { type: 'boolean', description: 'Show this page.' },
} as const
