/** Who gets in: certificates, tokens, and what is open to everybody. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import t from 'tap'
import { createAuthority, type KeyPair } from '../../../shared/certificates/authority.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

t.test('access', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const statusWith = async (path: string, pair?: KeyPair) => {
    const sent = request(new URL(path, server.url), {
      ca: server.authority.certificate,
      ...(pair !== undefined && { cert: pair.certificate, key: pair.key }),
      agent: false,
    }).end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    answer.resume()
    return answer.statusCode
  }
  const client = { commonName: 'someone', usages: ['client'] } as const

  t.equal(await statusWith('/api/v1/nodes', server.admin), 200, 'a certificate of the cluster')
  const foreign = await (await createAuthority('another')).issue(client)
  t.equal(await statusWith('/api/v1/nodes', foreign), 401, 'a certificate of somebody else')
  t.equal(await statusWith('/api/v1/nodes'), 401, 'nothing')

  const refused = await server.send('GET', '/api/v1/nodes', { authorization: 'Bearer wrong' })
  t.strictSame(refused.json(), {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'Unauthorized',
    reason: 'Unauthorized',
    code: 401,
  })
  t.equal(
    (await server.send('GET', '/healthz', { authorization: 'Bearer wrong' })).status,
    401,
    'wrong is worse than none',
  )
  t.equal((await server.send('GET', '/api/v1/nodes', { authorization: `Basic ${server.token}` })).status, 401)
  t.equal((await server.send('GET', '/api/v1/nodes', { authorization: `bearer ${server.token}` })).status, 200)

  for (const path of ['/healthz', '/livez', '/readyz', '/version'])
    t.equal((await server.send('GET', path, { authorization: null })).status, 200, `${path} is open to everybody`)
  for (const path of ['/', '/api', '/apis', '/openapi/v3', '/nothing', '/healthz/x'])
    t.equal((await server.send('GET', path, { authorization: null })).status, 401, `${path} is not`)
})
