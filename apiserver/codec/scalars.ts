/** Decoders of single values. Each returns the value in the form in which it is stored, or throws a DecodeError. */
import { canonicalQuantity, quantityError } from '../../shared/quantity.ts'
import { type Context, DecodeError, jsonTypeOf, typeError } from './context.ts'
import { decodeMicroTime, decodeTime } from './times.ts'

/** How values of one schema are decoded. */
export interface Decoder {
  decode(value: unknown, context: Context): unknown
  /** What Go makes of a null where a value must be: in a list or a map. */
  zero(): unknown
  /** Go's name of the type, as errors show it. */
  goType: string
}

const textDecoder = (goType: string, normalise: (text: string) => string, zero = ''): Decoder => ({
  goType,
  zero: () => zero,
  decode(value, context) {
    if (typeof value !== 'string') throw typeError(context, jsonTypeOf(value), 'string')
    return normalise(value)
  },
})

export const stringDecoder: Decoder = textDecoder('string', (text) => text)
export const timeDecoder: Decoder = textDecoder('v1.Time', decodeTime)
export const microTimeDecoder: Decoder = textDecoder('v1.MicroTime', decodeMicroTime)

export const booleanDecoder: Decoder = {
  goType: 'bool',
  zero: () => false,
  decode(value, context) {
    if (typeof value !== 'boolean') throw typeError(context, jsonTypeOf(value), 'bool')
    return value
  },
}

export const floatDecoder: Decoder = {
  goType: 'float64',
  zero: () => 0,
  decode(value, context) {
    if (typeof value !== 'number') throw typeError(context, jsonTypeOf(value), 'float64')
    return value
  },
}

const isInt32 = (value: number) => (value | 0) === value

/** Whole numbers that `fits`; for 64 bits these are the ones that JavaScript holds exactly. */
const integerDecoder = (goType: string, fits: (value: number) => boolean): Decoder => ({
  goType,
  zero: () => 0,
  decode(value, context) {
    if (typeof value !== 'number') throw typeError(context, jsonTypeOf(value), goType)
    if (!fits(value)) throw typeError(context, `number ${value}`, goType)
    // -0 becomes 0, as it is for an integer.
    return value + 0
  },
})

export const int32Decoder: Decoder = integerDecoder('int32', isInt32)
export const int64Decoder: Decoder = integerDecoder('int64', Number.isSafeInteger)

export const intOrStringDecoder: Decoder = {
  goType: 'intstr.IntOrString',
  zero: () => 0,
  decode: (value, context) => (typeof value === 'string' ? value : int32Decoder.decode(value, context)),
}

export const quantityDecoder: Decoder = {
  goType: 'resource.Quantity',
  zero: () => '0',
  decode(value) {
    const text = typeof value === 'string' ? value.trim() : JSON.stringify(value)
    const canonical = canonicalQuantity(text)
    if (canonical === undefined) throw new DecodeError(quantityError(text))
    return canonical
  },
}

const ALPHABET = /^[A-Za-z0-9+/]*={0,2}$/

/** Base64 without line breaks, and without stray bits in its last character. */
function canonicalBase64(text: string): string {
  const plain = /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, '') : text
  if (plain.length % 4 !== 0 || !ALPHABET.test(plain)) {
    const wrong = text.search(/[^A-Za-z0-9+/\r\n]/)
    const position = wrong >= 0 ? wrong : plain.length - (plain.length % 4)
    throw new DecodeError(`illegal base64 data at input byte ${position}`)
  }
  if (!plain.endsWith('=')) return plain
  return plain.slice(0, -4) + Buffer.from(plain.slice(-4), 'base64').toString('base64')
}

export const bytesDecoder: Decoder = {
  goType: '[]uint8',
  zero: () => '',
  decode(value, context) {
    if (typeof value !== 'string') throw typeError(context, jsonTypeOf(value), '[]uint8')
    return canonicalBase64(value)
  },
}
