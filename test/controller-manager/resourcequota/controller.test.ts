/** Quotas on the real API server: what is refused, what is counted, and that two cannot both have the last. */
import t from 'tap'
import { startResourceQuotaController } from '../../../controller-manager/resourcequota/controller.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { until } from '../../support/until.ts'
import { startManager } from '../running-controllers.ts'

const NAMESPACE = '/api/v1/namespaces/default'
const pod = (name: string, resources: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i', resources }] },
})
const cpu = (amount: string) => ({ requests: { cpu: amount }, limits: { cpu: amount } })

t.test('quotas', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  const manager = startManager(server, [startResourceQuotaController])
  t.teardown(async () => {
    await manager.close()
    await server.close()
  })
  const post = (plural: string, body: object) => server.send('POST', `${NAMESPACE}/${plural}`, { body })
  const quota = async (name: string, spec: object) => {
    t.equal((await post('resourcequotas', { metadata: { name }, spec })).status, 201)
    const hard = Object.keys((spec as { hard: object }).hard).length
    await until(async () => Object.keys((await statusOf(name)).used ?? {}).length === hard)
  }
  const statusOf = async (name: string) =>
    (await server.send('GET', `${NAMESPACE}/resourcequotas/${name}`)).json().status
  const used = async (name: string) => (await statusOf(name)).used
  const remove = (path: string) => server.send('DELETE', `${NAMESPACE}/${path}?gracePeriodSeconds=0`)

  await post('pods', pod('before', cpu('250m')))
  await quota('compute', { hard: { pods: '3', 'requests.cpu': '1', 'limits.cpu': '1' } })
  t.strictSame(
    await used('compute'),
    { pods: '1', 'requests.cpu': '250m', 'limits.cpu': '250m' },
    'what was there counts',
  )

  t.match((await post('pods', pod('silent'))).json(), {
    code: 403,
    message: 'pods "silent" is forbidden: failed quota: compute: must specify limits.cpu for: c; requests.cpu for: c',
  })
  t.match((await post('pods', pod('large', cpu('800m')))).json(), {
    code: 403,
    message:
      'pods "large" is forbidden: exceeded quota: compute, requested: limits.cpu=800m,requests.cpu=800m, used: limits.cpu=250m,requests.cpu=250m, limited: limits.cpu=1,requests.cpu=1',
  })
  t.strictSame(
    await used('compute'),
    { pods: '1', 'requests.cpu': '250m', 'limits.cpu': '250m' },
    'nothing was charged',
  )

  const many = await Promise.all(
    Array.from({ length: 12 }, (_, index) => post('pods', pod(`many-${index}`, cpu('100m')))),
  )
  t.equal(many.filter(({ status }) => status === 201).length, 2, 'of many at once only those that there is room for')
  t.ok(many.every(({ status }) => [201, 403].includes(status)))
  t.strictSame(await used('compute'), { pods: '3', 'requests.cpu': '450m', 'limits.cpu': '450m' })

  await remove('pods/before')
  await until(async () => (await used('compute')).pods === '2')
  t.match(await used('compute'), { 'requests.cpu': '200m' })
  t.equal((await post('pods?dryRun=All', pod('dry', cpu('1m')))).status, 201)
  t.match(await used('compute'), { pods: '2' }, 'a dry run charges nothing')

  await quota('objects', { hard: { configmaps: '1', 'count/deployments.apps': '0', 'services.nodeports': '1' } })
  t.equal((await post('configmaps', { metadata: { name: 'a' } })).status, 201)
  t.match((await post('configmaps', { metadata: { name: 'b' } })).json(), {
    message:
      'configmaps "b" is forbidden: exceeded quota: objects, requested: configmaps=1, used: configmaps=1, limited: configmaps=1',
  })
  await remove('configmaps/a')
  await until(async () => (await used('objects')).configmaps === '0')
  t.equal((await post('configmaps', { metadata: { name: 'b' } })).status, 201, 'there is room again')

  await quota('best-effort', { hard: { pods: '0' }, scopes: ['BestEffort'] })
  t.match((await post('pods', pod('anything'))).json(), { code: 403 })
})
