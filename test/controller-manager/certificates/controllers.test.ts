/** Certificates from the request to the signed one, on the real API server with its roles. */
import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import t, { type Test } from 'tap'
import { startCertificateApproving } from '../../../controller-manager/certificates/approving.ts'
import { startCertificateCleaning } from '../../../controller-manager/certificates/cleaning.ts'
import { startCertificateSigning } from '../../../controller-manager/certificates/signing.ts'
import { obtainCertificate } from '../../../kubelet/credentials/obtain-certificate.ts'
import type { CertificateSigningRequest } from '../../../shared/api/certificate-signing-request.ts'
import { createSigningRequest } from '../../../shared/certificates/signing-request.ts'
import { createClient } from '../../../shared/client/http-client.ts'
import { nodes, certificateSigningRequests as requests } from '../../../shared/client/resources.ts'
import { systemClock } from '../../../shared/clock.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { until } from '../../support/until.ts'
import { startManager } from '../running-controllers.ts'

const CONTROLLERS = [startCertificateApproving, startCertificateSigning, startCertificateCleaning]
const CLIENT = { signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usage: 'client auth' } as const
const SERVING = { signerName: 'kubernetes.io/kubelet-serving', usage: 'server auth' } as const
const deps = { clock: systemClock, logger: pino({ enabled: false }) }
const { signal } = new AbortController()

const node = (hosts: string[] = [], name = 'node-1') => ({
  commonName: `system:node:${name}`,
  organizations: ['system:nodes'],
  hosts,
})

async function world(t: Test) {
  const directory = testDirectory(t)
  const server = await startTestApiServer(directory)
  t.teardown(() => server.close())
  const { authority } = server
  const write = (name: string, text: string) => {
    writeFileSync(join(directory, name), text)
    return join(directory, name)
  }
  const clock = createFakeClock(Date.now())
  const manager = startManager(server, CONTROLLERS, {
    clock,
    options: {
      'cluster-signing-cert-file': write('ca.crt', authority.certificate),
      'cluster-signing-key-file': write('ca.key', authority.key),
    },
  })
  t.teardown(() => manager.close())
  /** A client that shows a certificate. */
  const as = (certificate: string, key: string) => {
    const connection = { server: server.url, ca: authority.certificate, clientCertificate: certificate, clientKey: key }
    const client = createClient({ connection, userAgent: 'test' })
    t.teardown(() => client.close())
    return client
  }
  const identity = async (commonName: string, ...organizations: string[]) => {
    const pair = await authority.issue({ commonName, organizations, usages: ['client'] })
    return as(pair.certificate, pair.key)
  }
  const submit = async (
    client: ReturnType<typeof as>,
    subject: ReturnType<typeof node>,
    { signerName, usage }: typeof CLIENT | typeof SERVING,
  ): Promise<CertificateSigningRequest> => {
    const { request } = await createSigningRequest(subject)
    return client.create(requests, {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { generateName: 'csr-' },
      spec: { request: Buffer.from(request).toString('base64'), signerName, usages: [usage], username: 'somebody' },
    })
  }
  return { server, clock, as, identity, submit }
}

t.test('a machine joins: client certificate, then serving certificate, then renewal', async (t) => {
  const { server, as, identity } = await world(t)
  const bootstrap = await identity('system:bootstrap:abc', 'system:bootstrappers')
  const first = await obtainCertificate({ client: bootstrap, ...deps }, { kind: CLIENT, subject: node() }, signal)
  const certificate = new X509Certificate(first.certificate)
  t.ok(certificate.verify(new X509Certificate(server.authority.certificate).publicKey))
  t.match(certificate.subject, /O=system:nodes\nCN=system:node:node-1/)
  const self = as(first.certificate, first.key)
  const subject = node(['node-1', '10.0.0.1'])
  const serving = await obtainCertificate({ client: self, ...deps }, { kind: SERVING, subject }, signal)
  t.equal(new X509Certificate(serving.certificate).subjectAltName, 'DNS:node-1, IP Address:10.0.0.1')
  const renewed = await obtainCertificate({ client: self, ...deps }, { kind: CLIENT, subject: node() }, signal)
  t.not(renewed.key, first.key)
  const { items } = await server.client.list(requests)
  const [asked] = items.filter(({ spec }) => spec.username === 'system:bootstrap:abc')
  t.same(asked?.spec.groups, ['system:bootstrappers', 'system:authenticated'])
})

t.test('who asks is written down by the server, and what nobody has a right to waits', async (t) => {
  const { server, identity, submit } = await world(t)
  const stranger = await identity('jane', 'dev')
  t.match(await server.send('GET', '/apis/certificates.k8s.io/v1'), { status: 200 })
  await t.rejects(submit(stranger, node(), CLIENT), { message: /is forbidden/ })
  const masters = await identity('root', 'system:masters')
  const asked = await submit(masters, node([], 'node-9'), SERVING)
  t.equal(asked.spec.username, 'root', 'not what the client says')
  const other = await identity('system:node:node-2', 'system:nodes')
  const theirs = await submit(other, node(['node-1']), SERVING)
  const own = await submit(other, node(['node-2'], 'node-2'), SERVING)
  await until(async () => (await server.client.get(requests, { name: own.metadata.name })).status.certificate)
  for (const { metadata } of [asked, theirs])
    t.same((await server.client.get(requests, { name: metadata.name })).status, {}, 'a person has to decide')
})

t.test('machines that swap their addresses, or take that of a lost one, get their certificates', async (t) => {
  const { server, identity, submit } = await world(t)
  const report = (name: string, address: string, ready: 'True' | 'Unknown') =>
    server.client.patch(
      nodes,
      { name },
      {
        type: 'merge',
        body: {
          status: { addresses: [{ type: 'InternalIP', address }], conditions: [{ type: 'Ready', status: ready }] },
        },
        subresource: 'status',
      },
    )
  for (const [name, address] of [
    ['node-1', '10.0.0.1'],
    ['node-2', '10.0.0.2'],
    ['node-3', '10.0.0.3'],
  ] as const) {
    await server.client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {}, status: {} })
    await report(name, address, 'True')
  }
  const ask = async (name: string, address: string) =>
    submit(await identity(`system:node:${name}`, 'system:nodes'), node([name, address], name), SERVING)
  const swapped = [await ask('node-1', '10.0.0.2'), await ask('node-2', '10.0.0.1')]
  const third = await ask('node-2', '10.0.0.3')
  const marker = await ask('node-2', '10.0.0.9')
  const signed = ({ metadata }: CertificateSigningRequest) =>
    until(async () => (await server.client.get(requests, { name: metadata.name })).status.certificate)
  await signed(marker)
  for (const { metadata } of [...swapped, third])
    t.same((await server.client.get(requests, { name: metadata.name })).status, {}, 'the address is another’s')
  await report('node-1', '10.0.0.2', 'True')
  await report('node-2', '10.0.0.1', 'True')
  await Promise.all(swapped.map(signed))
  await report('node-3', '10.0.0.3', 'Unknown')
  await signed(third)
})

t.test('a person approves and denies; what is not to be signed fails; old requests go', async (t) => {
  const { server, clock, identity, submit } = await world(t)
  const masters = await identity('root', 'system:masters')
  const decide = async (request: CertificateSigningRequest, type: string) => {
    const status = { conditions: [{ type, status: 'True' as const, reason: 'KubectlDecision' }] }
    return server.client.update(requests, { ...request, status }, { subresource: 'approval' })
  }
  const denied = await decide(await submit(masters, node(), SERVING), 'Denied')
  await t.rejects(decide(denied, 'Approved'), { message: /mutually exclusive|may not remove/ })
  const wrong = await decide(await submit(masters, node(['node-1'], 'node-1'), SERVING), 'Approved')
  const failed = await until(async () => {
    const { status } = await server.client.get(requests, { name: wrong.metadata.name })
    return status.conditions?.find(({ type }) => type === 'Failed')
  })
  t.match(failed, { reason: 'SignerValidationFailure', message: /own certificate only/ })
  await clock.advance(3_700_000)
  await until(async () => (await server.client.list(requests)).items.length === 0)
})

t.test('only who has the right for a signer decides', async (t) => {
  const { server, identity, submit } = await world(t)
  const masters = await identity('root', 'system:masters')
  const request = await submit(masters, node(['node-1']), SERVING)
  const rules = [
    { apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests/approval'], verbs: ['*'] },
  ]
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: 'decides' } }
  await server.send('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', {
    body: { ...role, kind: 'ClusterRole', rules },
  })
  await server.send('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    body: {
      ...role,
      kind: 'ClusterRoleBinding',
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'decides' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }],
    },
  })
  const jane = await identity('jane')
  const status = { conditions: [{ type: 'Approved', status: 'True' as const }] }
  const decided = jane.update(requests, { ...request, status }, { subresource: 'approval' })
  await t.rejects(decided, { message: /user not permitted to approve requests with signerName/ })
})

t.test('a token for joining makes nobody a node that lives', async (t) => {
  const { server, identity } = await world(t)
  const report = async (name: string, status: 'True' | 'False') => {
    const conditions = [{ type: 'Ready', status }]
    const draft = { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {}, status: {} } as const
    const created = await server.client.create(nodes, draft)
    await server.client.update(nodes, { ...created, status: { conditions } }, { subresource: 'status' })
  }
  await Promise.all([report('lives', 'True'), report('ended', 'False')])
  const bootstrap = await identity('system:bootstrap:abc', 'system:bootstrappers')
  const masters = await identity('root', 'system:masters')
  const ask = (client: typeof bootstrap, name: string) =>
    obtainCertificate({ client, ...deps }, { kind: CLIENT, subject: node([], name) }, signal)
  await t.rejects(ask(bootstrap, 'lives'), {
    name: 'CertificateRefused',
    message: /there is a node lives that is Ready/,
  })
  for (const name of ['ended', 'new']) t.ok((await ask(bootstrap, name)).certificate, name)
  t.ok((await ask(masters, 'lives')).certificate, 'who has the right otherwise may')
})
