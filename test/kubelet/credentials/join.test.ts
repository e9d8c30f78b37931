/** A kubelet that joins a cluster with a token: the real process, API server and controllers. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startCertificateApproving } from '../../../controller-manager/certificates/approving.ts'
import { startCertificateSigning } from '../../../controller-manager/certificates/signing.ts'
import { createAuthority } from '../../../shared/certificates/authority.ts'
import { certificateSigningRequests, nodes, pods, secrets } from '../../../shared/client/resources.ts'
import { startManager } from '../../controller-manager/running-controllers.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { startTestKubelet } from '../../support/kubelet.ts'
import { until } from '../../support/until.ts'

const [TOKEN_ID, TOKEN_SECRET] = ['abcdef', '0123456789abcdef']
const TOKEN = `${TOKEN_ID}.${TOKEN_SECRET}`

t.test('a node joins, serves, and keeps its identity across restarts', async (t) => {
  const directory = testDirectory(t)
  const file = (name: string, text: string) => {
    writeFileSync(join(directory, name), text, { mode: 0o600 })
    return join(directory, name)
  }
  const kubeletClients = await createAuthority('kubelet-clients')
  const identity = await kubeletClients.issue({ commonName: 'kube-apiserver-kubelet-client', usages: ['client'] })
  const server = await startTestApiServer(directory, { kubelet: identity })
  t.teardown(() => server.close())
  const { authority } = server
  await server.client.create(secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `bootstrap-token-${TOKEN_ID}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': TOKEN_ID,
      'token-secret': TOKEN_SECRET,
      'usage-bootstrap-authentication': 'true',
    },
  })
  const authorityFile = file('ca.crt', authority.certificate)
  const manager = startManager(server, [startCertificateApproving, startCertificateSigning], {
    options: {
      'cluster-signing-cert-file': authorityFile,
      'cluster-signing-key-file': file('ca.key', authority.key),
    },
  })
  t.teardown(() => manager.close())
  const bootstrap = {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: server.url, 'certificate-authority': authorityFile } }],
    users: [{ name: 'u', user: { token: TOKEN } }],
  }
  const kubelet = await startTestKubelet(directory, {
    kubeconfig: 'none',
    flags: [
      `--bootstrap-kubeconfig=${file('bootstrap.kubeconfig', JSON.stringify(bootstrap))}`,
      `--client-ca-file=${file('clients.crt', kubeletClients.certificate)}`,
    ],
  })
  t.teardown(() => kubelet.stop())
  const { status } = await server.client.get(nodes, { name: 'node-1' })
  t.ok(status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'))
  const certificates = ['kubelet-client.pem', 'kubelet-server.pem'].map((name) =>
    join(kubelet.rootDirectory, 'pki', name),
  )
  for (const path of certificates) t.equal(statSync(path).mode & 0o777, 0o600, 'keys are for the node’s eyes only')
  t.notOk(kubelet.log().includes(TOKEN), 'the token is in no log')

  await server.client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'talks', namespace: 'default' },
    spec: {
      nodeName: 'node-1',
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'none', command: ['sh', '-c', 'echo hello; sleep 1000'] }],
    },
    status: {},
  })
  const log = () => server.send('GET', '/api/v1/namespaces/default/pods/talks/log')
  await until(async () => (await log()).text === 'hello\n', { describe: () => kubelet.log() })

  const before = readFileSync(certificates[0]!, 'utf8')
  await kubelet.kill()
  await kubelet.start()
  t.equal(readFileSync(certificates[0]!, 'utf8'), before, 'what is on disk is used again')
  t.equal((await server.client.list(certificateSigningRequests)).items.length, 2)
  t.notOk(existsSync(join(directory, 'none')))
})
