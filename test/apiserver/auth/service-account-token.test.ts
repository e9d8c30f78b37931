/** Tokens of service accounts: how they are asked for, whom they let in, and until when. */
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT, UnsecuredJWT } from 'jose'
import t, { type Test } from 'tap'
import { generateSigningKey, readSigningKey } from '../../../apiserver/auth/service-account/signing-key.ts'
import { startTestApiServer, type TestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { createFakeClock } from '../../support/fake-clock.ts'

const ISSUER = 'https://kubernetes.default.svc.cluster.local'
const WHO = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
const REVIEW = '/apis/authentication.k8s.io/v1/tokenreviews'
const NAMESPACE = '/api/v1/namespaces/default'
const pem = generateSigningKey()
const key = readSigningKey(pem)

const ask = (server: TestApiServer, spec: object = {}, account = 'default') =>
  server.send('POST', `${NAMESPACE}/serviceaccounts/${account}/token`, { body: { spec } })
const tokenOf = async (server: TestApiServer, spec: object = {}): Promise<string> =>
  (await ask(server, spec)).json().status.token
const who = (server: TestApiServer, token: string) =>
  server.send('POST', WHO, { body: {}, authorization: `Bearer ${token}` })

const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i' }] },
})
const start = (t: Test, options: object = {}) =>
  startTestApiServer(testDirectory(t), { serviceAccounts: { key: pem }, ...options })

t.test('a token is asked for, and lets its account in', async (t) => {
  const server = await start(t)
  t.teardown(() => server.close())
  const answer = await ask(server)
  t.equal(answer.status, 201)
  t.match(answer.json(), {
    kind: 'TokenRequest',
    metadata: { name: 'default', namespace: 'default' },
    spec: { audiences: [ISSUER], expirationSeconds: 3600 },
  })
  const { token } = answer.json().status
  t.strictSame(decodeProtectedHeader(token), { alg: 'ES256', kid: key.id })
  t.match(decodeJwt(token), { iss: ISSUER, sub: 'system:serviceaccount:default:default', aud: [ISSUER] })
  t.match((await who(server, token)).json(), {
    status: {
      userInfo: {
        username: 'system:serviceaccount:default:default',
        uid: /^[0-9a-f-]{36}$/,
        groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
        extra: { 'authentication.kubernetes.io/credential-id': [/^JTI=/] },
      },
    },
  })
  const refused = await server.send('GET', `${NAMESPACE}/pods`, { authorization: `Bearer ${token}` })
  t.match(refused.json(), {
    code: 403,
    message:
      'pods is forbidden: User "system:serviceaccount:default:default" cannot list resource "pods" in API group "" in the namespace "default"',
    details: { kind: 'pods' },
  })

  const discovery = await server.send('GET', '/.well-known/openid-configuration', { authorization: `Bearer ${token}` })
  t.match(discovery.json(), { issuer: ISSUER, jwks_uri: `${server.url}/openid/v1/jwks` })
  const keys = (await server.send('GET', '/openid/v1/jwks', { authorization: `Bearer ${token}` })).json()
  t.match(keys, { keys: [{ kty: 'EC', crv: 'P-256', use: 'sig', alg: 'ES256', kid: key.id }] })
  t.notOk('d' in keys.keys[0], 'the private half stays here')
  t.ok(await jwtVerify(token, key.publicKey), 'anybody can verify it')

  t.equal((await ask(server, {}, 'nobody')).status, 404)
  t.match((await ask(server, { expirationSeconds: 599 })).json(), {
    code: 422,
    message: /spec\.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes$/,
  })
  t.match((await ask(server, { boundObjectRef: { apiVersion: 'v1', kind: 'Service', name: 'x' } })).json(), {
    code: 400,
    message: 'cannot bind token to object of type v1, Kind=Service',
  })
})

t.test('forged tokens', async (t) => {
  const server = await start(t)
  t.teardown(() => server.close())
  const token = await tokenOf(server)
  const claims = decodeJwt(token)
  const [head, payload, signature] = token.split('.') as [string, string, string]
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const signed = (changes: object, by = key.privateKey, alg = 'ES256') =>
    new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg, kid: key.id }).sign(by)
  const hmacHead = part({ alg: 'HS256', kid: key.id })
  const publicPem = key.publicKey.export({ type: 'spki', format: 'pem' })
  const hmac = createHmac('sha256', publicPem).update(`${hmacHead}.${payload}`).digest('base64url')
  const kubernetes = claims['kubernetes.io'] as { namespace: string; serviceaccount: { name: string; uid: string } }
  const account = (name: string, uid: string) => ({
    sub: `system:serviceaccount:default:${name}`,
    'kubernetes.io': { ...kubernetes, serviceaccount: { name, uid } },
  })
  const now = Math.floor(Date.now() / 1000)
  const forged: [title: string, token: string][] = [
    ['no signature', `${head}.${payload}.`],
    ['alg: none', new UnsecuredJWT(claims).encode()],
    ['alg: none with the signature', `${part({ alg: 'none' })}.${payload}.${signature}`],
    ['the public key as a secret', `${hmacHead}.${payload}.${hmac}`],
    ['another key', await signed({}, stranger)],
    ['another kind of key', await signed({}, rsa, 'RS256')],
    [
      'another payload',
      `${head}.${part({ ...claims, sub: 'system:serviceaccount:kube-system:default' })}.${signature}`,
    ],
    ['another issuer', await signed({ iss: 'https://example.com' })],
    ['another audience', await signed({ aud: ['vault'] })],
    ['no audience', await signed({ aud: [] })],
    ['expired', await signed({ exp: now - 1 })],
    ['not yet', await signed({ nbf: now + 3600 })],
    ['for ever', await signed({ exp: undefined })],
    ['another account', await signed({ sub: 'system:serviceaccount:default:other' })],
    ['an account of another life', await signed(account('default', 'f00'))],
    ['an account that is not there', await signed(account('ghost', kubernetes.serviceaccount.uid))],
    ['no claims of ours', await signed({ 'kubernetes.io': undefined })],
    ['a pod that is not there', await signed({ 'kubernetes.io': { ...kubernetes, pod: { name: 'p', uid: 'u' } } })],
    ['a pod that is none', await signed({ 'kubernetes.io': { ...kubernetes, pod: 'p' } })],
    ['not a token', 'a.b.c'],
    ['far too long', `${head}.${payload}${'A'.repeat(40_000)}.${signature}`],
  ]
  for (const [title, each] of forged) {
    const answer = await who(server, each)
    t.match(answer, { status: 401 }, title)
    t.match(answer.json(), { kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized' }, `${title}: a Status`)
    t.match((await server.send('POST', REVIEW, { body: { spec: { token: each } } })).json().status, {
      authenticated: false,
    })
  }
  t.equal((await who(server, token)).status, 201, 'the true one still works')
})

t.test('for how long', async (t) => {
  const clock = createFakeClock(Date.now())
  const server = await start(t, { clock })
  t.teardown(() => server.close())
  await server.send('POST', `${NAMESPACE}/pods`, { body: pod('bound') })
  const bind = { apiVersion: 'v1', kind: 'Pod', name: 'bound' }
  const [free, bound, foreign] = await Promise.all([
    tokenOf(server, { expirationSeconds: 600 }),
    tokenOf(server, { boundObjectRef: bind }),
    tokenOf(server, { audiences: ['vault'] }),
  ])
  t.match((await who(server, bound)).json().status.userInfo.extra, {
    'authentication.kubernetes.io/pod-name': ['bound'],
    'authentication.kubernetes.io/pod-uid': [/./],
  })
  t.equal((await who(server, foreign)).status, 401, 'meant for somebody else')
  const review = async (spec: object) => (await server.send('POST', REVIEW, { body: { spec } })).json()
  t.match(await review({ token: foreign, audiences: ['vault', 'x'] }), {
    status: { authenticated: true, audiences: ['vault'], user: { username: 'system:serviceaccount:default:default' } },
  })
  t.match(await review({ token: server.token }), { status: { authenticated: true, user: { username: 'admin' } } })
  t.match(await review({ token: server.token, audiences: ['vault'] }), { status: { authenticated: false } })
  t.match(await review({}), { code: 422 })

  await server.send('DELETE', `${NAMESPACE}/pods/bound?gracePeriodSeconds=0`)
  t.equal((await who(server, bound)).status, 401, 'its pod is gone')
  t.match((await ask(server, { boundObjectRef: bind })).json(), { code: 404, message: 'pods "bound" not found' })
  t.equal((await who(server, free)).status, 201)
  await clock.advance(601_000)
  t.equal((await who(server, free)).status, 401, 'its time is over')

  const late = await tokenOf(server)
  t.equal((await who(server, late)).status, 201)
  await server.send('DELETE', `${NAMESPACE}/serviceaccounts/default`)
  t.equal((await who(server, late)).status, 401, 'its account is gone')
  await server.send('POST', `${NAMESPACE}/serviceaccounts`, { body: { metadata: { name: 'default' } } })
  t.equal((await who(server, late)).status, 401, 'another account of the same name is another account')
})

t.test('a pod of another account', async (t) => {
  const server = await start(t)
  t.teardown(() => server.close())
  await server.send('POST', `${NAMESPACE}/serviceaccounts`, { body: { metadata: { name: 'other' } } })
  await server.send('POST', `${NAMESPACE}/pods`, { body: pod('mine') })
  const reference = { apiVersion: 'v1', kind: 'Pod', name: 'mine' }
  t.match((await ask(server, { boundObjectRef: reference }, 'other')).json(), {
    code: 400,
    message: 'cannot bind token for serviceaccount "other" to pod running with different serviceaccount name.',
  })
  t.match((await ask(server, { boundObjectRef: { ...reference, uid: 'x' } })).json(), { code: 409 })
})
