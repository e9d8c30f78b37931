import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import type { Draft } from '../../shared/api/kind.ts'
import type { Node } from '../../shared/api/node/node-model.ts'
import type { Pod } from '../../shared/api/pod/pod-model.ts'
import { nodes, pods } from '../../shared/client/resources.ts'
import { startTestApiServer } from '../support/api-server.ts'
import { testDirectory } from '../support/directory.ts'
import { observe } from '../support/observe.ts'

const MAIN = fileURLToPath(new URL('../../scheduler/main.ts', import.meta.url))

/** Starts the program; it is killed with the test, should it not have ended by itself. */
function start(t: Test, ...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  t.teardown(() => child.kill('SIGKILL'))
  const exit = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>
  return { child, exit, stdout: text(child.stdout), stderr: text(child.stderr) }
}

t.test('a wrong command line is one line and exit code 2', async (t) => {
  const rows: [args: string[], message: string][] = [
    [[], 'kube-scheduler: --kubeconfig is needed: the file that names the API server\n'],
    [['--nonsense'], 'kube-scheduler: unknown flag: --nonsense (see --help)\n'],
    [['word'], 'kube-scheduler: unexpected argument: word (see --help)\n'],
    [
      ['--pod-max-backoff=soon'],
      'kube-scheduler: --pod-max-backoff: "soon" is not a duration such as 10s, 1m30s or 500ms\n',
    ],
  ]
  for (const [args, message] of rows) {
    const { exit, stdout, stderr } = start(t, ...args)
    t.strictSame(await exit, [2, null], args.join(' '))
    t.equal(await stderr, message)
    t.equal(await stdout, '')
  }
})

t.test('--help tells every flag', async (t) => {
  const { exit, stdout } = start(t, '--help')
  t.strictSame(await exit, [0, null])
  t.match(await stdout, /^kube-scheduler: .*--kubeconfig string.*--lifeline/s)
})

t.test('it says when it is ready, binds pods, and ends on SIGTERM', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  const stop = new AbortController()
  t.teardown(async () => {
    stop.abort()
    await server.close()
  })
  const { child, exit, stdout, stderr } = start(t, `--kubeconfig=${server.kubeconfig}`, '--log-level=warn')
  await once(child.stdout, 'data')
  await server.client.create(nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1' },
    spec: {},
    status: { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } },
  } as Draft<Node>)
  await server.client.patch(nodes, { name: 'node-1' }, { type: 'merge', body: { spec: { taints: null } } })
  await server.client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'kubia', namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'x' }] },
  } as Draft<Pod>)
  await observe(server.client, pods, stop.signal).until(([pod]) => pod?.spec.nodeName)
  child.kill('SIGTERM')
  t.strictSame(await exit, [0, null])
  t.equal(await stdout, 'kube-scheduler is ready\n')
  t.equal(await stderr, '')
})

t.test('it waits for an API server that is not there yet, and ends with its lifeline', async (t) => {
  const directory = testDirectory(t, {
    kubeconfig: JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      // Nothing ever listens on the discard port of the loopback address.
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:9' } }],
      users: [{ name: 'u', user: { token: 'x' } }],
    }),
  })
  const { child, exit, stdout, stderr } = start(
    t,
    `--kubeconfig=${directory}/kubeconfig`,
    '--lifeline',
    '--log-level=debug',
  )
  await once(child.stderr, 'data')
  child.stdin.end()
  t.strictSame(await exit, [0, null])
  t.equal(await stdout, '')
  t.match(await stderr, 'Watch was interrupted')
})
