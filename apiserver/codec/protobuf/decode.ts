/**
 * Reads bodies in Kubernetes' protobuf encoding, which Go's typed clients send since 1.32 (`kubectl create configmap`
 * among them): into the plain values that the same object has in JSON. What they mean is decided where JSON is decoded.
 */
import { MAX_DEPTH } from '../limits.ts'
import { type MessageField, messages } from './messages.ts'
import { type Cursor, readFields, readVarint, WireError, type WireValue } from './wire.ts'

type PlainObject = Record<string, unknown>

/** What every body begins with; then follows a message `Unknown`, which wraps the object's own. */
const MAGIC = Buffer.from('k8s\0')
const UNKNOWN_TYPE_META = 1
const UNKNOWN_RAW = 2
const TYPE_META_VERSION = 1
const TYPE_META_KIND = 2

const NOTHING = Buffer.alloc(0)

const bytesOf = (value: WireValue): Buffer => {
  if (typeof value === 'bigint') throw new WireError('wrong wireType')
  return value
}
const intOf = (value: WireValue): number => {
  if (typeof value !== 'bigint') throw new WireError('wrong wireType')
  return Number(BigInt.asIntN(64, value))
}

/** The first value of each number, for messages of a fixed form. */
const valuesOf = (value: WireValue): ReadonlyMap<number, WireValue> =>
  new Map([...readFields(bytesOf(value))].map(({ number, value }) => [number, value]))

function timeOf(value: WireValue, showMicros: boolean): string | undefined {
  const parts = valuesOf(value)
  const [seconds, nanos] = [parts.get(1), parts.get(2)]
  // Go's zero time is sent as nothing.
  if (seconds === undefined && nanos === undefined) return undefined
  const at = new Date(intOf(seconds ?? 0n) * 1000)
  if (Number.isNaN(at.getTime())) throw new WireError('time out of range')
  const whole = at.toISOString().slice(0, 19)
  const micros = Math.floor(intOf(nanos ?? 0n) / 1000)
  return showMicros ? `${whole}.${String(micros).padStart(6, '0')}Z` : `${whole}Z`
}

function intOrStringOf(value: WireValue): number | string {
  const parts = valuesOf(value)
  return intOf(parts.get(1) ?? 0n) === 0 ? intOf(parts.get(2) ?? 0n) : bytesOf(parts.get(3) ?? NOTHING).toString()
}

/** Messages whose only field holds JSON. */
function jsonOf(value: WireValue): unknown {
  try {
    return JSON.parse(bytesOf(valuesOf(value).get(1) ?? Buffer.from('{}')).toString())
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new WireError(`invalid JSON: ${error.message}`)
  }
}

const SCALARS: Readonly<Record<string, (value: WireValue) => unknown>> = {
  string: (value) => bytesOf(value).toString(),
  int: intOf,
  bool: (value) => intOf(value) !== 0,
  bytes: (value) => bytesOf(value).toString('base64'),
  double: (value) => {
    if (typeof value !== 'bigint') throw new WireError('wrong wireType')
    return new Float64Array(new BigUint64Array([value]).buffer)[0]
  },
  Time: (value) => timeOf(value, false),
  MicroTime: (value) => timeOf(value, true),
  Quantity: (value) => bytesOf(valuesOf(value).get(1) ?? NOTHING).toString(),
  IntOrString: intOrStringOf,
  FieldsV1: jsonOf,
  RawExtension: jsonOf,
}

const isEmpty = (value: unknown) => value === '' || value === 0 || value === false || value === undefined

/** Several numbers may come packed into one value. */
function* elementsOf(value: WireValue, type: string): Generator<WireValue> {
  if (type !== 'int' || typeof value === 'bigint') {
    yield value
    return
  }
  const cursor: Cursor = { bytes: value, position: 0 }
  while (cursor.position < value.length) yield readVarint(cursor)
}

function decodeValue(value: WireValue, type: string, depth: number): unknown {
  const scalar = Object.hasOwn(SCALARS, type) ? SCALARS[type] : undefined
  return scalar === undefined ? decodeMessage(bytesOf(value), type, depth - 1) : scalar(value)
}

function setEntry(map: PlainObject, entry: WireValue, { type, depth }: { type: string; depth: number }): void {
  const parts = valuesOf(entry)
  const key = bytesOf(parts.get(1) ?? NOTHING).toString()
  const value = decodeValue(parts.get(2) ?? NOTHING, type, depth)
  Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true })
}

function setField(
  object: PlainObject,
  field: MessageField,
  { value, depth }: { value: WireValue; depth: number },
): void {
  const { name, type, shape, keepsEmpty } = field
  switch (shape) {
    case 'inline':
      Object.assign(object, decodeMessage(bytesOf(value), type, depth))
      break
    case 'map':
      object[name] ??= {}
      setEntry(object[name] as PlainObject, value, { type, depth })
      break
    case 'list':
      object[name] ??= []
      for (const element of elementsOf(value, type)) (object[name] as unknown[]).push(decodeValue(element, type, depth))
      break
    case 'one': {
      const decoded = decodeValue(value, type, depth)
      if (keepsEmpty || !isEmpty(decoded)) object[name] = decoded
    }
  }
}

function decodeMessage(bytes: Buffer, message: string, depth: number): PlainObject {
  if (depth === 0) throw new WireError('exceeded max depth')
  const fields = messages.get(message)
  if (fields === undefined) throw new Error(`message ${message} has no fields`)
  const object: PlainObject = {}
  for (const { number, value } of readFields(bytes)) {
    const field = fields.get(number)
    if (field !== undefined) setField(object, field, { value, depth })
  }
  return object
}

/**
 * The object in a body that should be a `message` of `messages`, with the kind and apiVersion that the body says. Throws
 * a WireError.
 */
export function decodeProtobuf(body: Buffer, message: string): PlainObject {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC))
    throw new WireError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  const unknown = valuesOf(body.subarray(MAGIC.length))
  const typeMeta = valuesOf(unknown.get(UNKNOWN_TYPE_META) ?? NOTHING)
  const said = (number: number) => bytesOf(typeMeta.get(number) ?? NOTHING).toString()
  const object = decodeMessage(bytesOf(unknown.get(UNKNOWN_RAW) ?? NOTHING), message, MAX_DEPTH)
  return { ...object, apiVersion: said(TYPE_META_VERSION), kind: said(TYPE_META_KIND) }
}
