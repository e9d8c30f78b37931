/** The service by which programs find the API server, across restarts of the server elsewhere. */
import { join } from 'node:path'
import t from 'tap'
import { openSqliteStorage } from '../../../apiserver/storage/sqlite-storage.ts'
import { endpoints, services } from '../../../shared/client/resources.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

t.test('the service leads to the server, wherever it was started', async (t) => {
  const directory = testDirectory(t)
  const uids = new Set<string | undefined>()
  for (let start = 1; start <= 2; start++) {
    const server = await startTestApiServer(directory, { storage: openSqliteStorage(join(directory, 'data')) })
    const { hostname, port } = new URL(server.url)
    const key = { name: 'kubernetes', namespace: 'default' }
    const { spec, metadata } = await server.client.get(services, key)
    t.match(spec, { clusterIP: hostname, clusterIPs: [hostname], ports: [{ name: 'https', port: Number(port) }] })
    const { subsets } = await server.client.get(endpoints, key)
    t.match(subsets, [{ addresses: [{ ip: hostname }], ports: [{ port: Number(port) }] }])
    uids.add(metadata.uid)
    await server.close()
  }
  t.equal(uids.size, 1, 'it stays the same service')
})
