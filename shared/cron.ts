/** When a schedule is due, in any time zone. Its syntax is read by `cron-syntax.ts`, which validation uses as well. */
import { Cron } from 'croner'
import { type FieldSchedule, parseScheduleSyntax } from './cron-syntax.ts'

export interface Schedule {
  /**
   * The first moment after `afterMs`; undefined for a schedule that is never due, such as one for 31 February. The fields
   * count in `timeZone` (an IANA name, default UTC); an hour that a change of the clocks leaves out is passed over.
   */
  next(afterMs: number, timeZone?: string): number | undefined
}

/** Every day, month and leap year come round in so many skipped hours: beyond them a schedule counts as never due. */
const SKIPPED_MAX = 50

/** Reads a schedule, or returns what is wrong with it. */
export function parseSchedule(text: string): Schedule | string {
  const syntax = parseScheduleSyntax(text)
  if (typeof syntax === 'string') return syntax
  if (syntax.kind === 'fields') return fieldSchedule(syntax)
  // Moments fall on whole seconds: what is beyond one in `afterMs` does not delay the next.
  return { next: (afterMs) => (Math.floor(afterMs / 1000) + syntax.seconds) * 1000 }
}

/** Lists of values are read alike by all parsers; wildcards, and what they mean beside a choice of days, are not. */
function patternOf({ minutes, hours, daysOfMonth, months, daysOfWeek }: FieldSchedule): string {
  return [minutes, hours, daysOfMonth, months, daysOfWeek].map((values) => values.join(',')).join(' ')
}

function fieldSchedule(syntax: FieldSchedule): Schedule {
  const pattern = patternOf(syntax)
  const inZone = (timezone: string) =>
    new Cron(pattern, { paused: true, mode: '5-part', timezone, domAndDow: syntax.bothDays })
  const zones = new Map<string, Cron>()
  return {
    next(afterMs, timeZone = 'UTC') {
      const cron = zones.get(timeZone) ?? inZone(timeZone)
      zones.set(timeZone, cron)
      let due = cron.nextRun(new Date(afterMs))
      // A time that the clocks skip is reported as the one that they show instead.
      for (let skipped = 0; due !== null && !cron.match(due); skipped++) {
        if (skipped === SKIPPED_MAX) return undefined
        due = cron.nextRun(due)
      }
      return due?.getTime()
    },
  }
}
