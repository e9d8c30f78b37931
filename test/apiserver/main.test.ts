/** The API server as a process: how it starts, how it ends, and what it says when it cannot start. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { createAuthority } from '../../shared/certificates/authority.ts'
import { testDirectory } from '../support/directory.ts'

const MAIN = fileURLToPath(new URL('../../apiserver/main.ts', import.meta.url))

interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

function start(args: readonly string[]): { child: ChildProcess; ready: Promise<string>; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  const ready = Promise.withResolvers<string>()
  child.stdout.on('data', (chunk) => {
    stdout += chunk
    if (stdout.includes('\n')) ready.resolve(stdout.trim())
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = once(child, 'close').then(([code]) => ({ code, stdout, stderr }))
  return { child, ready: ready.promise, ended }
}

async function prepare(t: Test) {
  const directory = testDirectory(t)
  const { certificate, key } = await (await createAuthority('test')).issue({
    commonName: 'kube-apiserver',
    usages: ['server'],
    hosts: ['127.0.0.1'],
  })
  writeFileSync(join(directory, 'crt'), certificate)
  writeFileSync(join(directory, 'key'), key)
  const dataDir = join(directory, 'data')
  const flags = {
    'secure-port': '0',
    'data-dir': dataDir,
    'tls-cert-file': join(directory, 'crt'),
    'tls-private-key-file': join(directory, 'key'),
    'log-level': 'error',
  }
  const argv = (changed: Partial<typeof flags> & Record<string, string | undefined> = {}) =>
    Object.entries({ ...flags, ...changed }).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}=${value}`],
    )
  return { directory, dataDir, argv }
}

t.test('one line when it serves, a clean end by SIGTERM, and its data is there again', async (t) => {
  const { argv } = await prepare(t)
  for (const round of [1, 2]) {
    const { child, ready, ended } = start(argv())
    t.match(await ready, /^kube-apiserver is ready: https:\/\/127\.0\.0\.1:\d+$/, `round ${round}`)
    child.kill('SIGTERM')
    t.match(await ended, { code: 0, stderr: '' })
  }
})

t.test('the lifeline', async (t) => {
  const { argv } = await prepare(t)
  const { child, ready, ended } = start([...argv(), '--lifeline'])
  await ready
  child.stdin!.end()
  t.match(await ended, { code: 0 })
})

t.test('one line says why it cannot start, and nothing is changed', async (t) => {
  const { directory, dataDir, argv } = await prepare(t)
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const { port } = taken.address() as AddressInfo
  writeFileSync(join(directory, 'nonsense'), 'nonsense')

  const cases: [title: string, argv: string[], code: number, message: RegExp][] = [
    ['a port in use', argv({ 'secure-port': String(port) }), 1, /127\.0\.0\.1:\d+ is in use: .*--secure-port/],
    [
      'an address of another machine',
      argv({ 'bind-address': '192.0.2.1' }),
      1,
      /is not an address of this machine: .*--bind-address/,
    ],
    [
      'a certificate that is not there',
      argv({ 'tls-cert-file': join(directory, 'no') }),
      1,
      /--tls-cert-file: .* cannot be read \(ENOENT\)/,
    ],
    ['a certificate that is none', argv({ 'tls-cert-file': join(directory, 'nonsense') }), 1, /are of no use/],
    ['no data directory', argv({ 'data-dir': undefined }), 2, /--data-dir is needed/],
    ['an unknown flag', [...argv(), '--nonsense'], 2, /unknown flag: --nonsense/],
    [
      'a token file that is none',
      argv({ 'token-auth-file': join(directory, 'nonsense') }),
      1,
      /--token-auth-file: .*line 1/,
    ],
  ]
  for (const [title, args, code, message] of cases) {
    const ended = await start(args).ended
    t.match(ended, { code, stdout: '' }, title)
    t.match(ended.stderr, /^kube-apiserver: [^\n]+\n$/, `${title}: one line`)
    t.match(ended.stderr, message, `${title}: the reason`)
    t.notOk(existsSync(dataDir), `${title}: no data directory was made`)
  }
})

t.test('a data directory in use by a living server', async (t) => {
  const { argv, dataDir } = await prepare(t)
  const first = start(argv())
  await first.ready
  const before = readdirSync(dataDir)
  t.match(await start(argv()).ended, {
    code: 1,
    stdout: '',
    stderr: /^kube-apiserver: the data directory .* is in use[^\n]+\n$/,
  })
  t.strictSame(readdirSync(dataDir), before)
  first.child.kill('SIGTERM')
  t.match(await first.ended, { code: 0 })
})

t.test('a damaged database', async (t) => {
  const { argv, dataDir } = await prepare(t)
  const first = start(argv())
  await first.ready
  first.child.kill('SIGTERM')
  await first.ended
  writeFileSync(join(dataDir, 'state.db'), 'nonsense'.repeat(1000))
  t.match(await start(argv()).ended, {
    code: 1,
    stdout: '',
    stderr: /^kube-apiserver: the database [^\n]* is damaged [^\n]+\n$/,
  })
})
