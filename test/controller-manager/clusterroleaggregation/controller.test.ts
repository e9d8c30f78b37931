/** Roles made of others, and the certificate for pods, on the real API server with its default roles. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startClusterRoleAggregation } from '../../../controller-manager/clusterroleaggregation/controller.ts'
import { startRootCaPublisher } from '../../../controller-manager/rootcapublisher/controller.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { until } from '../../support/until.ts'
import { startManager } from '../running-controllers.ts'

const ROLES = '/apis/rbac.authorization.k8s.io/v1/clusterroles'

t.test('roles that are made of others', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  const before = (await server.send('GET', `${ROLES}/admin`)).json()
  const manager = startManager(server, [startClusterRoleAggregation])
  t.teardown(async () => {
    await manager.close()
    await server.close()
  })
  const rule = { apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get'] }
  const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }
  await server.send('POST', ROLES, { body: { metadata: { name: 'widgets', labels }, rules: [rule] } })
  const has = (name: string) => async () =>
    JSON.stringify((await server.send('GET', `${ROLES}/${name}`)).json().rules).includes('widgets')
  for (const name of ['view', 'edit', 'admin']) await until(has(name))
  await server.send('DELETE', `${ROLES}/widgets`)
  await until(async () => !(await has('admin')()))
  t.strictSame((await server.send('GET', `${ROLES}/admin`)).json().rules, before.rules, 'as the server had made them')
})

t.test('the certificate for pods', async (t) => {
  const directory = testDirectory(t)
  const server = await startTestApiServer(directory)
  const file = join(directory, 'root.crt')
  writeFileSync(file, server.authority.certificate)
  const manager = startManager(server, [startRootCaPublisher], { options: { 'root-ca-file': file } })
  t.teardown(async () => {
    await manager.close()
    await server.close()
  })
  const path = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps/kube-root-ca.crt`
  const isRight = (namespace: string) => async () =>
    (await server.send('GET', path(namespace))).json().data?.['ca.crt'] === server.authority.certificate
  await until(isRight('default'))
  await server.send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'new' } } })
  await until(isRight('new'))
  await server.send('DELETE', path('new'))
  await until(isRight('new'))
  const headers = { 'content-type': 'application/merge-patch+json' }
  await server.send('PATCH', path('new'), { body: { data: { 'ca.crt': 'forged' } }, headers })
  await until(isRight('new'))
  t.pass('it is there, and stays as it should be')
})
