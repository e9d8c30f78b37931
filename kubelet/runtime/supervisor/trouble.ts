import type { Clock } from '../../../shared/clock.ts'

/**
 * How the supervisor complains: a line of JSON on standard error, shaped like the lines of the other components. Not
 * pino, which would take more memory than the supervisor itself.
 */
export type Trouble = (message: string, fields: Readonly<Record<string, unknown>>) => void

export const troubleOnStderr =
  (clock: Clock): Trouble =>
  (message, { error, ...fields }) => {
    const details = error instanceof Error ? { ...fields, err: { message: error.message, stack: error.stack } } : fields
    const line = { level: 40, time: clock.nowMs(), component: 'supervisor', ...details, msg: message }
    process.stderr.write(`${JSON.stringify(line)}\n`)
  }
