/** Checks against real servers; the time limit comes from a stepped clock. */
import { once } from 'node:events'
import { createServer as createHttp, type Server } from 'node:http'
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2'
import { type AddressInfo, createServer as createTcp, type Server as TcpServer } from 'node:net'
import t from 'tap'
import { type CheckTarget, check } from '../../../kubelet/probes/check.ts'
import type { Outcome } from '../../../kubelet/probes/outcome.ts'
import type { ExecResult } from '../../../kubelet/runtime/runtime.ts'
import type { Container, Probe } from '../../../shared/api/pod/pod.ts'
import { createFakeClock, settle } from '../../support/fake-clock.ts'
import { container } from '../pod/worlds.ts'

const LIMITS = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }
const SUCCESS: Outcome = { is: 'success' }
const failure = (message: string): Outcome => ({ is: 'failure', message })
const noExec = async () => Promise.reject(new Error('no program is to be run'))

async function listen(server: TcpServer | Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createTcp()
  const port = await listen(server)
  server.close()
  await once(server, 'close')
  return port
}

const run = (
  handler: Partial<Probe>,
  {
    ports = [],
    exec = noExec,
    clock = createFakeClock(),
  }: {
    ports?: Container['ports']
    exec?: () => Promise<ExecResult>
    clock?: ReturnType<typeof createFakeClock>
  } = {},
): Promise<Outcome> => {
  const target: CheckTarget = { runId: 'r', container: container('c', { ports }), podIp: '127.0.0.1' }
  return check({ ...LIMITS, ...handler }, target, { runtime: { exec }, clock }, new AbortController().signal)
}

const httpGet = (port: number | string, path = '/', fields = {}) => ({
  httpGet: { path, port, scheme: 'HTTP' as const, ...fields },
})

t.test('http', async (t) => {
  const seen: string[] = []
  const server = createHttp((request, response) => {
    seen.push(`${request.url} ${request.headers['user-agent']} ${request.headers['x-a'] ?? ''}`)
    const [, status = '200', location] = request.url!.split('!')
    if (request.url === '/silent') return
    response.writeHead(Number(status), location === undefined ? {} : { location }).end('body')
  })
  const port = await listen(server)
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const rows: [title: string, path: string, wanted: Outcome][] = [
    ['200', '/', SUCCESS],
    ['399', '/!399', SUCCESS],
    ['404', '/!404', failure('HTTP probe failed with statuscode: 404')],
    ['500', '/!500', failure('HTTP probe failed with statuscode: 500')],
    [
      'a redirect to another host is not',
      '/!302!http://elsewhere.invalid/',
      { is: 'warning', message: 'Probe terminated redirects' },
    ],
  ]
  for (const [title, path, wanted] of rows) {
    t.strictSame(await run(httpGet(port, path)), wanted, title)
  }
  const redirecting = createHttp((request, response) =>
    request.url === '/a' ? response.writeHead(302, { location: '/b' }).end() : response.writeHead(503).end(),
  )
  const redirectingPort = await listen(redirecting)
  t.teardown(() => redirecting.close())
  t.strictSame(
    await run(httpGet(redirectingPort, '/a')),
    failure('HTTP probe failed with statuscode: 503'),
    'a redirect is followed',
  )

  await run(httpGet('web', '/x?y=1', { httpHeaders: [{ name: 'X-A', value: '1' }] }), {
    ports: [{ name: 'web', containerPort: port, protocol: 'TCP' }],
  })
  t.equal(seen.at(-1), '/x?y=1 kube-probe/1.33 1', 'by the name of the port, with query and headers')
  t.strictSame(await run(httpGet('nosuch')), { is: 'error', message: 'strconv.Atoi: parsing "nosuch": invalid syntax' })

  const clock = createFakeClock()
  const silent = run(httpGet(port, '/silent'), { clock })
  while (!seen.at(-1)!.startsWith('/silent')) await settle()
  await clock.advance(1_000)
  const late = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
  t.strictSame(await silent, failure(`Get "http://127.0.0.1:${port}/silent": ${late}`))
})

t.test('http without a server', async (t) => {
  const port = await closedPort()
  const address = `127.0.0.1:${port}`
  t.strictSame(
    await run(httpGet(port)),
    failure(`Get "http://${address}/": dial tcp ${address}: connect: connection refused`),
  )
})

t.test('a host that cannot be one', async (t) => {
  const unknown = (message: string): Outcome => ({ is: 'error', message })
  t.strictSame(
    await run(httpGet(80, '/', { host: 'no host' })),
    unknown('parse "http://no host:80/": invalid host name'),
  )
  t.match(await run({ tcpSocket: { host: '\0', port: 80 } }), { is: 'error', message: /null bytes/ })
})

t.test('tcp', async (t) => {
  const server = createTcp((socket) => socket.on('error', () => socket.destroy()))
  const port = await listen(server)
  t.teardown(() => server.close())
  t.strictSame(await run({ tcpSocket: { port } }), SUCCESS)
  const closed = await closedPort()
  t.strictSame(
    await run({ tcpSocket: { port: closed } }),
    failure(`dial tcp 127.0.0.1:${closed}: connect: connection refused`),
  )
})

t.test('exec', async (t) => {
  const exec = (result: Partial<ExecResult>) => async () => ({ exitCode: 0, output: '', timedOut: false, ...result })
  const probe = { exec: { command: ['cat', '/tmp/ok'] } }
  t.strictSame(await run(probe, { exec: exec({}) }), SUCCESS)
  t.strictSame(await run(probe, { exec: exec({ exitCode: 1, output: 'cat: no\n' }) }), failure('cat: no'))
  t.strictSame(
    await run(probe, { exec: exec({ timedOut: true }) }),
    failure('command timed out: "cat /tmp/ok" timed out after 1s'),
  )
  t.strictSame(await run(probe), { is: 'error', message: 'no program is to be run' })
})

t.test('grpc', async (t) => {
  /** Answers with a health status, or with a gRPC error. */
  const serve = async (status: number, grpcStatus = '0') => {
    const server = createHttp2()
    server.on('stream', (stream: ServerHttp2Stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': grpcStatus }))
      stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, status]))
    })
    const port = await listen(server as unknown as TcpServer)
    t.teardown(() => server.close())
    return { grpc: { port, service: 'x' } }
  }
  t.strictSame(await run(await serve(1)), SUCCESS)
  t.strictSame(await run(await serve(2)), failure('service unhealthy (responded with "NOT_SERVING")'))
  t.match(await run(await serve(1, '12')), { is: 'failure', message: /does not implement the grpc health protocol/ })
  t.match(await run({ grpc: { port: await closedPort(), service: '' } }), { message: /connection refused/ })
})
