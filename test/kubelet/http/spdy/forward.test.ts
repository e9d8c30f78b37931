/** Forwarding over SPDY, to real connections. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { duplexPair } from 'node:stream'
import t, { type Test } from 'tap'
import { forwardOverSpdy } from '../../../../kubelet/http/spdy/forward.ts'
import { systemClock } from '../../../../shared/clock.ts'
import { eventually } from '../../runtime/support.ts'
import { spdyClient } from './client.ts'

async function setUp(t: Test) {
  // It answers when it has heard all.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk
    })
    socket.on('end', () => socket.end(`heard ${heard}`))
    socket.on('error', () => undefined)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const [near, far] = duplexPair()
  const serving = forwardOverSpdy(
    far,
    {
      async dial(wanted) {
        const socket = connect({ port: wanted, host: '127.0.0.1', allowHalfOpen: true })
        await once(socket, 'connect')
        return socket
      },
    },
    systemClock,
  )
  const client = spdyClient(near)
  const open = async (id: string, to: number) => {
    const headers = { port: String(to), requestid: id }
    const error = await client.open({ ...headers, streamtype: 'error' })
    client.end(error)
    return { error, data: await client.open({ ...headers, streamtype: 'data' }) }
  }
  return { client, open, port, serving, near, server }
}

t.test('several connections at once, each in both directions to its end', async (t) => {
  const { client, open, port, serving } = await setUp(t)
  const pairs = [await open('0', port), await open('1', port), await open('2', port)]
  for (const [index, { data }] of pairs.entries()) client.write(data, `number ${index}`)
  for (const { data } of pairs.toReversed()) client.end(data)
  await eventually(async () => pairs.every(({ data, error }) => data.hasEnded && error.hasEnded))
  t.strictSame(
    pairs.map(({ data, error }) => [data.text, error.text]),
    [0, 1, 2].map((index) => [`heard number ${index}`, '']),
  )
  client.close()
  await serving
})

t.test('a port on which nobody listens, and one that is none', async (t) => {
  const { client, open, port, server, serving } = await setUp(t)
  server.close()
  await once(server, 'close')
  const [refused, none] = [await open('0', port), await open('1', 0)]
  await eventually(async () => refused.error.hasEnded && none.error.hasEnded)
  t.match(refused.error.text, /ECONNREFUSED/)
  t.match(none.error.text, 'unable to parse "0" as a port')
  t.ok(refused.data.hasEnded)
  client.close()
  await serving
})

t.test('a client that leaves, or makes no sense, ends its connections', async (t) => {
  for (const end of ['leaves', 'nonsense']) {
    const { client, open, port, serving, near, server } = await setUp(t)
    const accepted = once(server, 'connection')
    const { data } = await open('0', port)
    client.write(data, 'hello')
    const [socket] = await accepted
    const closed = once(socket, 'close')
    if (end === 'leaves') near.destroy()
    else near.write(Buffer.alloc(64, 0x81))
    await closed
    await serving
    t.pass(end)
  }
})

t.test('pings are answered', async (t) => {
  const { client, near, serving } = await setUp(t)
  near.write(Buffer.from([0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 7]))
  await eventually(async () => client.frames.some((frame) => frame.is === 'ping' && frame.id === 7))
  client.close()
  await serving
})
