/** The kubelet's server over TLS, in front of a real runtime. */
import { text } from 'node:stream/consumers'
import t from 'tap'
import { command, eventually, lineIn } from '../runtime/support.ts'
import { node, setUp, stranger } from './support.ts'

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

t.test('what containers use', { skip: process.platform !== 'linux' && 'there is no /proc' }, async (t) => {
  const { get, run } = await setUp(t)
  await run(['sh', '-c', 'while :; do :; done'])
  const usage = async () => {
    const { pods } = JSON.parse((await get('/stats/summary')).body)
    return pods[0]?.cpu.usageCoreNanoSeconds > 1e8 && pods[0]
  }
  const pod = await eventually(usage)
  t.match(pod, {
    podRef: { name: 'kubia', namespace: 'default', uid: 'pod' },
    containers: [{ name: 'main', cpu: { usageNanoCores: Number }, memory: { workingSetBytes: Number } }],
  })
  t.ok(pod.cpu.usageNanoCores > 1e7 && pod.memory.workingSetBytes > 1e5)
  const labels = '{container="main",namespace="default",pod="kubia"}'
  t.match((await get('/metrics/resource')).body, `container_memory_working_set_bytes${labels} `)
  t.match((await get('/metrics/cadvisor')).body, /^container_processes\{container="main",.*\} 1$/m)
  t.match((await get('/metrics')).body, /^kubelet_running_pods 1$/m)
})
