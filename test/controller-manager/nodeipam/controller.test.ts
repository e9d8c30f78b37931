import t from 'tap'
import { startNodeIpamController } from '../../../controller-manager/nodeipam/controller.ts'
import { events, nodes } from '../../../shared/client/resources.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { until } from '../../support/until.ts'
import { startManager } from '../running-controllers.ts'

const OPTIONS = { 'allocate-node-cidrs': true, 'cluster-cidr': '10.9.0.0/22', 'node-cidr-mask-size': 24 }

t.test('nodes get ranges of their own, also across a restart; one that waits gets what becomes free', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const { client } = server
  const create = (name: string) =>
    client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {}, status: {} })
  const ranges = async () => (await client.list(nodes)).items.map(({ spec }) => spec.podCIDR)
  const start = () => startManager(server, [startNodeIpamController], { options: OPTIONS })

  let manager = start()
  await Promise.all(['a', 'b', 'c'].map(create))
  await until(async () => (await ranges()).every((range) => range !== undefined))
  t.same((await ranges()).sort(), ['10.9.0.0/24', '10.9.1.0/24', '10.9.2.0/24'])
  await manager.close()

  await create('d')
  manager = start()
  t.teardown(() => manager.close())
  await until(async () => (await ranges())[3] !== undefined)
  t.equal((await ranges())[3], '10.9.3.0/24')

  await create('e')
  await until(async () => (await client.list(events)).items.some(({ reason }) => reason === 'CIDRNotAvailable'))
  t.equal((await ranges())[4], undefined)
  const freed = (await client.get(nodes, { name: 'b' })).spec.podCIDR
  await client.delete(nodes, { name: 'b' })
  await until(async () => (await client.get(nodes, { name: 'e' })).spec.podCIDR === freed)
})
