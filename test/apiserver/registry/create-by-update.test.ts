/** Kinds that a PUT creates where there is nothing, and those that it does not. */
import t from 'tap'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

const LEASE = '/apis/coordination.k8s.io/v1/namespaces/default/leases/l'
const MAP = '/api/v1/namespaces/default/configmaps/m'

t.test('PUT', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const { send } = server

  t.test('creates a Lease, then replaces it', async (t) => {
    const put = (holderIdentity: string, query = '', metadata = {}) =>
      send('PUT', `${LEASE}${query}`, { body: { metadata: { name: 'l', ...metadata }, spec: { holderIdentity } } })
    const dry = await put('a', '?dryRun=All')
    t.equal(dry.status, 201)
    t.equal((await send('GET', LEASE)).status, 404)
    t.match((await put('a', '', { uid: 'another' })).json(), {
      code: 409,
      message:
        'Operation cannot be fulfilled on leases.coordination.k8s.io "l": Precondition failed: UID in precondition: another, UID in object meta: ',
    })
    const created = await put('a')
    t.equal(created.status, 201)
    t.match(created.json(), { metadata: { uid: String, namespace: 'default' }, spec: { holderIdentity: 'a' } })
    const { resourceVersion } = created.json().metadata
    const replaced = await put('b', '', { resourceVersion })
    t.equal(replaced.status, 200)
    t.match(replaced.json(), { metadata: { uid: created.json().metadata.uid }, spec: { holderIdentity: 'b' } })
  })

  t.test('creates an Event', async (t) => {
    const involvedObject = { kind: 'Pod', name: 'p', namespace: 'default' }
    const body = { metadata: { name: 'p.1' }, involvedObject, reason: 'R', message: 'm', type: 'Normal' }
    t.equal((await send('PUT', '/api/v1/namespaces/default/events/p.1', { body })).status, 201)
  })

  t.test('creates nothing in a namespace that is not there', async (t) => {
    const path = LEASE.replace('default', 'nowhere')
    t.match((await send('PUT', path, { body: { metadata: { name: 'l' }, spec: {} } })).json(), {
      code: 404,
      message: 'namespaces "nowhere" not found',
    })
  })

  t.test('does not create a ConfigMap', async (t) => {
    t.match((await send('PUT', MAP, { body: { metadata: { name: 'm' } } })).json(), {
      code: 404,
      message: 'configmaps "m" not found',
    })
  })
})
