/** Port-forwards over the channels of a WebSocket, to a real pod's address. */
import { once } from 'node:events'
import type { Server } from 'node:net'
import { createServer } from 'node:net'
import t from 'tap'
import { WebSocket } from 'ws'
import { eventually } from '../runtime/support.ts'
import { apiServer, authority, HOST, setUp } from './support.ts'

t.test('what a client asks for and sends does not end the kubelet', async (t) => {
  const { server, run, runtime } = await setUp(t)
  await run(['/bin/sleep', '100'])
  const { ip } = await runtime.ensureSandbox({ podUid: 'pod', namespace: 'default', name: 'kubia', directory: '/' })
  const listening: Server = createServer((socket) => socket.on('error', () => undefined)).listen(0, ip)
  await once(listening, 'listening')
  t.teardown(() => listening.close())
  const open = (ports: readonly number[]) => {
    const query = ports.map((port) => `port=${port}`).join('&')
    const url = `wss://${HOST}:${server.port}/portForward/default/kubia?${query}`
    const identity = { cert: apiServer.certificate, key: apiServer.key }
    return new WebSocket(url, 'v4.channel.k8s.io', { ca: authority.certificate, ...identity })
  }

  const silent = Array.from({ length: 127 }, (_, index) => index + 1)
  const refused = open(silent)
  const causes = new Map<number, string>()
  refused.on('message', (message: Buffer) => {
    if (message.length > 3) causes.set(message[0]!, message.subarray(1).toString())
  })
  await once(refused, 'close')
  t.equal(causes.size, silent.length, 'of many ports where nobody listens, each is told why')
  t.match(causes.get(1), /error forwarding port 1 to pod pod, .*connection refused/)

  const connectionsOf = () =>
    new Promise<number>((resolve) => listening.getConnections((_error, count) => resolve(count)))
  const { port } = listening.address() as { port: number }
  const greedy = open([port])
  await once(greedy, 'open')
  await eventually(async () => (await connectionsOf()) === 1)
  greedy.send(Buffer.alloc(2 * 1024 * 1024))
  t.equal((await once(greedy, 'close'))[0], 1009, 'a message that is too long ends its connection')
  await eventually(async () => (await connectionsOf()) === 0)
  t.pass('and the one with the port')
})
