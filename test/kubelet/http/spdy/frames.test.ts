import fc from 'fast-check'
import t from 'tap'
import { spdyDictionary } from '../../../../kubelet/http/spdy/dictionary.ts'
import {
  encodeData,
  encodeGoAway,
  encodePing,
  encodeReset,
  encodeSynReply,
  type Frame,
  frameReader,
  ProtocolError,
} from '../../../../kubelet/http/spdy/frames.ts'
import { createHeaderBlocks } from '../../../../kubelet/http/spdy/header-block.ts'

t.test('the dictionary is the protocol’s', async (t) => {
  const dictionary = spdyDictionary()
  t.equal(dictionary.length, 1423)
  const blocks = createHeaderBlocks()
  const block = await blocks.encode(new Map())
  blocks.close()
  t.equal(block.toString('hex', 2, 6), 'e3c6a7c2', 'by which the other end’s compressor names it')
})

t.test('headers, by one compressor for all', async (t) => {
  const [sender, receiver] = [createHeaderBlocks(), createHeaderBlocks()]
  for (const headers of [
    { streamtype: 'error', port: '8080' },
    {},
    { streamtype: 'data', port: '8080', requestid: '1' },
  ]) {
    const map = new Map(Object.entries(headers))
    t.strictSame(await receiver.decode(await sender.encode(map)), map)
  }
  await t.rejects(receiver.decode(Buffer.from('nonsense')))
  sender.close()
  receiver.close()
})

const ids = fc.integer({ min: 1, max: 0x7fffffff })
const frames = fc.oneof(
  fc.tuple(ids, fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.boolean()).map(([id, bytes, isLast]) => ({
    bytes: encodeData(id, Buffer.from(bytes), { isLast }),
    frame: { is: 'data', id, data: Buffer.from(bytes), isLast } as Frame,
  })),
  ids.map((id) => ({ bytes: encodePing(id), frame: { is: 'ping', id } as Frame })),
  ids.map((id) => ({ bytes: encodeReset(id), frame: { is: 'rstStream', id } as Frame })),
  ids.map((id) => ({ bytes: encodeGoAway(id), frame: { is: 'goAway' } as Frame })),
  fc.tuple(ids, fc.uint8Array({ maxLength: 50 })).map(([id, block]) => ({
    bytes: encodeSynReply(id, Buffer.from(block)),
    frame: { is: 'headers', block: Buffer.from(block) } as Frame,
  })),
)

/** Data may come in parts: joined again, as they were. */
function joined(all: readonly Frame[]): Frame[] {
  const result: Frame[] = []
  for (const frame of all) {
    const last = result.at(-1)
    const goesOn = frame.is === 'data' && last?.is === 'data' && last.id === frame.id && !last.isLast
    if (goesOn) result.splice(-1, 1, { ...frame, data: Buffer.concat([last.data, frame.data]) })
    else result.push(frame)
  }
  return result
}

t.test('property: frames are read as they were written, wherever they are cut', async (t) => {
  fc.assert(
    fc.property(fc.array(frames, { maxLength: 10 }), fc.array(fc.integer({ min: 1, max: 40 })), (list, cuts) => {
      const bytes = Buffer.concat(list.map((one) => one.bytes))
      const read = frameReader()
      const found: Frame[] = []
      let from = 0
      for (const cut of cuts) {
        found.push(...read(bytes.subarray(from, from + cut)))
        from += cut
      }
      found.push(...read(bytes.subarray(from)))
      const wanted = list.map(({ frame }) => frame)
      return JSON.stringify(joined(found)) === JSON.stringify(joined(wanted))
    }),
  )
  t.pass('holds')
})

t.test('property: nonsense is refused, and nothing worse', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      try {
        frameReader()(Buffer.from(bytes))
        return true
      } catch (error) {
        return error instanceof ProtocolError
      }
    }),
  )
  t.pass('holds')
})
