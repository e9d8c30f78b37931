/** The headers of SPDY's streams: names and values, compressed by one compressor for all of a connection. */
import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib'
import { spdyDictionary } from './dictionary.ts'
import { ProtocolError } from './frames.ts'

/** The most that one block may become: compression makes much of little. */
const BLOCK_BYTES_MAX = 64 * 1024

/** By name, in lower case. */
export type Headers = ReadonlyMap<string, string>

function parseBlock(block: Buffer): Headers {
  let position = 0
  const number = () => {
    if (position + 4 > block.length) throw new ProtocolError('a block of headers ends too early')
    position += 4
    return block.readUInt32BE(position - 4)
  }
  const text = () => {
    const length = number()
    if (position + length > block.length) throw new ProtocolError('a block of headers ends too early')
    position += length
    return block.toString('utf8', position - length, position)
  }
  const headers = new Map<string, string>()
  for (let left = number(); left > 0; left--) headers.set(text().toLowerCase(), text())
  return headers
}

function encodeBlock(headers: Headers): Buffer {
  const number = (value: number) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return bytes
  }
  const text = (value: string) => [number(Buffer.byteLength(value)), Buffer.from(value)]
  return Buffer.concat([
    number(headers.size),
    ...[...headers].flatMap(([name, value]) => [...text(name), ...text(value)]),
  ])
}

/** What a compressor makes of a piece, flushed, so that the piece can be read by itself. */
function pass(stream: Inflate | Deflate, piece: Buffer): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const parts: Buffer[] = []
  let length = 0
  const take = (part: Buffer) => {
    parts.push(part)
    length += part.length
    if (length > BLOCK_BYTES_MAX) stream.destroy(new ProtocolError('a block of headers is too long'))
  }
  stream.on('data', take)
  stream.once('error', reject)
  stream.write(piece)
  stream.flush(constants.Z_SYNC_FLUSH, () => resolve(Buffer.concat(parts)))
  return promise.finally(() => {
    stream.off('data', take)
    stream.off('error', reject)
  })
}

export interface HeaderBlocks {
  /** Reads one block; they have to be read in the order in which they came. Rejects what is none. */
  decode(block: Buffer): Promise<Headers>
  /** Makes one block; they have to be sent in the order in which they were made. */
  encode(headers: Headers): Promise<Buffer>
  close(): void
}

export function createHeaderBlocks(): HeaderBlocks {
  const dictionary = spdyDictionary()
  const inflate = createInflate({ dictionary, finishFlush: constants.Z_SYNC_FLUSH })
  const deflate = createDeflate({ dictionary })
  return {
    decode: async (block) => parseBlock(await pass(inflate, block)),
    encode: (headers) => pass(deflate, encodeBlock(headers)),
    close() {
      inflate.close()
      deflate.close()
    },
  }
}
