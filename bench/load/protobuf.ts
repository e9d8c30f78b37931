/** As much of protobuf as etcd's client needs: fields of bytes and numbers. */

/** A field of bytes: tag, length, bytes. */
export function bytesField(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}

/** The fields of a message; numbers as they are, bytes as they are. */
export function* fieldsOf(message: Buffer): Generator<{ number: number; bytes?: Buffer }> {
  let at = 0
  const read = () => {
    let [value, scale] = [0, 1]
    for (;;) {
      const byte = message[at++]!
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
  }
  while (at < message.length) {
    const tag = read()
    if ((tag & 7) === 0) {
      read()
      yield { number: tag >>> 3 }
      continue
    }
    const length = read()
    yield { number: tag >>> 3, bytes: message.subarray(at, at + length) }
    at += length
  }
}
