import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { replicationControllers } from '../../shared/client/resources.ts'
import { startTestApiServer } from '../support/api-server.ts'
import { testDirectory } from '../support/directory.ts'
import { until } from '../support/until.ts'
import { kubia, listPods } from './running-controllers.ts'

const MAIN = fileURLToPath(new URL('../../controller-manager/main.ts', import.meta.url))

function start(test: Test, ...flags: string[]) {
  const child = spawn(process.execPath, [MAIN, ...flags])
  test.teardown(() => child.kill('SIGKILL'))
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk
  })
  return { child, output }
}

const ended = async (child: ChildProcess) => (await once(child, 'close'))[0]

t.test('works until it is told to stop', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const { child, output } = start(t, `--kubeconfig=${server.kubeconfig}`)
  await until(() => output.stdout !== '')
  t.equal(output.stdout, 'kube-controller-manager is ready\n')
  await server.client.create(replicationControllers, kubia(2))
  await until(async () => (await listPods(server.client)).length === 2)
  child.kill('SIGTERM')
  t.equal(await ended(child), 0)
  t.equal(output.stdout, 'kube-controller-manager is ready\n')
})

t.test('waits for a server that is not there yet, and ends with its lifeline', async (t) => {
  const directory = testDirectory(t, {
    kubeconfig: JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'c',
    }),
  })
  const { child, output } = start(t, `--kubeconfig=${join(directory, 'kubeconfig')}`, '--lifeline', '--log-level=debug')
  await until(() => output.stderr.includes('ECONNREFUSED'))
  t.equal(child.exitCode, null)
  child.stdin.end()
  t.equal(await ended(child), 0)
  t.equal(output.stdout, '')
})

t.test('a wrong command line is one clear line', async (t) => {
  const cases: [flags: string[], message: string][] = [
    [['--nope'], 'kube-controller-manager: unknown flag: --nope (see --help)\n'],
    [[], 'kube-controller-manager: --kubeconfig is needed: the file that names the API server\n'],
    [['--kubeconfig=/no/such'], 'cannot read such: ENOENT'],
    [['--kubeconfig=x', '--controllers=nope'], '--controllers: "nope" is not one of '],
  ]
  await Promise.all(
    cases.map(async ([flags, message]) => {
      const { child, output } = start(t, ...flags)
      t.equal(await ended(child), 2)
      t.ok(output.stderr.includes(message) && output.stderr.trim().split('\n').length === 1, output.stderr)
    }),
  )
  const { child, output } = start(t, '--help')
  t.equal(await ended(child), 0)
  t.match(output.stdout, /--node-monitor-grace-period duration\n.*\(default 50s\)/)
})
