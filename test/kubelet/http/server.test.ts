/** The kubelet's server over TLS, in front of a real runtime. */
import { readFileSync } from 'node:fs'
import { type RequestOptions, request } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { createAuthority, type KeyPair } from '../../../cluster/certificates.ts'
import { createKubeletServer } from '../../../kubelet/http/server.ts'
import { startProcessRuntime } from '../../../kubelet/runtime/process-runtime.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { systemClock } from '../../../shared/clock.ts'
import { createLogger } from '../../../shared/log.ts'
import { allGone, command, eventually, lineIn } from '../runtime/support.ts'

const HOST = '127.83.1.1'

const authority = await createAuthority('kubernetes')
const [serving, apiServer, node, stranger] = await Promise.all([
  authority.issue({ commonName: 'node-1', usages: ['server'], hosts: [HOST] }),
  authority.issue({
    commonName: 'kube-apiserver-kubelet-client',
    organizations: ['system:masters'],
    usages: ['client'],
  }),
  authority.issue({ commonName: 'system:node:node-1', organizations: ['system:nodes'], usages: ['client'] }),
  createAuthority('another').then((other) =>
    other.issue({ commonName: 'kube-apiserver-kubelet-client', organizations: ['system:masters'], usages: ['client'] }),
  ),
])

async function setUp(t: Test) {
  const rootDirectory = join(t.testdir({}), 'node')
  const logger = createLogger('kubelet', 'error')
  const runtime = await startProcessRuntime({ rootDirectory, nodeIp: HOST, podCidr: '127.83.1.0/24', logger })
  const supervisor = Number.parseInt(readFileSync(join(rootDirectory, 'supervisor.pid'), 'utf8'), 10)
  const containerStatuses: object[] = []
  const pod = {
    metadata: { name: 'kubia', namespace: 'default', uid: 'pod' },
    spec: { containers: [{ name: 'main' }, { name: 'late' }] },
    status: { containerStatuses },
  } as unknown as Pod
  const server = await createKubeletServer({
    host: HOST,
    port: 0,
    certificate: serving.certificate,
    key: serving.key,
    clientAuthority: authority.certificate,
    pods: {
      list: () => [pod],
      find: (namespace, name) => (`${namespace}/${name}` === 'default/kubia' ? pod : undefined),
    },
    runtime,
    clock: systemClock,
    logger,
  })
  t.teardown(async () => {
    await server.close()
    await runtime.shutdown()
    await allGone([supervisor])
  })

  const run = async (argv: readonly string[]) => {
    await runtime.ensureSandbox({
      podUid: 'pod',
      namespace: 'default',
      name: 'kubia',
      directory: join(rootDirectory, 'pod'),
    })
    const logPath = join(rootDirectory, 'pod', 'main.log')
    const program = { argv, env: {}, annotations: {}, workingDirectory: '/', logPath }
    const state = await runtime.startContainer({ podUid: 'pod', name: 'main', attempt: 0, ...program })
    const running = { name: 'main', state: { running: {} }, lastState: {}, containerID: `process://${state.id}` }
    containerStatuses.splice(0, 1, running)
    return { ...state, logPath }
  }
  /** Begins a request; the promise is of its head. */
  const begin = (path: string, client: KeyPair | undefined = apiServer, changes: RequestOptions = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<import('node:http').IncomingMessage>()
    const identity = client && { cert: client.certificate, key: client.key }
    request({ host: HOST, port: server.port, path, ca: authority.certificate, ...identity, agent: false, ...changes })
      .on('response', resolve)
      .on('error', reject)
      .end()
    return promise
  }
  const get = async (path: string, client?: KeyPair) => {
    const response = await begin(path, client)
    return { status: response.statusCode, type: response.headers['content-type'], body: await text(response) }
  }
  return { runtime, server, run, begin, get, containerStatuses }
}

t.test('only the API server may ask', async (t) => {
  const { get, begin } = await setUp(t)
  t.match(await get('/healthz'), { status: 200, body: 'ok' })
  t.match(await get('/containerLogs/default/kubia/main', node), {
    status: 403,
    body: 'Forbidden (user=system:node:node-1, verb=get, resource=nodes, subresource(s)=[log])',
  })
  t.match(await get('/pods', stranger), { status: 401, body: 'Unauthorized' }, 'a certificate of another authority')
  const anonymous = await begin('/healthz', undefined, { cert: undefined, key: undefined })
  t.equal(anonymous.statusCode, 401, 'no certificate at all')
  anonymous.resume()
})

t.test('logs', async (t) => {
  const { get, run, runtime } = await setUp(t)
  const { id } = await run(['sh', '-c', 'echo one; echo two; echo three'])
  await eventually(async () => (await runtime.list()).some((state) => state.state === 'exited'))
  const path = '/containerLogs/default/kubia/main'
  t.match(await get(path), { status: 200, type: 'text/plain', body: 'one\ntwo\nthree\n' })
  t.equal((await get(`${path}?tailLines=1`)).body, 'three\n')
  t.match((await get(`${path}?timestamps=true&tailLines=1`)).body, /^\d{4}-\S+\.\d{9}Z three\n$/)
  t.equal((await get(`${path}?limitBytes=5`)).body, 'one\nt')
  t.match(await get(`${path}?tailLines=x`), { status: 422, body: '{"message": "Invalid request."}' })
  t.match(await get(`${path}?previous=true`), {
    status: 400,
    body: 'previous terminated container "main" in pod "kubia" not found',
  })
  t.match(await get('/containerLogs/default/kubia/late'), {
    status: 400,
    body: 'container "late" in pod "kubia" is not available',
  })
  t.match(await get('/containerLogs/default/none/main'), { status: 404, body: 'pod "none_default" does not exist' })
  await runtime.removeContainer(id)
  t.match(await get(path), { status: 200, body: `unable to retrieve container logs for process://${id}` })
})

t.test('following a container to its end', async (t) => {
  const { begin, run, runtime } = await setUp(t)
  const { id, logPath } = await run(command('exits-on-sigterm.sh'))
  await lineIn(logPath, /ready/)
  const response = await begin('/containerLogs/default/kubia/main?follow=true')
  const chunks = response.setEncoding('utf8')[Symbol.asyncIterator]()
  t.equal((await chunks.next()).value, 'ready\n', 'what is there comes at once')
  await runtime.stopContainer(id, { graceMs: 60_000 })
  t.equal((await chunks.next()).value, 'asked\n')
  t.equal((await chunks.next()).done, true, 'and the end of the container is the end of its log')
})

t.test('a silent log begins at once, and ends with the server', async (t) => {
  const { begin, run, server } = await setUp(t)
  await run(['sleep', '600'])
  const response = await begin('/containerLogs/default/kubia/main?follow=true')
  t.equal(response.statusCode, 200)
  const ended = text(response).catch((error: NodeJS.ErrnoException) => error.code)
  await server.close()
  t.match(await ended, /^$|ECONNRESET/)
})

t.test('pods, and what does not exist', async (t) => {
  const { get } = await setUp(t)
  const { status, body } = await get('/pods')
  t.equal(status, 200)
  t.match(JSON.parse(body), { kind: 'PodList', apiVersion: 'v1', items: [{ metadata: { name: 'kubia' } }] })
  t.match(await get('/exec'), { status: 404, body: '404 page not found\n' })
})
