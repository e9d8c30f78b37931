/**
 * Amounts of resources (`resource.Quantity`): `500m`, `1.5`, `64Mi`, `12e6`. Everything is computed exactly, in
 * billionths of the base unit, the smallest step that a quantity has; what is finer is rounded away from zero.
 */

/** `binary` amounts are shown with Ki, Mi …, `decimal` ones with m, k, M …, `exponent` ones with e3, e6 …. */
type Format = 'binary' | 'decimal' | 'exponent'

interface Amount {
  nanos: bigint
  format: Format
}

const NANOS_DIGITS = 9
const NANOS = 10n ** BigInt(NANOS_DIGITS)

/** Larger binary amounts are cut to this, as upstream cuts them. */
const MAX_BINARY = (2n ** 63n - 1n) * NANOS

/** Bounds what a few characters can make the exact arithmetic cost. Upstream has no use for more either. */
const MAX_EXPONENT = 99
const MAX_LENGTH = 100

const DECIMAL_SUFFIXES = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'] as const
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const

/** Upstream's own pattern, quoted in its error; it says less than is checked. */
const UPSTREAM_PATTERN = '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'
const QUANTITY = /^([+-]?)(\d*)(?:\.(\d*))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?$/

/** Fewer than four digits in front of a suffix cannot be shown any shorter. Ei is left out for its upper limit. */
const CANONICAL = /^[1-9]\d{0,2}([numkMGTPE]|[KMGTP]i)?$/

const pow10 = (exponent: number) => 10n ** BigInt(exponent)

const divideUp = (value: bigint, divisor: bigint) => (value + divisor - 1n) / divisor

/** Multiplies by a power of ten; a remainder rounds up. */
const scale10 = (value: bigint, exponent: number): bigint =>
  exponent >= 0 ? value * pow10(exponent) : divideUp(value, pow10(-exponent))

function parseAmount(text: string): Amount | undefined {
  if (text.length > MAX_LENGTH) return undefined
  const [found, sign, whole = '', fraction = '', suffix = '', exponentText] = QUANTITY.exec(text) ?? []
  const digits = whole + fraction
  if (found === undefined || digits === '') return undefined
  const isBinary = suffix.endsWith('i')
  const format = isBinary ? 'binary' : exponentText === undefined ? 'decimal' : 'exponent'
  const decimalExponent =
    exponentText === undefined
      ? 3 * (DECIMAL_SUFFIXES.indexOf(suffix as 'n') - DECIMAL_SUFFIXES.indexOf(''))
      : Number(exponentText)
  if (Math.abs(decimalExponent) > MAX_EXPONENT) return undefined
  const factor = isBinary ? 1024n ** BigInt(BINARY_SUFFIXES.indexOf(suffix as 'Ki')) : 1n
  const exponent = (isBinary ? 0 : decimalExponent) - fraction.length + NANOS_DIGITS
  const nanos = scale10(BigInt(digits) * factor, exponent)
  const bounded = isBinary && nanos > MAX_BINARY ? MAX_BINARY : nanos
  return { nanos: sign === '-' ? -bounded : bounded, format }
}

function formatDecimal(nanos: bigint, format: Format): string {
  let mantissa = nanos
  let exponent = -NANOS_DIGITS
  while (mantissa % 1000n === 0n) {
    mantissa /= 1000n
    exponent += 3
  }
  const suffix = DECIMAL_SUFFIXES[exponent / 3 + DECIMAL_SUFFIXES.indexOf('')]
  const shown = format === 'exponent' || suffix === undefined ? (exponent === 0 ? '' : `e${exponent}`) : suffix
  return `${mantissa}${shown}`
}

function formatBinary(units: bigint): string {
  let mantissa = units
  let index = 0
  while (mantissa % 1024n === 0n && index < BINARY_SUFFIXES.length - 1) {
    mantissa /= 1024n
    index++
  }
  return `${mantissa}${BINARY_SUFFIXES[index]}`
}

/** The one way to write an amount: no fraction, the largest suffix that needs none, the kind of suffix it came with. */
function formatAmount({ nanos, format }: Amount): string {
  if (nanos === 0n) return '0'
  const size = nanos < 0n ? -nanos : nanos
  // Small and broken amounts of binary units are clearer, and only exact, in decimal ones.
  const isBinary = format === 'binary' && size >= 1024n * NANOS && nanos % NANOS === 0n
  return isBinary ? formatBinary(nanos / NANOS) : formatDecimal(nanos, format === 'binary' ? 'decimal' : format)
}

/** What upstream says of a text that is no quantity; undefined where it is one. */
export function quantityError(text: string): string | undefined {
  if (parseAmount(text) !== undefined) return undefined
  const [, number] = new RegExp(UPSTREAM_PATTERN).exec(text) ?? []
  if (number === undefined) return `quantities must match the regular expression '${UPSTREAM_PATTERN}'`
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(number)) return 'unable to parse numeric part of quantity'
  return "unable to parse quantity's suffix"
}

/** Whether a text is a quantity. */
export const isQuantity = (text: string): boolean => parseAmount(text) !== undefined

/** The amount in base units (cores, bytes, pieces), as near as a number can hold it; undefined where it is no quantity. */
export function parseQuantity(text: string): number | undefined {
  const amount = parseAmount(text)
  return amount === undefined ? undefined : Number(amount.nanos) / Number(NANOS)
}

/** The canonical form of a quantity, in which the API shows it: `1000m` is `1`, `1.5Gi` is `1536Mi`, `0.5` is `500m`. */
export function canonicalQuantity(text: string): string | undefined {
  if (CANONICAL.test(text)) return text
  const amount = parseAmount(text)
  return amount === undefined ? undefined : formatAmount(amount)
}

function amountOf(text: string): Amount {
  const amount = parseAmount(text)
  if (amount === undefined) throw new RangeError(`not a quantity: ${JSON.stringify(text)}`)
  return amount
}

/** The quantity in steps of `step` nanos, rounded away from zero; a number is exact up to 2^53. */
const stepsOf = (text: string, step: bigint): number => {
  const { nanos } = amountOf(text)
  return nanos < 0n ? -Number(divideUp(-nanos, step)) : Number(divideUp(nanos, step))
}

/** The amount in whole base units (bytes, pieces), rounded up. Throws a RangeError where the text is no quantity. */
export const wholeUnits = (text: string): number => stepsOf(text, NANOS)

/** The amount in thousandths of the base unit (millicores), rounded up. Throws a RangeError where the text is no quantity. */
export const milliUnits = (text: string): number => stepsOf(text, NANOS / 1000n)

/** Negative when `a` is less than `b`, 0 when they are equal, positive when it is more. Throws a RangeError. */
export function compareQuantities(a: string, b: string): number {
  const difference = amountOf(a).nanos - amountOf(b).nanos
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** The sum in canonical form, with the kind of suffix that the first amount other than zero has. Throws a RangeError. */
export function addQuantities(...texts: readonly string[]): string {
  const amounts = texts.map(amountOf)
  const nanos = amounts.reduce((sum, amount) => sum + amount.nanos, 0n)
  return formatAmount({ nanos, format: amounts.find((amount) => amount.nanos !== 0n)?.format ?? 'decimal' })
}
