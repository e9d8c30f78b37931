/** A kubelet that joins a cluster with a token: the real process, API server and controllers. */
import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
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

/** A cluster that lets a node in by a token, and signs certificates for `signedForMs`. */
async function startJoining(t: Test, { signedForMs }: { signedForMs?: number } = {}) {
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
      ...(signedForMs !== undefined && { 'cluster-signing-duration': signedForMs }),
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
  const certificates = ['kubelet-client.pem', 'kubelet-server.pem'].map((name) =>
    join(kubelet.rootDirectory, 'pki', name),
  ) as [string, string]
  const runPod = (name: string) =>
    server.client.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: {
        nodeName: 'node-1',
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'main', image: 'none', command: ['sh', '-c', 'echo hello; sleep 1000'] }],
      },
      status: {},
    })
  const saysHello = (name: string) =>
    until(async () => (await server.send('GET', `/api/v1/namespaces/default/pods/${name}/log`)).text === 'hello\n', {
      describe: () => kubelet.log(),
    })
  return { server, kubelet, certificates, runPod, saysHello }
}

t.test('a node joins, serves, and keeps its identity across restarts', async (t) => {
  const { server, kubelet, certificates, runPod, saysHello } = await startJoining(t)
  const { status } = await server.client.get(nodes, { name: 'node-1' })
  t.ok(status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'))
  for (const path of certificates) t.equal(statSync(path).mode & 0o777, 0o600, 'keys are for the node’s eyes only')
  t.notOk(kubelet.log().includes(TOKEN), 'the token is in no log')

  await runPod('talks')
  await saysHello('talks')

  const before = readFileSync(certificates[0], 'utf8')
  await kubelet.kill()
  await kubelet.start()
  t.equal(readFileSync(certificates[0], 'utf8'), before, 'what is on disk is used again')
  t.equal((await server.client.list(certificateSigningRequests)).items.length, 2)
  t.notOk(existsSync(join(kubelet.rootDirectory, '..', 'none')))
})

t.test('both certificates are renewed in time, and nothing is lost by it', async (t) => {
  const { server, kubelet, certificates, runPod, saysHello } = await startJoining(t, { signedForMs: 8_000 })
  await runPod('stays')
  await saysHello('stays')
  const key = { namespace: 'default', name: 'stays' }
  const container = async () => (await server.client.get(pods, key)).status.containerStatuses?.[0]?.containerID
  const [pid, before] = [kubelet.pid, await container()]
  const readAll = () => certificates.map((path) => new X509Certificate(readFileSync(path)))
  const first = readAll()
  await until(() => first.every(({ validToDate }) => validToDate.getTime() < Date.now()), { deadlineMs: 20_000 })

  // Nothing that the kubelet does now could be done with what it had at first.
  await runPod('later')
  await Promise.all([saysHello('later'), saysHello('stays')])
  for (const [index, { serialNumber }] of readAll().entries()) t.not(serialNumber, first[index]!.serialNumber)
  t.equal(await container(), before, 'the pod has never been started again')
  t.equal(kubelet.pid, pid, 'nor has the kubelet')
})
