import pino, { type Logger } from 'pino'

export type { Logger }

/** Log levels of `--log-level`, least to most. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug', 'trace'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** A component's logger: JSON lines on standard error, a constant message plus fields, never a secret. */
export const createLogger = (component: string, level: LogLevel): Logger =>
  pino({ name: component, level, base: { component } }, pino.destination({ dest: 2, sync: true }))
