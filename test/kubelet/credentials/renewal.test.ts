/** The renewal of a node's certificates, asked of the real API server, with a clock that has been put forward. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startCertificateApproving } from '../../../controller-manager/certificates/approving.ts'
import { startCertificateSigning } from '../../../controller-manager/certificates/signing.ts'
import { ensureNodeCredentials } from '../../../kubelet/credentials/node-credentials.ts'
import { createClient } from '../../../shared/client/http-client.ts'
import { readKubeconfig } from '../../../shared/client/kubeconfig.ts'
import { certificateSigningRequests } from '../../../shared/client/resources.ts'
import { type Clock, systemClock } from '../../../shared/clock.ts'
import { createLogger } from '../../../shared/log.ts'
import { startManager } from '../../controller-manager/running-controllers.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { until } from '../../support/until.ts'

t.test('a renewal that is refused is asked for again', async (t) => {
  const directory = testDirectory(t)
  const file = (name: string, text: string) => {
    writeFileSync(join(directory, name), text, { mode: 0o600 })
    return join(directory, name)
  }
  const server = await startTestApiServer(directory)
  t.teardown(() => server.close())
  const { authority, client: admin } = server
  const options = {
    'cluster-signing-cert-file': file('ca.crt', authority.certificate),
    'cluster-signing-key-file': file('ca.key', authority.key),
  }
  const manager = startManager(server, [startCertificateApproving, startCertificateSigning], { options })
  const kubeconfig = {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: server.url, 'certificate-authority': join(directory, 'ca.crt') } }],
    users: [{ name: 'u', user: { token: server.token } }],
  }
  let aheadMs = 0
  // Waits end soon: what is waited for is not what this is about.
  const clock: Clock = {
    nowMs: () => systemClock.nowMs() + aheadMs,
    after: (ms, callback) => systemClock.after(Math.min(ms, 20), callback),
  }
  const stop = new AbortController()
  const connect = (connection: ReturnType<typeof readKubeconfig>) => createClient({ connection, userAgent: 'test' })
  const credentials = await ensureNodeCredentials(
    {
      bootstrap: readKubeconfig(file('bootstrap.kubeconfig', JSON.stringify(kubeconfig))),
      certDir: join(directory, 'pki'),
      node: { name: 'node-1', ip: '127.9.9.1' },
      connect,
      beforeServing: async () => undefined,
      clock,
      logger: createLogger('kubelet', 'error'),
      random: () => 0,
    },
    stop.signal,
  )
  await manager.close()
  aheadMs = 300 * 24 * 3_600_000
  const client = connect(credentials.connection)
  t.teardown(() => client.close())
  let failure: unknown
  const told = { onClient: () => undefined, onServing: () => undefined }
  const keeping = credentials.keepFresh(client, told, stop.signal).catch((error: unknown) => {
    failure = error
  })
  const all = async () => (await admin.list(certificateSigningRequests)).items
  const pending = async () => (await all()).filter(({ status }) => (status.conditions ?? []).length === 0)
  await until(async () => (await pending()).length === 2)
  for (const request of await pending()) {
    const conditions = [{ type: 'Denied', status: 'True' as const, reason: 'No' }]
    await admin.update(certificateSigningRequests, { ...request, status: { conditions } }, { subresource: 'approval' })
  }
  await until(async () => failure !== undefined || (await pending()).length === 2)
  t.equal(failure, undefined)
  stop.abort()
  await keeping
})
