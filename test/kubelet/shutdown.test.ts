/** The graceful shutdown of a node: the real kubelet is told to end, and its pods end for good. */
import t from 'tap'
import type { Draft } from '../../shared/api/kind.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { nodes, pods } from '../../shared/client/resources.ts'
import { startTestApiServer } from '../support/api-server.ts'
import { testDirectory } from '../support/directory.ts'
import { startTestKubelet } from '../support/kubelet.ts'
import { observe } from '../support/observe.ts'

t.test('pods end within the period, critical ones last', async (t) => {
  const directory = testDirectory(t)
  const server = await startTestApiServer(directory)
  const ending = new AbortController()
  const kubelet = await startTestKubelet(directory, {
    kubeconfig: server.kubeconfig,
    flags: ['--shutdown-grace-period=1s', '--shutdown-grace-period-critical-pods=500ms'],
  })
  t.teardown(async () => {
    ending.abort()
    await kubelet.stop()
    await server.close()
  })
  const create = (name: string, script: string, spec: Partial<Pod['spec']> = {}) =>
    server.client.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: {
        nodeName: kubelet.name,
        containers: [{ name: 'c', image: 'none', command: ['node', '-e', `${script}; setInterval(() => 0, 1e6)`] }],
        ...spec,
      },
    } as Draft<Pod>)
  await create('polite', "process.on('SIGTERM', () => process.exit(0))")
  await create('stubborn', "process.on('SIGTERM', () => 0); console.log('deaf')")
  await create('critical', "process.on('SIGTERM', () => process.exit(0))", {
    priorityClassName: 'system-node-critical',
  })
  await create('done', 'process.exit(0)', { restartPolicy: 'Never' })
  await observe(server.client, pods, ending.signal).until((all) =>
    all.length === 4 &&
    all.every(({ metadata, status }) => status.phase === (metadata.name === 'done' ? 'Succeeded' : 'Running'))
      ? true
      : undefined,
  )
  t.equal(await kubelet.stop(), 0)

  const get = (name: string) => server.client.get(pods, { namespace: 'default', name })
  const endedAt = async (name: string) => (await get(name)).status.containerStatuses?.[0]?.state.terminated?.finishedAt
  const message = 'Pod was terminated in response to imminent node shutdown.'
  for (const name of ['polite', 'stubborn', 'critical']) {
    const { status } = await get(name)
    t.match(status, { phase: 'Failed', reason: 'Terminated', message }, name)
    t.match(
      status.conditions?.find(({ type }) => type === 'DisruptionTarget'),
      { status: 'True', reason: 'TerminationByKubelet', message },
    )
  }
  t.match((await get('stubborn')).status.containerStatuses?.[0]?.state.terminated, { exitCode: 137 })
  t.ok((await endedAt('critical'))! >= (await endedAt('stubborn'))!, 'the critical pod outlives the others')
  t.match((await get('done')).status, { phase: 'Succeeded' }, 'what had ended stays as it was')
  const node = await server.client.get(nodes, { name: kubelet.name })
  t.match(
    node.status.conditions?.find(({ type }) => type === 'Ready'),
    { status: 'False', reason: 'KubeletNotReady', message: 'node is shutting down' },
  )

  await kubelet.start()
  await observe(server.client, nodes, ending.signal).until(([seen]) =>
    seen?.status.conditions?.find(({ type, status }) => type === 'Ready' && status === 'True'),
  )
  t.match((await get('polite')).status, { phase: 'Failed' }, 'for good')
})
