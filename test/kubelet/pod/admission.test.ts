/** What a real kubelet does with pods that were bound to it without a scheduler. */
import t from 'tap'
import { nodes } from '../../../shared/client/resources.ts'
import { testDirectory } from '../../support/directory.ts'
import { SLEEP, startTestNode } from '../../support/test-node.ts'

t.test('a node is not overcommitted, whoever binds pods to it, and keeps what it has taken on', async (t) => {
  const node = await startTestNode(testDirectory(t), ['--node-labels=disk=ssd'])
  t.teardown(() => node.stop())
  const { status } = await node.client.get(nodes, { name: node.kubelet.name })
  const cpu = status.allocatable!.cpu!
  const asking = (name: string) => node.create(name, node.one({ resources: { requests: { cpu } } }))
  await asking('first')
  await node.untilReady('first')
  await asking('second')
  const rejected = await node.until('second', (pod) => pod.status.phase === 'Failed')
  t.match(rejected.status, {
    reason: 'OutOfcpu',
    message: /^Pod was rejected: Node didn't have enough resource: cpu, requested: \d+, used: \d+, capacity: \d+$/,
    startTime: /Z$/,
  })
  t.equal(rejected.status.containerStatuses, undefined)
  await node.untilEvent('second', 'OutOfcpu')

  const listens = {
    containers: [{ name: 'c', image: 'none', command: SLEEP, ports: [{ containerPort: 1, hostPort: 9 }] }],
  }
  await node.create('listens', { ...listens, nodeSelector: { disk: 'ssd' } })
  await node.untilReady('listens')
  await node.create('clashes', listens)
  t.match(await node.until('clashes', (pod) => pod.status.phase === 'Failed'), { status: { reason: 'NodePorts' } })
  await node.create('elsewhere', { ...node.one({}), nodeSelector: { disk: 'hdd' } })
  t.match(await node.until('elsewhere', (pod) => pod.status.phase === 'Failed'), { status: { reason: 'NodeAffinity' } })

  await node.kubelet.kill()
  await node.kubelet.start()
  await node.delete('second')
  await node.untilGone('second')
  await node.delete('first')
  await node.untilGone('first')
  await asking('third')
  await node.untilReady('third')
  t.match(await node.get('listens'), { status: { phase: 'Running', containerStatuses: [{ restartCount: 0 }] } })
})
