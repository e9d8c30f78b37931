export const SUPERVISOR_FLAGS = {
  'root-dir': { type: 'string', description: 'The root directory of the node whose containers it owns.' },
  lifeline: {
    type: 'boolean',
    description: 'Standard input is a pipe that the launcher holds: at its end all containers are killed.',
  },
  help: { type: 'boolean', description: 'Show this page.' },
} as const
