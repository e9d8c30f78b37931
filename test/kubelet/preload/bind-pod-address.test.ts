/** The preloads, in programs that listen in every way that Node knows. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { containerEnvironment } from '../../../kubelet/runtime/container-environment.ts'
import { testDirectory } from '../../support/directory.ts'

const POD_IP = '127.82.1.2'

interface Outcome {
  stdout: string
  stderr: string
  code: number
}

/** Runs a program as a pod's would run, to its end. */
async function run(source: string, { env = {}, isModule = false } = {}): Promise<Outcome> {
  const flags = isModule ? ['--input-type=module'] : []
  const options = { env: containerEnvironment(env, { ip: POD_IP, hostname: 'kubia' }), timeout: 10_000 }
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, '-e', source], options)
    return { stdout: stdout.trim(), stderr, code: 0 }
  } catch (error) {
    const { stdout, stderr, code } = error as Outcome
    return { stdout: stdout.trim(), stderr, code }
  }
}

/** A program that listens, prints where, and ends. */
const listening = (server: string, listen: string) =>
  `const server = ${server}; server.${listen}; server.once('listening', () => {
    const address = server.address(); console.log(address.address ?? address); server.close()
  })`

const NET = "require('node:net').createServer()"

const cases: { title: string; server?: string; listen: string; wanted: string | RegExp }[] = [
  { title: 'nothing', listen: 'listen()', wanted: POD_IP },
  { title: 'a callback alone', listen: 'listen(() => undefined)', wanted: POD_IP },
  { title: 'a port', listen: 'listen(0)', wanted: POD_IP },
  { title: 'a port as text', listen: "listen('0')", wanted: POD_IP },
  { title: 'a port and a callback', listen: 'listen(0, () => undefined)', wanted: POD_IP },
  { title: 'a port and a backlog', listen: 'listen(0, 511)', wanted: POD_IP },
  { title: 'a port, no host, and a callback', listen: 'listen(0, undefined, () => undefined)', wanted: POD_IP },
  { title: 'the IPv4 wildcard', listen: "listen(0, '0.0.0.0')", wanted: POD_IP },
  { title: 'the IPv6 wildcard', listen: "listen(0, '::', 511, () => undefined)", wanted: POD_IP },
  { title: 'options with a port', listen: 'listen({ port: 0 })', wanted: POD_IP },
  { title: 'options with a wildcard', listen: "listen({ port: 0, host: '::', ipv6Only: true })", wanted: POD_IP },
  { title: 'loopback', listen: "listen(0, '127.0.0.1')", wanted: '127.0.0.1' },
  { title: 'localhost', listen: "listen(0, 'localhost')", wanted: /^(127\.0\.0\.1|::1)$/ },
  { title: 'an explicit address', listen: "listen({ port: 0, host: '127.82.1.9' })", wanted: '127.82.1.9' },
  { title: 'http', server: "require('http').createServer()", listen: 'listen(0)', wanted: POD_IP },
  { title: 'https', server: "require('https').createServer()", listen: 'listen({ port: 0 })', wanted: POD_IP },
  { title: 'http2', server: "require('http2').createServer()", listen: 'listen(0)', wanted: POD_IP },
]

for (const { title, server = NET, listen, wanted } of cases) {
  t.test(`listen: ${title}`, async (t) => {
    const { stdout, stderr } = await run(listening(server, listen))
    t.match(stdout, wanted)
    t.equal(stderr, '')
  })
}

t.test('a Unix socket, by path and by options', async (t) => {
  // A test directory's path may be too long for a socket.
  const directory = mkdtempSync(join(tmpdir(), 'kubeproc-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 's')
  for (const listen of [`listen('${path}')`, `listen({ path: '${path}' })`]) {
    t.equal((await run(listening(NET, listen))).stdout, path)
  }
})

t.test('an open handle, a descriptor', async (t) => {
  const again = `
    const first = ${NET}.listen(0, '127.0.0.1', () => {
      const second = ${NET}.listen(first, () => { console.log(second.address().address); process.exit() })
    })`
  t.equal((await run(again)).stdout, '127.0.0.1')
  const inherited = `
    const first = ${NET}.listen(0, '127.0.0.1', () => {
      const child = ${JSON.stringify(listening(NET, 'listen({ fd: 3 })'))}
      require('child_process').spawn('node', ['-e', child], { stdio: ['ignore', 'inherit', 'inherit', first] })
        .on('exit', () => process.exit())
    })`
  t.equal((await run(inherited)).stdout, '127.0.0.1')
})

const bound = (type: string, bind: string) =>
  `const socket = require('dgram').createSocket('${type}'); socket.${bind}; socket.once('listening', () => {
    console.log(socket.address().address); socket.close()
  })`

for (const { type = 'udp4', bind, wanted } of [
  { bind: 'bind(8125)', wanted: POD_IP },
  { bind: 'bind(8125, () => undefined)', wanted: POD_IP },
  { bind: "bind(8125, '0.0.0.0')", wanted: POD_IP },
  { bind: 'bind({ port: 8125 })', wanted: POD_IP },
  { bind: "bind(8125, '127.0.0.1')", wanted: '127.0.0.1' },
  { bind: 'bind()', wanted: '0.0.0.0' },
  { bind: 'bind({ port: 0 })', wanted: '0.0.0.0' },
]) {
  t.test(`datagrams: ${bind}`, async (t) => t.equal((await run(bound(type, bind))).stdout, wanted))
}

t.test('modules, worker threads, child processes and clusters inherit it', async (t) => {
  const module =
    "import { createServer } from 'node:http'; import { hostname } from 'node:os'; const s = createServer().listen(0, () => { console.log(s.address().address, hostname()); s.close() })"
  t.equal((await run(module, { isModule: true })).stdout, `${POD_IP} kubia`)
  const worker = `new (require('worker_threads').Worker)(${JSON.stringify(listening(NET, 'listen(0)'))}, { eval: true })`
  t.equal((await run(worker)).stdout, POD_IP)
  const child = `require('child_process').spawn('node', ['-e', ${JSON.stringify(listening(NET, 'listen(0)'))}], { stdio: 'inherit' })`
  t.equal((await run(child)).stdout, POD_IP)
})

t.test('a cluster’s primary listens for its workers', async (t) => {
  const program = `
    const cluster = require('cluster')
    if (cluster.isPrimary) cluster.fork().on('listening', ({ address, port }) => {
      require('http').get({ host: address, port }, () => { console.log(address); process.exit() })
    })
    else require('http').createServer((_request, response) => response.end()).listen(0)`
  const file = join(testDirectory(t, { 'cluster.cjs': program }), 'cluster.cjs')
  t.equal((await run(`process.argv[1] = ${JSON.stringify(file)}; require(process.argv[1])`)).stdout, POD_IP)
})

t.test('the program’s own NODE_OPTIONS are kept', async (t) => {
  const { stdout } = await run('console.log(process.env.NODE_OPTIONS)', { env: { NODE_OPTIONS: '--no-warnings' } })
  // The test runner adds options of its own to what it starts.
  t.match(stdout, /bind-pod-address\.cjs/)
  t.match(stdout, /--no-warnings/)
})

t.test('a port that is taken', async (t) => {
  const holder = createServer().listen(0, POD_IP)
  t.teardown(() => holder.close())
  await new Promise((resolve) => holder.once('listening', resolve))
  const { port } = holder.address() as { port: number }
  const unhandled = await run(`${NET}.listen(${port})`)
  t.match(unhandled.stderr, `kubeproc: cannot listen on ${POD_IP}:${port}: another process`)
  t.match(unhandled.stderr, 'Error: listen EADDRINUSE')
  t.equal(unhandled.code, 1, 'an error that nobody handles ends the program as always')
  const handled = await run(`${NET}.on('error', (error) => console.log(error.code)).listen(${port})`)
  t.match(handled, { code: 0, stdout: 'EADDRINUSE', stderr: /^kubeproc: cannot listen/ })
})

t.test('without an address nothing changes', async (t) => {
  t.equal((await run(listening(NET, 'listen(0)'), { env: { POD_IP: '' } })).stdout, '::')
})
