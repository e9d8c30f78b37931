/** The frames of SPDY/3.1: pure. Those that streams over a pod's connection never need are left out, and skipped. */

const VERSION = 3
const HEAD_BYTES = 8
const CONTROL = 0x80

const TYPES = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7, headers: 8 } as const

const FIN = 0x01

/** The longest frame of control: a few headers, compressed. */
export const CONTROL_BYTES_MAX = 64 * 1024

export type Frame =
  /** `block`: headers, still compressed. All blocks of a connection have to be read, in order. */
  | { is: 'synStream'; id: number; block: Buffer; isLast: boolean }
  /** More headers, of a stream that is open. */
  | { is: 'headers'; block: Buffer }
  | { is: 'rstStream'; id: number }
  /** A part of a stream: its frame may have been longer. */
  | { is: 'data'; id: number; data: Buffer; isLast: boolean }
  | { is: 'ping'; id: number }
  | { is: 'goAway' }

/** A peer does not speak the protocol. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

const idAt = (bytes: Buffer, offset: number) => bytes.readUInt32BE(offset) & 0x7fffffff

function controlFrame(type: number, flags: number, body: Buffer): Frame | undefined {
  const need = (length: number) => {
    if (body.length < length) throw new ProtocolError(`a frame of type ${type} has ${body.length} bytes`)
  }
  switch (type) {
    case TYPES.synStream:
      need(10)
      return { is: 'synStream', id: idAt(body, 0), block: body.subarray(10), isLast: (flags & FIN) !== 0 }
    case TYPES.synReply:
    case TYPES.headers:
      need(4)
      return { is: 'headers', block: body.subarray(4) }
    case TYPES.rstStream:
      need(8)
      return { is: 'rstStream', id: idAt(body, 0) }
    case TYPES.ping:
      need(4)
      return { is: 'ping', id: body.readUInt32BE(0) }
    case TYPES.goAway:
      return { is: 'goAway' }
    default:
      // Settings and windows: neither end of such a connection keeps to any.
      return undefined
  }
}

/**
 * Cuts a connection's bytes into frames. Takes chunks cut anywhere; data is passed on as it comes, so that no more is kept
 * than a frame of control. Throws a ProtocolError.
 */
export function frameReader(): (chunk: Buffer) => Frame[] {
  let pending: Buffer = Buffer.alloc(0)
  /** The frame of data that is under way. */
  let data: { id: number; left: number; isLast: boolean } | undefined

  const readControl = (frames: Frame[]): boolean => {
    if (pending.length < HEAD_BYTES) return false
    const length = pending.readUIntBE(5, 3)
    const flags = pending[4]!
    if ((pending[0]! & CONTROL) === 0) {
      data = { id: idAt(pending, 0), left: length, isLast: (flags & FIN) !== 0 }
      pending = pending.subarray(HEAD_BYTES)
      return true
    }
    if ((pending.readUInt16BE(0) & 0x7fff) !== VERSION) throw new ProtocolError('this is not SPDY/3')
    if (length > CONTROL_BYTES_MAX) throw new ProtocolError(`a frame of control has ${length} bytes`)
    if (pending.length < HEAD_BYTES + length) return false
    const body = Buffer.from(pending.subarray(HEAD_BYTES, HEAD_BYTES + length))
    const frame = controlFrame(pending.readUInt16BE(2), flags, body)
    pending = pending.subarray(HEAD_BYTES + length)
    if (frame !== undefined) frames.push(frame)
    return true
  }

  const readData = (frames: Frame[], { id, left, isLast }: NonNullable<typeof data>): boolean => {
    if (pending.length === 0 && left > 0) return false
    const part = pending.subarray(0, left)
    pending = pending.subarray(part.length)
    const isWhole = part.length === left
    data = isWhole ? undefined : { id, left: left - part.length, isLast }
    frames.push({ is: 'data', id, data: part, isLast: isLast && isWhole })
    return true
  }

  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    const frames: Frame[] = []
    while (data === undefined ? readControl(frames) : readData(frames, data));
    // A copy, since the rest would keep the whole chunk in memory.
    pending = Buffer.from(pending)
    return frames
  }
}

function frame(head: readonly [number, number], { flags = 0, body }: { flags?: number; body: Buffer }): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES)
  bytes.writeUInt16BE(head[0], 0)
  bytes.writeUInt16BE(head[1], 2)
  bytes[4] = flags
  bytes.writeUIntBE(body.length, 5, 3)
  return Buffer.concat([bytes, body])
}

const control = (type: number, body: Buffer, flags = 0) => frame([(CONTROL << 8) | VERSION, type], { flags, body })

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index)
  return bytes
}

export const encodeSynReply = (id: number, block: Buffer): Buffer =>
  control(TYPES.synReply, Buffer.concat([words(id), block]))
export const encodeReset = (id: number): Buffer => control(TYPES.rstStream, words(id, CANCEL))
export const encodePing = (id: number): Buffer => control(TYPES.ping, words(id))
export const encodeGoAway = (lastId: number): Buffer => control(TYPES.goAway, words(lastId, 0))
export const encodeData = (id: number, data: Buffer, { isLast }: { isLast: boolean }): Buffer =>
  frame([id >>> 16, id & 0xffff], { flags: isLast ? FIN : 0, body: data })

/** Why a stream is reset: nobody wants it any more. */
const CANCEL = 5
