import fc from 'fast-check'
import t from 'tap'
import { encode, LINE_BYTES_MAX, lineDecoder } from '../../../../kubelet/runtime/supervisor/protocol.ts'

t.test('property: messages arrive whatever chunks their bytes come in', async (t) => {
  const podUid = fc.string({ unit: 'grapheme', maxLength: 30 })
  fc.assert(
    fc.property(fc.array(podUid), fc.array(fc.integer({ min: 1, max: 50 })), (uids, cuts) => {
      const sent = uids.map((uid) => ({ event: 'changed', podUid: uid }) as const)
      const bytes = Buffer.from(sent.map(encode).join(''))
      const received: unknown[] = []
      const decode = lineDecoder((message) => received.push(message))
      let from = 0
      for (const cut of cuts) {
        decode(bytes.subarray(from, from + cut))
        from += cut
      }
      decode(bytes.subarray(from))
      return JSON.stringify(received) === JSON.stringify(sent)
    }),
  )
  t.pass('holds')
})

t.test('a line without an end is not collected for ever', async (t) => {
  const decode = lineDecoder(() => t.fail('there is no message'))
  const chunk = Buffer.alloc(1024 * 1024, 'x')
  t.throws(() => {
    for (let sent = 0; sent <= LINE_BYTES_MAX; sent += chunk.length) decode(chunk)
  }, /exceeds/)
})

t.test('what is no JSON', async (t) => {
  t.throws(() => lineDecoder(() => undefined)(Buffer.from('hello\n')), SyntaxError)
})
