import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { leases, nodes, pods } from '../../../shared/client/resources.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { until } from '../../support/until.ts'

const MAIN = fileURLToPath(new URL('../../../kubelet/main.ts', import.meta.url))

t.test('many nodes in one process, whose pods pretend to run', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  const { client } = server
  const flags = [
    '--hollow',
    '--count=3',
    '--hostname-override=hollow',
    '--node-labels=disk=ssd',
    '--hollow-run-time=0s',
  ]
  const child = spawn(process.execPath, [MAIN, `--kubeconfig=${server.kubeconfig}`, ...flags, '--hollow-exit-code=3'])
  t.teardown(async () => {
    child.kill('SIGKILL')
    await server.close()
  })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  t.equal(line, 'kubelet is ready')
  const { items } = await client.list(nodes)
  t.same(items.map(({ metadata }) => metadata.name).sort(), ['hollow-1', 'hollow-2', 'hollow-3'])
  for (const { metadata, status } of items) {
    t.match(metadata.labels, { disk: 'ssd', 'kubernetes.io/hostname': metadata.name })
    t.equal(status.conditions?.find(({ type }) => type === 'Ready')?.status, 'True')
    t.match(status.nodeInfo?.containerRuntimeVersion, /^hollow:/)
  }
  await until(async () => (await client.list(leases, { namespace: 'kube-node-lease' })).items.length === 3)

  const create = (name: string, restartPolicy: Pod['spec']['restartPolicy'], nodeName: string) =>
    client.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: { nodeName, restartPolicy, containers: [{ name: 'c', image: 'x' }] },
    })
  const reaches = (name: string, phase: string) =>
    until(async () => {
      const { status } = await client.get(pods, { name, namespace: 'default' })
      return status.phase === phase && status
    })
  await create('service', 'Always', 'hollow-1')
  await create('task', 'Never', 'hollow-3')
  await create('elsewhere', 'Always', 'another')
  const { podIP, conditions } = await reaches('service', 'Running')
  t.match(podIP, /^10\./)
  t.equal(conditions?.find(({ type }) => type === 'Ready')?.status, 'True')
  t.match((await reaches('task', 'Failed')).containerStatuses, [{ state: { terminated: { exitCode: 3 } } }])
  await client.delete(pods, { name: 'service', namespace: 'default' })
  await until(async () => (await client.list(pods)).items.every(({ metadata }) => metadata.name !== 'service'))
  await reaches('elsewhere', 'Pending')
  child.kill('SIGTERM')
  t.same(await once(child, 'exit'), [0, null])
})
