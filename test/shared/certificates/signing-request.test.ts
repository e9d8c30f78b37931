import { createPrivateKey, X509Certificate } from 'node:crypto'
import t from 'tap'
import { createAuthority } from '../../../shared/certificates/authority.ts'
import { createSigningRequest, readSigningRequest } from '../../../shared/certificates/signing-request.ts'

t.test('what is asked for is what is read', async (t) => {
  const subject = {
    commonName: 'system:node:node-1',
    organizations: ['system:nodes'],
    hosts: ['node-1', '10.0.0.7', 'fd00::7'],
  }
  const { request, key } = await createSigningRequest(subject)
  t.match(request, /^-----BEGIN CERTIFICATE REQUEST-----/)
  t.match(key, /^-----BEGIN PRIVATE KEY-----/)
  const asked = await readSigningRequest(request)
  t.match(asked, { commonName: 'system:node:node-1', organizations: ['system:nodes'], hasOtherNames: false })
  t.same(asked.dnsNames, ['node-1'])
  t.same([asked.addresses[0], asked.addresses.length], ['10.0.0.7', 2])
})

t.test('a request is signed as it was asked for, for its own key', async (t) => {
  const authority = await createAuthority('authority')
  const { request, key } = await createSigningRequest({ commonName: 'a, b=c', organizations: ['x', 'y'], hosts: [] })
  const { publicKey, ...asked } = await readSigningRequest(request)
  const pem = await authority.sign(publicKey, { ...asked, usages: ['client'], days: 2 })
  const certificate = new X509Certificate(pem)
  t.ok(certificate.verify(new X509Certificate(authority.certificate).publicKey))
  t.ok(certificate.checkPrivateKey(createPrivateKey(key)))
  t.same(certificate.subject.split('\n').sort(), ['CN=a\\, b=c', 'O=x', 'O=y'])
  const days = (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / 86_400_000
  t.equal(Math.round(days), 2)
})

t.test('what is no request', async (t) => {
  await t.rejects(readSigningRequest('nonsense'))
  const { request } = await createSigningRequest({ commonName: 'a', organizations: [], hosts: [] })
  const der = Buffer.from(request.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  // The last byte belongs to the signature.
  der[der.length - 1] = (der.at(-1) ?? 0) ^ 1
  const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`
  await t.rejects(readSigningRequest(forged), 'a broken signature')
})
