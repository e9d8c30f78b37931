/** The `proxy` subresources of pods and services, in front of a server that says what it was asked. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

const NAMESPACE = '/api/v1/namespaces/default'

t.test('requests that are passed on', async (t) => {
  const target = createServer((request, response) => {
    let bytes = 0
    request.on('data', (chunk) => {
      bytes += chunk.length
    })
    request.on('end', () => {
      const { method, url, headers } = request
      if (url === '/away') return void response.writeHead(302, { location: '/there?x=1' }).end()
      response.writeHead(url === '/teapot' ? 418 : 200, { 'x-target': 'yes' })
      response.end(JSON.stringify({ method, url, bytes, headers }))
    })
  }).listen(0, '127.0.0.1')
  await once(target, 'listening')
  const sockets = new WebSocketServer({ server: target })
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`heard ${data}`)))
  const { port } = target.address() as AddressInfo
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(async () => {
    await server.close()
    target.close()
    target.closeAllConnections()
  })
  const { send } = server
  const pod = {
    metadata: { name: 'web', labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image: 'x', ports: [{ name: 'http', containerPort: port }] }] },
  }
  const created = (await send('POST', `${NAMESPACE}/pods`, { body: pod })).json()
  const setStatus = (status: object) =>
    send('PUT', `${NAMESPACE}/pods/web/status`, { body: { ...created, status: { ...created.status, ...status } } })
  const service = {
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'front', port: 80, targetPort: 'http' }] },
  }
  await send('POST', `${NAMESPACE}/services`, { body: service })

  t.match((await send('GET', `${NAMESPACE}/services/web/proxy/`)).json(), {
    code: 503,
    reason: 'ServiceUnavailable',
    message: 'no endpoints available for service "web"',
  })
  await setStatus({
    podIP: '127.0.0.1',
    podIPs: [{ ip: '127.0.0.1' }],
    conditions: [{ type: 'Ready', status: 'True' }],
  })

  for (const name of ['pods/web', `pods/web:${port}`, 'pods/web:http', `pods/http:web:${port}`]) {
    const answer = await send('GET', `${NAMESPACE}/${name}/proxy/a%20b/c?d=e`)
    t.match(answer.json(), { method: 'GET', url: '/a%20b/c?d=e' }, name)
    t.equal(answer.headers['x-target'], 'yes')
    t.equal(answer.json().headers.authorization, undefined, 'the client’s credentials are not the target’s business')
  }
  const impersonating = { 'impersonate-user': 'somebody', 'impersonate-group': 'system:masters' }
  const acted = await send('GET', `${NAMESPACE}/pods/web/proxy/x`, { headers: impersonating })
  t.equal(acted.status, 200)
  t.notMatch(Object.keys(acted.json().headers).join(' '), /impersonate/, 'nor is as whom it acts')
  for (const name of ['services/web', 'services/web:80', 'services/web:front', 'services/http:web:front'])
    t.match((await send('GET', `${NAMESPACE}/${name}/proxy/x`)).json(), { url: '/x' }, name)

  const large = Buffer.alloc(5 * 1024 * 1024)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    t.match(
      (await send(method, `${NAMESPACE}/pods/web/proxy/`, { body: large })).json(),
      { method, bytes: large.length },
      `${method}, with a body that is larger than any object`,
    )
  t.equal((await send('HEAD', `${NAMESPACE}/pods/web/proxy/`)).status, 200)
  t.equal((await send('GET', `${NAMESPACE}/pods/web/proxy/teapot`)).status, 418)
  const root = await send('GET', `${NAMESPACE}/pods/web/proxy`)
  t.match([root.status, root.headers.location], [301, `${NAMESPACE}/pods/web/proxy/`])
  const away = await send('GET', `${NAMESPACE}/pods/web/proxy/away`)
  t.match([away.status, away.headers.location], [302, `${NAMESPACE}/pods/web/proxy/there?x=1`])

  for (const [name, code, message] of [
    ['services/web:81', 503, 'no service port "81" found for service "web"'],
    ['pods/none', 404, 'pods "none" not found'],
    ['pods/ftp:web:1', 400, 'invalid pod request "ftp:web:1"'],
    ['pods/web:nope', 400, 'invalid port "nope" of pod web'],
    ['pods/web:1', 503, 'error trying to reach service: dial tcp 127.0.0.1:1: connect: connection refused'],
  ] as const)
    t.match((await send('GET', `${NAMESPACE}/${name}/proxy/`)).json(), { code, message }, name)
  t.equal((await send('GET', `${NAMESPACE}/pods/web/proxy/`, { authorization: null })).status, 401)

  const socket = new WebSocket(`${server.url.replace('https', 'wss')}${NAMESPACE}/pods/web/proxy/socket`, {
    ca: server.authority.certificate,
    headers: { authorization: `Bearer ${server.token}` },
  })
  await once(socket, 'open')
  socket.send('hello')
  t.equal(String((await once(socket, 'message'))[0]), 'heard hello', 'WebSockets too')
  socket.close()
  await once(socket, 'close')
})
