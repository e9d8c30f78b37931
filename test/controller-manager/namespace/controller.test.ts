import t from 'tap'
import { startNamespaceController } from '../../../controller-manager/namespace/controller.ts'
import { startServiceAccountController } from '../../../controller-manager/serviceaccount/controller.ts'
import { configMaps, namespaces, pods, serviceAccounts } from '../../../shared/client/resources.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { until } from '../../support/until.ts'
import { plainPod, startManager } from '../running-controllers.ts'

t.test('a namespace gets its service account, and goes with all that is in it', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  const { client } = server
  const manager = startManager(server, [startNamespaceController, startServiceAccountController])
  t.teardown(async () => {
    await manager.close()
    await server.close()
  })
  const namespace = 'shop'
  await client.create(namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
    spec: {},
    status: {},
  })
  const account = { name: 'default', namespace }
  await until(async () => (await client.list(serviceAccounts, { namespace })).items.length === 1)
  const { metadata } = await client.get(serviceAccounts, account)
  await client.delete(serviceAccounts, account)
  await until(async () => {
    const [found] = (await client.list(serviceAccounts, { namespace })).items
    return found !== undefined && found.metadata.uid !== metadata.uid
  })

  await client.create(pods, plainPod('p', { namespace }))
  const finalizers = ['example.com/hold']
  const kept = { name: 'kept', namespace }
  await client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...kept, finalizers } })
  await client.delete(namespaces, { name: namespace })
  const told = await until(async () => {
    const { status } = await client.get(namespaces, { name: namespace })
    const remaining = status.conditions?.find(({ type }) => type === 'NamespaceFinalizersRemaining')
    return remaining?.status === 'True' && remaining
  })
  t.equal(
    told.message,
    'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
  )
  await until(async () => (await client.list(pods)).items.length === 0)
  await client.patch(configMaps, kept, { type: 'merge', body: { metadata: { finalizers: null } } })
  await until(async () => !(await client.list(namespaces)).items.some(({ metadata }) => metadata.name === namespace))
  t.same((await client.list(serviceAccounts, { namespace })).items, [])
  t.equal((await client.list(serviceAccounts)).items.length, 4, 'the others keep theirs')
})
