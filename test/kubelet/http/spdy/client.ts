/** A client's end of a SPDY connection, in small: it opens streams and collects what comes back. */
import type { Duplex } from 'node:stream'
import { encodeData, type Frame, frameReader } from '../../../../kubelet/http/spdy/frames.ts'
import { createHeaderBlocks } from '../../../../kubelet/http/spdy/header-block.ts'

function synStream(id: number, block: Buffer): Buffer {
  const head = Buffer.from([0x80, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  head.writeUIntBE(10 + block.length, 5, 3)
  head.writeUInt32BE(id, 8)
  return Buffer.concat([head, block])
}

export interface ClientStream {
  id: number
  text: string
  hasEnded: boolean
  wasReset: boolean
}

export function spdyClient(transport: Duplex) {
  const blocks = createHeaderBlocks()
  const read = frameReader()
  const streams = new Map<number, ClientStream>()
  const frames: Frame[] = []
  let nextId = 1
  transport.on('data', (chunk: Buffer) => {
    for (const frame of read(chunk)) {
      frames.push(frame)
      if (frame.is !== 'data' && frame.is !== 'rstStream') continue
      const stream = streams.get(frame.id)!
      if (frame.is === 'rstStream') stream.wasReset = true
      else {
        stream.text += frame.data.toString('latin1')
        stream.hasEnded ||= frame.isLast
      }
    }
  })
  return {
    frames,
    async open(headers: Record<string, string>): Promise<ClientStream> {
      const stream = { id: nextId, text: '', hasEnded: false, wasReset: false }
      nextId += 2
      streams.set(stream.id, stream)
      transport.write(synStream(stream.id, await blocks.encode(new Map(Object.entries(headers)))))
      return stream
    },
    write: ({ id }: ClientStream, text: string) =>
      transport.write(encodeData(id, Buffer.from(text), { isLast: false })),
    end: ({ id }: ClientStream) => transport.write(encodeData(id, Buffer.alloc(0), { isLast: true })),
    close() {
      transport.end()
      blocks.close()
    },
  }
}
