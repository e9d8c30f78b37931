/** Instants as Go reads and writes them: RFC 3339, in any zone when read, in UTC when written. */
import { DecodeError } from './context.ts'

interface Layout {
  /** The layout as Go writes it, quoted in its errors. */
  name: string
  /** Its elements, in order: Go's name and what it matches. */
  elements: readonly (readonly [name: string, pattern: RegExp])[]
}

const DATE_AND_TIME = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d\d/],
  ['-', /^-/],
  ['02', /^\d\d/],
  ['T', /^T/],
  ['15', /^\d\d/],
  [':', /^:/],
  ['04', /^\d\d/],
  [':', /^:/],
] as const
const ZONE = ['Z07:00', /^(Z|[+-]\d\d:\d\d)/] as const

/** `metav1.Time`: whole seconds; a fraction is read, and dropped. */
const SECONDS: Layout = {
  name: '2006-01-02T15:04:05Z07:00',
  elements: [...DATE_AND_TIME, ['05', /^\d\d(\.\d+)?/], ZONE],
}

/** `metav1.MicroTime`: exactly six digits of fraction. */
const MICROSECONDS: Layout = {
  name: '2006-01-02T15:04:05.000000Z07:00',
  elements: [...DATE_AND_TIME, ['05', /^\d\d/], ['.000000', /^\.\d{6}/], ZONE],
}

/** Throws Go's error for a text that does not follow a layout. */
function checkLayout(text: string, { name, elements }: Layout): void {
  const shown = JSON.stringify(text)
  let rest = text
  for (const [element, pattern] of elements) {
    const [found] = pattern.exec(rest) ?? []
    if (found === undefined) {
      const detail = `cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(element)}`
      throw new DecodeError(`parsing time ${shown} as ${JSON.stringify(name)}: ${detail}`)
    }
    rest = rest.slice(found.length)
  }
  if (rest !== '') throw new DecodeError(`parsing time ${shown}: extra text: ${JSON.stringify(rest)}`)
}

const daysIn = (year: number, month: number) => new Date(Date.UTC(year, month, 0)).getUTCDate()

/** The first part of a time that is out of its range, in Go's words. */
function outOfRange(text: string): string | undefined {
  const [year, month, day, hour, minute, second] = text.split(/\D/, 6).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (month < 1 || month > 12) return 'month'
  if (day < 1 || day > daysIn(year, month)) return 'day'
  if (hour > 23) return 'hour'
  if (minute > 59) return 'minute'
  return second > 59 ? 'second' : undefined
}

/** Milliseconds of a text that follows a layout. Throws a DecodeError. */
function parse(text: string, layout: Layout): number {
  checkLayout(text, layout)
  const part = outOfRange(text)
  if (part !== undefined) throw new DecodeError(`parsing time ${JSON.stringify(text)}: ${part} out of range`)
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new DecodeError(`parsing time ${JSON.stringify(text)}: time zone offset out of range`)
  return ms
}

/** Days that no month lacks: nothing of such a time can be out of range. */
const PLAIN = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{6})?Z$/

/** A `metav1.Time` in the form in which it is stored: UTC, whole seconds. */
export function decodeTime(text: string): string {
  if (text.length === 20 && PLAIN.test(text)) return text
  return `${new Date(parse(text, SECONDS)).toISOString().slice(0, 19)}Z`
}

/** A `metav1.MicroTime` in the form in which it is stored: UTC, microseconds. */
export function decodeMicroTime(text: string): string {
  if (text.length === 27 && PLAIN.test(text)) return text
  const ms = parse(text, MICROSECONDS)
  const fraction = /\.\d{6}/.exec(text)![0]
  return `${new Date(ms).toISOString().slice(0, 19)}${fraction}Z`
}
