import { once } from 'node:events'
import { createServer } from 'node:net'
import t from 'tap'
import { serveHealth } from '../../shared/health.ts'

const ADDRESS = '127.0.0.1'

/** A port that was free a moment ago: 0 would turn the server off. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, ADDRESS)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

t.test('alive at once, ready when it is', async (t) => {
  const port = await freePort()
  const ready = Promise.withResolvers<void>()
  const server = await serveHealth({ 'healthz-port': port, 'healthz-bind-address': ADDRESS }, ready.promise)
  t.teardown(() => server?.close())
  const get = async (path: string) => {
    const answer = await fetch(`http://${ADDRESS}:${port}${path}`)
    return [answer.status, await answer.text()]
  }
  t.same(await get('/healthz'), [200, 'ok'])
  t.same(await get('/livez?verbose'), [200, 'ok'])
  t.same(await get('/readyz'), [503, 'not ready'])
  ready.resolve()
  t.same(await get('/readyz'), [200, 'ok'])
  t.equal((await get('/metrics'))[0], 404)
})

t.test('what it counts is told in the text of Prometheus', async (t) => {
  const port = await freePort()
  const values = () => [{ labels: { queue: 'active' }, value: 3 }]
  const metric = { name: 'pending_pods', help: 'Pods that wait.', type: 'gauge' as const, values }
  const flags = { 'healthz-port': port, 'healthz-bind-address': ADDRESS }
  const server = await serveHealth(flags, Promise.resolve(), [metric])
  t.teardown(() => server?.close())
  const answer = await fetch(`http://${ADDRESS}:${port}/metrics`)
  t.equal(answer.status, 200)
  const text = await answer.text()
  t.match(text, '# HELP pending_pods Pods that wait.\n# TYPE pending_pods gauge\npending_pods{queue="active"} 3\n')
  t.match(text, 'process_cpu_seconds_total')
})

t.test('port 0 is none', async (t) => {
  const flags = { 'healthz-port': 0, 'healthz-bind-address': ADDRESS }
  t.equal(await serveHealth(flags, Promise.resolve()), undefined)
})

t.test('a port that cannot be had is told', async (t) => {
  const holder = createServer().listen(0, ADDRESS)
  await once(holder, 'listening')
  t.teardown(() => holder.close())
  const { port } = holder.address() as { port: number }
  await t.rejects(serveHealth({ 'healthz-port': port, 'healthz-bind-address': ADDRESS }, Promise.resolve()), {
    code: 'EADDRINUSE',
  })
})
