/** What callers ask about themselves. */
import t from 'tap'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

const WHO = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
const MAY = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'

t.test('reviews', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const { send } = server

  t.test('who am I', async (t) => {
    const answer = await send('POST', WHO, { body: { status: { userInfo: { username: 'somebody else' } } } })
    t.equal(answer.status, 201)
    t.match(answer.json(), {
      kind: 'SelfSubjectReview',
      apiVersion: 'authentication.k8s.io/v1',
      status: { userInfo: { username: 'admin', uid: 'admin', groups: ['system:masters', 'system:authenticated'] } },
    })
    t.equal((await send('POST', WHO, { body: {}, authorization: null })).status, 401)
    t.equal((await send('GET', WHO)).status, 405)
  })

  t.test('may I', async (t) => {
    const ask = async (spec: object) => (await send('POST', MAY, { body: { spec } })).json()
    const attributes = { verb: 'get', resource: 'pods', namespace: 'default' }
    t.match(await ask({ resourceAttributes: attributes }), {
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: attributes },
      status: { allowed: true },
    })
    t.match(await ask({ nonResourceAttributes: { verb: 'get', path: '/metrics' } }), { status: { allowed: true } })
    t.match(await ask({}), {
      code: 422,
      details: { kind: 'SelfSubjectAccessReview', causes: [{ field: 'spec.resourceAttributes' }] },
    })
    t.match(await ask({ resourceAttributes: {}, nonResourceAttributes: {} }), {
      code: 422,
      message: /cannot be specified in combination with resourceAttributes/,
    })
  })
})
