/** Protobuf's wire format: a message is a sequence of numbered values. */

/** The bytes are no protobuf message. */
export class WireError extends Error {
  override readonly name = 'WireError'
}

/** A number of 64 bits, or bytes: a text, a message or packed numbers. */
export type WireValue = bigint | Buffer

export interface WireField {
  number: number
  value: WireValue
}

const VARINT = 0
const FIXED_64 = 1
const BYTES = 2
const FIXED_32 = 5
const VARINT_BYTES_MAX = 10

const truncated = () => new WireError('unexpected EOF')

export interface Cursor {
  bytes: Buffer
  position: number
}

export function readVarint(cursor: Cursor): bigint {
  let value = 0n
  for (let index = 0; index < VARINT_BYTES_MAX; index++) {
    const byte = cursor.bytes[cursor.position++]
    if (byte === undefined) throw truncated()
    value |= BigInt(byte & 0x7f) << BigInt(7 * index)
    if (byte < 0x80) return BigInt.asUintN(64, value)
  }
  throw new WireError('integer overflow')
}

function take(cursor: Cursor, length: number): Buffer {
  const end = cursor.position + length
  if (end > cursor.bytes.length) throw truncated()
  const part = cursor.bytes.subarray(cursor.position, end)
  cursor.position = end
  return part
}

function readValue(cursor: Cursor, wireType: number): WireValue {
  switch (wireType) {
    case VARINT:
      return readVarint(cursor)
    case FIXED_64:
      return take(cursor, 8).readBigUInt64LE()
    case FIXED_32:
      return BigInt(take(cursor, 4).readUInt32LE())
    case BYTES:
      return take(cursor, Number(readVarint(cursor)))
    default:
      throw new WireError(`illegal wireType ${wireType}`)
  }
}

/** The values of a message in their order. Throws a WireError. */
export function* readFields(bytes: Buffer): Generator<WireField> {
  const cursor: Cursor = { bytes, position: 0 }
  while (cursor.position < bytes.length) {
    const tag = Number(readVarint(cursor))
    yield { number: Math.floor(tag / 8), value: readValue(cursor, tag & 7) }
  }
}
