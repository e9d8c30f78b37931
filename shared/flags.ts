/**
 * Command-line flags as data: one table per program gives parsing, types, defaults and `--help`. Names follow
 * upstream's; durations are written as Go writes them (`10s`, `1m30s`, `300ms`).
 */
import { parseArgs } from 'node:util'

interface FlagBase {
  /** Meaning, unit and effect, one or two sentences; shown by `--help`. */
  description: string
  /** One letter for `-x VALUE` beside `--name VALUE`. */
  short?: string
}
export type Flag =
  | (FlagBase & { type: 'string'; default?: string; choices?: readonly string[] })
  | (FlagBase & { type: 'number'; default?: number; min?: number; max?: number })
  | (FlagBase & { type: 'boolean'; default?: boolean })
  /** In milliseconds once parsed. */
  | (FlagBase & { type: 'duration'; default?: string })
  /** May be given several times; empty where not given. */
  | (FlagBase & { type: 'list' })
export type Flags = Readonly<Record<string, Flag>>

type Choice<F> = F extends { choices: readonly (infer Value)[] } ? Value : string
type Value<F extends Flag> = F['type'] extends 'string'
  ? Choice<F>
  : F['type'] extends 'number' | 'duration'
    ? number
    : F['type'] extends 'boolean'
      ? boolean
      : string[]
type Defaulted<F extends Flag> = F extends { default: unknown } | { type: 'boolean' | 'list' }
  ? Value<F>
  : Value<F> | undefined
export type FlagValues<Table extends Flags> = { [Name in keyof Table]: Defaulted<Table[Name]> }

/** A wrong command line: one line that names the flag and the way out. The program prints it and exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Milliseconds of a Go duration (`1m30s`), or undefined where it is none. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)
  return [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * UNITS_MS[unit!]!, 0)
}

function parseValue(name: string, flag: Flag, given: string): string | number | boolean {
  const wrong = (wanted: string) => new UsageError(`--${name}: ${JSON.stringify(given)} is not ${wanted}`)
  switch (flag.type) {
    case 'number': {
      const { min = 0, max = Number.MAX_SAFE_INTEGER } = flag
      const value = Number(given)
      if (!/^-?\d+(\.\d+)?$/.test(given) || value < min || value > max) throw wrong(`a number from ${min} to ${max}`)
      return value
    }
    case 'duration': {
      const value = parseDuration(given)
      if (value === undefined) throw wrong('a duration such as 10s, 1m30s or 500ms')
      return value
    }
    case 'boolean': {
      if (given !== 'true' && given !== 'false') throw wrong('true or false')
      return given === 'true'
    }
    case 'string':
      if (flag.choices !== undefined && !flag.choices.includes(given)) throw wrong(`one of ${flag.choices.join(', ')}`)
      return given
    case 'list':
      return given
  }
}

const defaultOf = (flag: Flag): unknown => {
  if (flag.type === 'list') return []
  if (flag.type === 'boolean') return flag.default ?? false
  if (flag.type === 'duration') return flag.default === undefined ? undefined : parseDuration(flag.default)
  return flag.default
}

/** Splits `--name` of a boolean from a value that follows, as Go's flags do: only `--name=false` gives it a value. */
const withBooleanValues = (table: Flags, argv: readonly string[]): string[] =>
  argv.map((arg) => (arg.startsWith('--') && table[arg.slice(2)]?.type === 'boolean' ? `${arg}=true` : arg))

const shortOf = ({ short }: Flag) => (short === undefined ? {} : { short })

/**
 * Parses `argv` by `table`. Returns the flags' values and the words that are no flags; throws a UsageError for an
 * unknown flag, a missing or impossible value.
 */
export function parseFlags<const Table extends Flags>(
  table: Table,
  argv: readonly string[],
): { flags: FlagValues<Table>; words: string[] } {
  const known = Object.keys(table)
  const options = Object.fromEntries(
    known.map((name) => [name, { type: 'string' as const, multiple: true, ...shortOf(table[name]!) }]),
  )
  const { tokens } = parseArgs({
    args: withBooleanValues(table, argv),
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  })
  const values: Record<string, unknown> = Object.fromEntries(known.map((name) => [name, defaultOf(table[name]!)]))
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const flag = Object.hasOwn(table, token.name) ? table[token.name] : undefined
    if (flag === undefined) throw new UsageError(`unknown flag: ${token.rawName} (see --help)`)
    if (token.value === undefined) throw new UsageError(`--${token.name} needs a value`)
    const value = parseValue(token.name, flag, token.value)
    values[token.name] = flag.type === 'list' ? [...(values[token.name] as string[]), value] : value
  }
  return { flags: values as FlagValues<Table>, words }
}

/** The `--help` page of a program: its purpose, then every flag with meaning and default. */
export function helpPage(usage: string, table: Flags): string {
  const rows = Object.entries(table).map(([name, flag]) => {
    const fallback = flag.type === 'list' || flag.default === undefined ? '' : ` (default ${flag.default})`
    const choices = flag.type === 'string' && flag.choices !== undefined ? ` One of ${flag.choices.join(', ')}.` : ''
    const letter = flag.short === undefined ? '' : `-${flag.short}, `
    return `  ${letter}--${name} ${flag.type === 'boolean' ? '' : flag.type}\n        ${flag.description}${choices}${fallback}`
  })
  return [usage, '', 'Flags:', ...rows, ''].join('\n')
}
