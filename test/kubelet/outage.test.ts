/** What the kubelet does while the API server is away, and what it tells it afterwards. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openSqliteStorage } from '../../apiserver/storage/sqlite-storage.ts'
import type { Draft } from '../../shared/api/kind.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { createClient } from '../../shared/client/http-client.ts'
import { pods } from '../../shared/client/resources.ts'
import { startTestApiServer } from '../support/api-server.ts'
import { testDirectory } from '../support/directory.ts'
import { startTestKubelet } from '../support/kubelet.ts'
import { observe } from '../support/observe.ts'
import { allGone, eventually, lineIn } from './runtime/support.ts'

t.test('containers are looked after while the API server is away, and reported when it is back', async (t) => {
  const directory = testDirectory(t)
  const database = join(directory, 'database')
  const first = await startTestApiServer(directory, { storage: openSqliteStorage(database) })
  const kubelet = await startTestKubelet(directory, { kubeconfig: first.kubeconfig })
  t.teardown(() => kubelet.stop())
  const script = 'console.log("pid", process.pid); setInterval(() => {}, 1e6)'
  const pod = await first.client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: { nodeName: kubelet.name, containers: [{ name: 'c', image: 'none', command: ['node', '-e', script] }] },
  } as Draft<Pod>)
  const logs = join(kubelet.rootDirectory, 'pods', pod.metadata.uid, 'logs/c')
  const pidIn = async (log: string) => {
    const [, pid] = await eventually(async () => lineIn(join(logs, log), /^pid (\d+)$/).catch(() => undefined))
    return Number(pid)
  }
  const pid = await pidIn('0.log')
  const { port } = new URL(first.url)
  const serving = await first.authority.issue({
    commonName: 'kube-apiserver',
    usages: ['server'],
    hosts: ['127.0.0.1'],
  })
  await first.close()

  process.kill(pid, 'SIGKILL')
  await allGone([pid])
  t.not(await pidIn('1.log'), pid, 'the container is restarted')

  const elsewhere = join(directory, 'second')
  mkdirSync(elsewhere)
  const second = await startTestApiServer(elsewhere, {
    storage: openSqliteStorage(database),
    port: Number(port),
    tls: { ...serving, clientAuthority: first.authority.certificate },
  })
  t.teardown(() => second.close())
  const client = createClient({ kubeconfig: first.kubeconfig, userAgent: 'test' })
  const ending = new AbortController()
  t.teardown(() => {
    ending.abort()
    return client.close()
  })
  const seen = observe(client, pods, ending.signal)
  const reported = await seen.until(([one]) =>
    one?.status.containerStatuses?.[0]?.restartCount === 1 ? one : undefined,
  )
  t.match(reported.status.containerStatuses?.[0], {
    state: { running: {} },
    lastState: { terminated: { exitCode: 137 } },
  })
})
