/**
 * The syntax of schedules, as Kubernetes reads it: five fields, names of months and days, lists, ranges and steps, and
 * the shorthands `@hourly` to `@yearly` and `@every 90m`. What is wrong is told in the words of upstream's parser.
 */

/** The moments at which all fields match. */
export interface FieldSchedule {
  readonly kind: 'fields'
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly daysOfMonth: readonly number[]
  readonly months: readonly number[]
  /** 0 is Sunday. */
  readonly daysOfWeek: readonly number[]
  /** Both kinds of days have to match. It is enough that one does where both have been chosen. */
  readonly bothDays: boolean
}

/** A moment every so many seconds. */
export interface IntervalSchedule {
  readonly kind: 'interval'
  readonly seconds: number
}

export type ScheduleSyntax = FieldSchedule | IntervalSchedule

interface FieldRule {
  readonly min: number
  readonly max: number
  readonly names: readonly string[]
}

/** What one field chooses. */
interface FieldChoice {
  readonly values: readonly number[]
  /** Chosen by `*` or `?`, with or without a step. */
  readonly isWild: boolean
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const RULES: readonly FieldRule[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
]

const SHORTHANDS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

const ZONE = /^(TZ|CRON_TZ)=\S*/

/** Reads a schedule, or returns what is wrong with it. A leading `TZ=…` is passed over. */
export function parseScheduleSyntax(text: string): ScheduleSyntax | string {
  if (text === '') return 'empty spec string'
  const spec = text.replace(ZONE, '').trim()
  if (spec.startsWith('@every ')) return parseInterval(spec)
  if (spec.startsWith('@') && !Object.hasOwn(SHORTHANDS, spec)) return `unrecognized descriptor: ${spec}`
  const fields = (SHORTHANDS[spec] ?? spec).split(/\s+/).filter((field) => field !== '')
  if (fields.length !== RULES.length)
    return `expected exactly ${RULES.length} fields, found ${fields.length}: [${fields.join(' ')}]`
  const choices: FieldChoice[] = []
  for (const [index, field] of fields.entries()) {
    const choice = parseField(field, RULES[index]!)
    if (typeof choice === 'string') return choice
    choices.push(choice)
  }
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = choices.map(({ values }) => values)
  return {
    kind: 'fields',
    minutes: minutes!,
    hours: hours!,
    daysOfMonth: daysOfMonth!,
    months: months!,
    daysOfWeek: daysOfWeek!,
    bothDays: choices[2]!.isWild || choices[4]!.isWild,
  }
}

function parseField(text: string, rule: FieldRule): FieldChoice | string {
  const values = new Set<number>()
  let isWild = false
  for (const part of text.split(',').filter((each) => each !== '')) {
    const choice = parsePart(part, rule)
    if (typeof choice === 'string') return choice
    for (const value of choice.values) values.add(value)
    isWild ||= choice.isWild
  }
  return { values: [...values].sort((a, b) => a - b), isWild }
}

/** `*`, `5`, `1-5`, each with a step `/2`; `5/2` goes on to the field's end. */
function parsePart(text: string, rule: FieldRule): FieldChoice | string {
  const [range, stepText, ...tooMany] = text.split('/')
  const bounds = parseBounds(range!, rule)
  if (typeof bounds === 'string') return bounds === TOO_MANY_HYPHENS ? `${bounds}: ${text}` : bounds
  if (tooMany.length > 0) return `too many slashes: ${text}`
  const step = stepText === undefined ? 1 : parseNumber(stepText)
  if (typeof step === 'string') return step
  const { first, last, isWild } = bounds
  const end = last ?? (stepText === undefined ? first : rule.max)
  if (first < rule.min) return `beginning of range (${first}) below minimum (${rule.min}): ${text}`
  if (end > rule.max) return `end of range (${end}) above maximum (${rule.max}): ${text}`
  if (first > end) return `beginning of range (${first}) beyond end of range (${end}): ${text}`
  if (step === 0) return `step of range should be a positive number: ${text}`
  const values: number[] = []
  for (let value = first; value <= end; value += step) values.push(value)
  // A step beyond 1 makes a choice of the wildcard.
  return { values, isWild: isWild && step === 1 }
}

const TOO_MANY_HYPHENS = 'too many hyphens'

interface Bounds {
  first: number
  /** Absent for a single value. */
  last?: number
  isWild: boolean
}

function parseBounds(text: string, { min, max, names }: FieldRule): Bounds | string {
  if (text === '*' || text === '?') return { first: min, last: max, isWild: true }
  const [firstText, lastText, ...tooMany] = text.split('-')
  const numberOf = (value: string) => {
    const index = names.indexOf(value.toLowerCase())
    return index >= 0 ? index + min : parseNumber(value)
  }
  const first = numberOf(firstText!)
  if (typeof first === 'string') return first
  if (lastText === undefined) return { first, isWild: false }
  if (tooMany.length > 0) return TOO_MANY_HYPHENS
  const last = numberOf(lastText)
  return typeof last === 'string' ? last : { first, last, isWild: false }
}

function parseNumber(text: string): number | string {
  if (!/^[+-]?\d+$/.test(text))
    return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`
  const number = Number(text)
  return number < 0 ? `negative number (${number}) not allowed: ${text}` : number
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 }
const DURATION = /^\+?((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+$/
const DURATION_PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g

/** `@every 1h30m`: whole seconds, at least one. */
function parseInterval(spec: string): IntervalSchedule | string {
  const text = spec.slice('@every '.length)
  if (!DURATION.test(text)) return `failed to parse duration ${spec}: time: invalid duration ${JSON.stringify(text)}`
  const seconds = [...text.matchAll(DURATION_PART)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * UNIT_SECONDS[unit!]!,
    0,
  )
  return { kind: 'interval', seconds: Math.max(1, Math.floor(seconds)) }
}
