/** Reads the CRI's log format: `TIME STREAM TAG text`, where the tag `P` says that the line goes on in the next record. */

const SPACE = 0x20
const NEWLINE = 0x0a
const PARTIAL = 'P'.charCodeAt(0)
const LINE_END = Buffer.from('\n')

export interface LogRecord {
  /** As written, RFC 3339 with nanoseconds in UTC. */
  time: Buffer
  stream: string
  isPartial: boolean
  text: Buffer
}

/** Parses one record without its line end; undefined where it is none. */
export function parseRecord(line: Buffer): LogRecord | undefined {
  const time = line.indexOf(SPACE)
  const stream = time === -1 ? -1 : line.indexOf(SPACE, time + 1)
  const tag = stream === -1 ? -1 : line.indexOf(SPACE, stream + 1)
  if (tag === -1) return undefined
  return {
    time: line.subarray(0, time),
    stream: line.toString('latin1', time + 1, stream),
    isPartial: line[stream + 1] === PARTIAL,
    text: line.subarray(tag + 1),
  }
}

/** Whether the record that ends before `end` closes a line of the program; of a broken one it is assumed. */
export const closesLine = (line: Buffer): boolean => parseRecord(line)?.isPartial !== true

export interface RenderOptions {
  timestamps: boolean
  /** Only records from this moment on. */
  sinceMs?: number
  /** Only records of this stream. */
  stream?: string
}

/** Moments in the log's own format, so that they compare as text. */
const timeText = (ms: number) => `${new Date(ms).toISOString().slice(0, 23)}000000Z`

/**
 * Turns a log's bytes into the program's output. Takes chunks cut anywhere, and keeps what is not a whole record yet: at
 * most one record, since the writer bounds them.
 */
export function logRenderer({ timestamps, sinceMs, stream }: RenderOptions): (chunk: Buffer) => Buffer {
  const since = sinceMs === undefined ? undefined : timeText(sinceMs)
  let pending: Buffer = Buffer.alloc(0)
  let isPast = since !== undefined
  let isLineStart = true
  return (chunk) => {
    const data = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    const parts: Buffer[] = []
    let from = 0
    for (let end = data.indexOf(NEWLINE); end !== -1; end = data.indexOf(NEWLINE, from)) {
      const record = parseRecord(data.subarray(from, end))
      from = end + 1
      if (record === undefined || (stream !== undefined && record.stream !== stream)) continue
      // Records are in order of time, so only the first ones need to be compared.
      isPast &&= record.time.toString() < since!
      if (isPast) continue
      if (timestamps && isLineStart) parts.push(record.time, Buffer.from(' '))
      parts.push(record.text)
      if (!record.isPartial) parts.push(LINE_END)
      isLineStart = !record.isPartial
    }
    pending = Buffer.from(data.subarray(from))
    return Buffer.concat(parts)
  }
}
