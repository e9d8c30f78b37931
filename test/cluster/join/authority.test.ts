/** Whom a machine that joins believes, and what it has told by then. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import t, { type Test } from 'tap'
import { admit, checkWords, parseServer } from '../../../cluster/join/admit.ts'
import { fetchAuthority } from '../../../cluster/join/authority.ts'
import { hasExpired, isToken, newToken, tokenSecret } from '../../../cluster/join/token.ts'
import type { Secret } from '../../../shared/api/secret.ts'
import { type Authority, createAuthority } from '../../../shared/certificates/authority.ts'
import { pinOf } from '../../../shared/certificates/certificate-facts.ts'

const token = 'abcdef.0123456789abcdef'

/** A server with a certificate of `authority` that shows the certificates of `shown` as well. */
async function serve(t: Test, authority: Authority, shown: Authority[], hosts = ['127.0.0.1']) {
  const { certificate, key } = await authority.issue({ commonName: 'kube-apiserver', usages: ['server'], hosts })
  const cert = [certificate, ...shown.map((one) => one.certificate)].join('\n')
  let heard = ''
  const server = createServer({ cert, key }, (socket) => {
    socket.on('data', (chunk) => {
      heard += chunk
    })
    socket.on('error', () => socket.destroy())
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { url: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`), heard: () => heard }
}

t.test('the authority with the pin is believed, and nobody else hears the token', async (t) => {
  const [ours, theirs] = await Promise.all([createAuthority('ours'), createAuthority('theirs')])
  const pin = pinOf(ours.certificate)
  const good = await serve(t, ours, [ours])
  t.equal(pinOf(await fetchAuthority(good.url, pin)), pin)

  const impostors = [
    { title: 'another cluster', server: await serve(t, theirs, [theirs]), wanted: /is not the cluster/ },
    { title: 'one that shows no authority', server: await serve(t, ours, []), wanted: /is not the cluster/ },
    {
      title: 'one that shows ours beside its own',
      server: await serve(t, theirs, [ours]),
      wanted: /no good certificate/,
    },
    {
      title: 'one of ours for another address',
      server: await serve(t, ours, [ours], ['192.0.2.1']),
      wanted: /no good certificate/,
    },
  ]
  for (const { title, server, wanted } of impostors) {
    await t.rejects(admit(server.url, { token, pin }), { name: 'ClusterError', message: wanted }, title)
    t.equal(server.heard(), '', `${title} was told nothing`)
  }
})

t.test('what is typed', async (t) => {
  const pin = `sha256:${'0'.repeat(64)}`
  t.equal(parseServer('192.0.2.7').origin, 'https://192.0.2.7:6443')
  t.equal(parseServer('https://192.0.2.7:7443').origin, 'https://192.0.2.7:7443')
  for (const text of ['http://192.0.2.7', 'https://192.0.2.7/api', 'https://', 'a b'])
    t.throws(() => parseServer(text), { name: 'UsageError' }, text)
  t.doesNotThrow(() => checkWords(token, pin))
  for (const [given, hash] of [
    ['abcdef.secret', pin],
    [token, undefined],
    [token, 'sha256:12'],
    [token, pin.slice(7)],
  ] as const) {
    const wanted = { name: 'UsageError', message: /^(?!.*secret).*(--token|--ca-cert-hash) is/ }
    t.throws(() => checkWords(given, hash), wanted, `${given} ${hash}`)
  }
})

t.test('tokens are kubeadm’s', async (t) => {
  const { id, secret } = newToken()
  t.ok(isToken(`${id}.${secret}`))
  t.match(tokenSecret({ id, secret }, 0), {
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    stringData: { 'token-id': id, 'token-secret': secret, expiration: '1970-01-02T00:00:00.000Z' },
  })
  const endingAt = (expiration?: string) =>
    ({ data: expiration === undefined ? {} : { expiration: btoa(expiration) } }) as unknown as Secret
  t.ok(hasExpired(endingAt('1970-01-02T00:00:00Z'), 86_400_000))
  t.notOk(hasExpired(endingAt('1970-01-02T00:00:01Z'), 86_400_000))
  t.notOk(hasExpired(endingAt(), 86_400_000), 'it has no end')
})
