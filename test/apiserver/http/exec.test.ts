/** `pods/exec` through a real kubelet server and a real runtime: what is passed on, refused and ended. */
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { WebSocket } from 'ws'
import { apiServer, authority, HOST, setUp } from '../../kubelet/http/support.ts'
import { allGone } from '../../kubelet/runtime/support.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

const PODS = '/api/v1/namespaces/default/pods'
const V5 = 'v5.channel.k8s.io'
const SPDY = { connection: 'Upgrade', upgrade: 'SPDY/3.1' }

t.test('exec', async (t) => {
  const kubelet = await setUp(t)
  await kubelet.run(['sleep', '600'])
  const server = await startTestApiServer(testDirectory(t), {
    kubelet: { certificate: apiServer.certificate, key: apiServer.key, authority: authority.certificate },
  })
  t.teardown(() => server.close())
  const { send } = server
  const nodeAt = async (name: string, port: number) => {
    const node = (await send('POST', '/api/v1/nodes', { body: { metadata: { name } } })).json()
    const addresses = [{ type: 'InternalIP', address: HOST }]
    const status = { addresses, daemonEndpoints: { kubeletEndpoint: { Port: port } } }
    await send('PUT', `/api/v1/nodes/${name}/status`, { body: { ...node, status } })
  }
  const podOn = async (name: string, node?: string, containers = ['main']) => {
    const spec = { containers: containers.map((container) => ({ name: container, image: 'x' })) }
    await send('POST', PODS, { body: { metadata: { name }, spec } })
    const binding = { metadata: { name }, target: { name: node } }
    if (node !== undefined) await send('POST', `${PODS}/${name}/binding`, { body: binding })
  }
  await nodeAt('n', kubelet.server.port)
  await podOn('kubia', 'n', ['main', 'late'])

  const open = (path: string, protocols = [V5], headers = { authorization: `Bearer ${server.token}` } as object) =>
    new WebSocket(`${server.url.replace('https', 'wss')}${PODS}/${path}`, protocols, {
      ca: server.authority.certificate,
      headers: headers as Record<string, string>,
    })
  const refusal = async (path: string, protocols?: string[], headers?: object) => {
    const [request, response] = await once(open(path, protocols, headers), 'unexpected-response')
    const status = JSON.parse(await text(response))
    request.destroy()
    return status
  }
  /** Begins `sleep` and tells its PID. */
  const begin = async () => {
    const command = ['sh', '-c', 'echo $$; exec sleep 600'].map((word) => `command=${encodeURIComponent(word)}`)
    const socket = open(`kubia/exec?container=main&stdout=true&stdin=true&${command.join('&')}`)
    const { promise, resolve } = Promise.withResolvers<number>()
    socket.on('message', (data: Buffer) => data.length > 1 && resolve(Number(data.subarray(1).toString())))
    return { socket, pid: await promise }
  }

  t.test('both directions, with a token among the protocols', async (t) => {
    const bearer = `base64url.bearer.authorization.k8s.io.${Buffer.from(server.token).toString('base64url')}`
    const socket = open('kubia/exec?container=main&command=cat&stdin=true&stdout=true', [bearer, V5], {})
    const channels = ['', '', '', '']
    socket.on('message', (data: Buffer) => {
      channels[data[0]!] = `${channels[data[0]!]}${data.subarray(1)}`
    })
    await once(socket, 'open')
    t.equal(socket.protocol, V5)
    socket.send(Buffer.from('\0hello'))
    socket.send(Buffer.of(255, 0))
    t.equal((await once(socket, 'close'))[0], 1000)
    t.same(channels, ['', 'hello', '', '{"metadata":{},"status":"Success"}'])
  })

  t.test('what is refused', async (t) => {
    const exec = 'exec?command=true&stdout=true'
    t.match(await refusal(`kubia/${exec}`), {
      code: 400,
      message: 'a container name must be specified for pod kubia, choose one of: [main late]',
    })
    t.match(await refusal(`kubia/${exec}&container=no`), {
      code: 400,
      message: 'container no is not valid for pod kubia',
    })
    t.match(await refusal(`kubia/${exec}&container=late`), {
      code: 500,
      reason: 'InternalError',
      message: 'Internal error occurred: unable to upgrade connection: container not found ("late")',
    })
    t.match(await refusal(`none/${exec}`), { code: 404, message: 'pods "none" not found' })
    await podOn('waits')
    t.match(await refusal(`waits/${exec}`), { code: 400, message: 'pod waits does not have a host assigned' })
    await podOn('stranger', 'n')
    t.match(await refusal(`stranger/${exec}`), { code: 404, reason: 'NotFound', message: 'pod does not exist' })
    await nodeAt('gone', 1)
    await podOn('lost', 'gone')
    t.match(await refusal(`lost/${exec}`), {
      code: 500,
      message: `error dialing backend: dial tcp ${HOST}:1: connect: connection refused`,
    })
    t.match(await refusal(`kubia/${exec}`, [V5], {}), { code: 401 })
    t.match(await refusal(`kubia/${exec}&container=main`, ['v1.channel.k8s.io']), {
      code: 400,
      message: /^unable to negotiate protocol/,
    })
  })

  t.test('who does not say what to speak is told so', async (t) => {
    const path = `${PODS}/kubia/exec?command=true&stdout=true&container=main`
    t.match((await send('POST', path, { headers: SPDY })).json(), {
      kind: 'Status',
      code: 403,
      message: 'unable to upgrade: X-Stream-Protocol-Version is required',
    })
    t.match((await send('POST', `${path}x`, { headers: SPDY })).json(), {
      message: 'container mainx is not valid for pod kubia',
    })
    for (const method of ['GET', 'POST'])
      t.match((await send(method, path)).json(), { code: 400, message: 'Upgrade request required' })
  })

  t.test('the program ends with its client, and with the kubelet’s server', async (t) => {
    const first = await begin()
    first.socket.terminate()
    await allGone([first.pid])
    const { socket, pid } = await begin()
    const closed = once(socket, 'close')
    await kubelet.server.close()
    t.equal((await closed)[0], 1006)
    await allGone([pid])
  })
})

t.test('a stopping server ends what goes on', async (t) => {
  const kubelet = await setUp(t)
  await kubelet.run(['sleep', '600'])
  const server = await startTestApiServer(testDirectory(t), {
    kubelet: { certificate: apiServer.certificate, key: apiServer.key, authority: authority.certificate },
  })
  const { send } = server
  const node = (await send('POST', '/api/v1/nodes', { body: { metadata: { name: 'n' } } })).json()
  const addresses = [{ type: 'InternalIP', address: HOST }]
  const status = { addresses, daemonEndpoints: { kubeletEndpoint: { Port: kubelet.server.port } } }
  await send('PUT', '/api/v1/nodes/n/status', { body: { ...node, status } })
  const spec = { nodeName: 'n', containers: [{ name: 'main', image: 'x' }] }
  await send('POST', PODS, { body: { metadata: { name: 'kubia' }, spec } })
  const path = `${PODS}/kubia/exec?command=sleep&command=600&stdout=true`
  const socket = new WebSocket(`${server.url.replace('https', 'wss')}${path}`, [V5], {
    ca: server.authority.certificate,
    headers: { authorization: `Bearer ${server.token}` },
  })
  await once(socket, 'message')
  const closed = once(socket, 'close')
  await server.close()
  t.equal((await closed)[0], 1006)
})
