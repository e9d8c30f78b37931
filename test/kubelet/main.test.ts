/** The kubelet's command line, its lifeline and its server. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Draft } from '../../shared/api/kind.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { pods } from '../../shared/client/resources.ts'
import { startTestApiServer } from '../support/api-server.ts'
import { testDirectory } from '../support/directory.ts'
import { allGone, eventually, lineIn } from './runtime/support.ts'

const MAIN = fileURLToPath(new URL('../../kubelet/main.ts', import.meta.url))

const launch = (flags: readonly string[]) => spawn(process.execPath, [MAIN, ...flags], { stdio: 'pipe' })

async function outcome(flags: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = launch(flags)
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => stream.setEncoding('utf8').toArray())
  const [code] = await once(child, 'close')
  return { code, stdout: (await stdout!).join(''), stderr: (await stderr!).join('') }
}

t.test('a wrong command line is one line and the exit code 2', async (t) => {
  const enough = ['--kubeconfig=none', '--hostname-override=n', '--root-dir=none']
  const rows: [flags: string[], wanted: RegExp][] = [
    [[], /^kubelet: --kubeconfig is needed.*\n$/],
    [['--nosuch'], /^kubelet: unknown flag: --nosuch \(see --help\)\n$/],
    [['--runtime=docker'], /^kubelet: --runtime: "docker" is not one of auto, namespaces, process\n$/],
    [[...enough, '--node-labels=x'], /^kubelet: --node-labels: "x" is not key=value\n$/],
    [enough, /^kubelet: kubeconfig none: .*\n$/],
  ]
  for (const [flags, wanted] of rows) t.match(await outcome(flags), { code: 2, stdout: '', stderr: wanted })
  t.match(await outcome(['--help']), { code: 0, stdout: /--shutdown-grace-period/, stderr: '' })
})

t.test('with an API server', async (t) => {
  const directory = testDirectory(t)
  const server = await startTestApiServer(directory)
  t.teardown(() => server.close())
  const serving = await server.authority.issue({
    commonName: 'system:node:n',
    usages: ['server'],
    hosts: ['127.0.0.1'],
  })
  const write = (name: string, text: string) => {
    writeFileSync(join(directory, name), text)
    return join(directory, name)
  }
  const flagsFor = (root: string, port: number) => [
    `--kubeconfig=${server.kubeconfig}`,
    '--hostname-override=n',
    `--root-dir=${join(directory, root)}`,
    `--port=${port}`,
    '--lifeline',
    `--tls-cert-file=${write('tls.crt', serving.certificate)}`,
    `--tls-private-key-file=${write('tls.key', serving.key)}`,
    `--client-ca-file=${write('ca.crt', server.authority.certificate)}`,
  ]

  await t.test('a port that is taken is one line and an exit code', async (t) => {
    const neighbour = createServer().listen(0, '127.0.0.1')
    await once(neighbour, 'listening')
    t.teardown(() => neighbour.close())
    const { port } = neighbour.address() as AddressInfo
    mkdirSync(join(directory, 'taken'))
    const child = launch(flagsFor('taken', port))
    const stderr = child.stderr.setEncoding('utf8').toArray()
    const [code] = await once(child, 'exit')
    t.equal(code, 1)
    t.equal(
      (await stderr).join(''),
      `kubelet: cannot serve on 127.0.0.1:${port}: another process uses it, choose one by --port\n`,
    )
    child.stdin.end()
  })

  await t.test('the node goes down when its lifeline ends', async (t) => {
    const root = join(directory, 'root')
    mkdirSync(root)
    const child = launch(flagsFor('root', 0))
    t.equal(String((await once(child.stdout, 'data'))[0]), 'kubelet is ready\n')
    const script = 'process.on("SIGTERM", () => {}); console.log("pid", process.pid); setInterval(() => {}, 1e6)'
    const pod = await server.client.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'default' },
      spec: { nodeName: 'n', containers: [{ name: 'c', image: 'none', command: ['node', '-e', script] }] },
    } as Draft<Pod>)
    const log = join(root, 'pods', pod.metadata.uid, 'logs/c/0.log')
    const [, pid] = await eventually(async () => lineIn(log, /^pid (\d+)$/).catch(() => undefined), { everyMs: 10 })
    child.stdin.end()
    t.strictSame(await once(child, 'exit'), [0, null])
    await allGone([Number(pid)])
  })
})
