/** What is refused on the real server: with a clear Status and a line in the audit log, and nothing changes. */
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import t from 'tap'
import type { KeyPair } from '../../../shared/certificates/authority.ts'
import { startTestApiServer, type TestRequest } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { sendRaw } from '../../support/raw-http.ts'
import { until } from '../../support/until.ts'

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
const RBAC = '/apis/rbac.authorization.k8s.io/v1'
const NAMESPACE = '/api/v1/namespaces/default'
const TOKENS = [
  'jane-token,jane,1',
  'boss-token,boss,2',
  'root-token,root,3,"system:masters"',
  'node-token,system:node:n1,4,"system:nodes"',
  'kube-token,system:kube-scheduler,5',
]

t.test('refusals', async (t) => {
  const directory = testDirectory(t)
  const auditPath = join(directory, 'audit.log')
  const server = await startTestApiServer(directory, {
    tokens: TOKENS.join('\n'),
    audit: { path: auditPath, bytesMax: 0, backupsMax: 0 },
  })
  t.teardown(() => server.close())
  let count = 0
  const send = (who: string, method: string, path: string, { headers, ...rest }: TestRequest = {}) =>
    server.send(method, path, {
      authorization: `Bearer ${who}-token`,
      headers: { 'audit-id': `request-${count++}`, ...headers },
      ...rest,
    })
  const root = async (method: string, path: string, body?: object) =>
    (await send('root', method, path, body === undefined ? {} : { body })).json()
  const rule = (verbs: string[], resources: string[], apiGroups = ['']) => ({ verbs, apiGroups, resources })
  const subject = (name: string) => ({ kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' })
  const role = (name: string, ...rules: object[]) => ({ metadata: { name }, rules })
  const binding = (name: string, kind: string, roleName: string, who: string) => ({
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: roleName },
    subjects: [subject(who)],
  })
  const group = ['rbac.authorization.k8s.io']

  await root(
    'POST',
    `${RBAC}/namespaces/default/roles`,
    role('granter', rule(['get', 'create', 'update'], ['roles', 'rolebindings'], group), rule(['get'], ['pods'])),
  )
  await root('POST', `${RBAC}/namespaces/default/rolebindings`, binding('granter', 'Role', 'granter', 'boss'))
  for (const name of ['n1', 'n2']) await root('POST', '/api/v1/nodes', { metadata: { name } })
  await root('POST', `${NAMESPACE}/secrets`, {
    metadata: { name: 's' },
    stringData: { password: 'hunter2-in-a-secret' },
  })

  const ROLES = `${RBAC}/namespaces/default/roles`
  const BINDINGS = `${RBAC}/namespaces/default/rolebindings`
  const escalating =
    'user "boss" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n'
  const cases: [title: string, who: string, method: string, path: string, message: string, request?: TestRequest][] = [
    [
      'a list',
      'jane',
      'GET',
      `${NAMESPACE}/pods`,
      'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
    ],
    [
      'a watch',
      'jane',
      'GET',
      `${NAMESPACE}/pods?watch=1`,
      'pods is forbidden: User "jane" cannot watch resource "pods" in API group "" in the namespace "default"',
    ],
    [
      'everywhere',
      'jane',
      'GET',
      '/apis/apps/v1/deployments',
      'deployments.apps is forbidden: User "jane" cannot list resource "deployments" in API group "apps" at the cluster scope',
    ],
    [
      'one object',
      'jane',
      'DELETE',
      `${NAMESPACE}/secrets/s`,
      'secrets "s" is forbidden: User "jane" cannot delete resource "secrets" in API group "" in the namespace "default"',
    ],
    [
      'a namespace',
      'jane',
      'GET',
      NAMESPACE,
      'namespaces "default" is forbidden: User "jane" cannot get resource "namespaces" in API group "" in the namespace "default"',
    ],
    [
      'a subresource',
      'jane',
      'GET',
      `${NAMESPACE}/pods/x/log`,
      'pods "x" is forbidden: User "jane" cannot get resource "pods/log" in API group "" in the namespace "default"',
    ],
    ['a path', 'jane', 'GET', '/metrics', 'forbidden: User "jane" cannot get path "/metrics"'],
    ['a path that is not there', 'jane', 'GET', '/nothing', 'forbidden: User "jane" cannot get path "/nothing"'],
    [
      'a resource that is not there',
      'jane',
      'GET',
      `${NAMESPACE}/gadgets/x`,
      'gadgets "x" is forbidden: User "jane" cannot get resource "gadgets" in API group "" in the namespace "default"',
    ],
    [
      'what is created by an update',
      'kube',
      'PUT',
      `${NAMESPACE}/pods/x`,
      'pods "x" is forbidden: User "system:kube-scheduler" cannot update resource "pods" in API group "" in the namespace "default"',
      { body: {} },
    ],
    [
      'a slash in a name',
      'jane',
      'GET',
      `${NAMESPACE}/pods%2Fx`,
      'pods%2Fx is forbidden: User "jane" cannot list resource "pods%2Fx" in API group "" in the namespace "default"',
    ],
    [
      "another node's status",
      'node',
      'PATCH',
      '/api/v1/nodes/n2/status',
      'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
      { body: { status: { phase: 'Evil' } }, headers: { 'content-type': 'application/merge-patch+json' } },
    ],
    [
      "a secret that no pod of the node's needs",
      'node',
      'GET',
      `${NAMESPACE}/secrets/s`,
      `secrets "s" is forbidden: User "system:node:n1" cannot get resource "secrets" in API group "" in the namespace "default": no relationship found between node 'n1' and this object`,
    ],
    [
      'more than one has',
      'boss',
      'POST',
      ROLES,
      `roles.rbac.authorization.k8s.io "more" is forbidden: ${escalating}{APIGroups:[""], Resources:["pods"], Verbs:["list" "watch"]}\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}`,
      { body: role('more', rule(['get', 'list', 'watch'], ['pods']), rule(['get'], ['secrets'])) },
    ],
    [
      'more to oneself',
      'boss',
      'PUT',
      `${ROLES}/granter`,
      `roles.rbac.authorization.k8s.io "granter" is forbidden: ${escalating}{APIGroups:["*"], Resources:["*"], Verbs:["*"]}`,
      { body: role('granter', rule(['*'], ['*'], ['*'])) },
    ],
    [
      'a role of others',
      'boss',
      'POST',
      BINDINGS,
      `rolebindings.rbac.authorization.k8s.io "admin" is forbidden: ${escalating}{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}`,
      { body: binding('admin', 'ClusterRole', 'cluster-admin', 'boss') },
    ],
    [
      'acting as somebody',
      'jane',
      'GET',
      `${NAMESPACE}/pods`,
      'users "root" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope',
      { headers: { 'impersonate-user': 'root', 'impersonate-group': 'system:masters' } },
    ],
    [
      'acting as an account',
      'jane',
      'GET',
      `${NAMESPACE}/pods`,
      'serviceaccounts "x" is forbidden: User "jane" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "kube-system"',
      { headers: { 'impersonate-user': 'system:serviceaccount:kube-system:x' } },
    ],
  ]
  const raw = `GET /api/../metrics HTTP/1.1\r\nhost: x\r\nauthorization: Bearer jane-token\r\nconnection: close\r\n\r\n`
  t.match(
    await sendRaw(server.url, server.authority.certificate, raw),
    { status: 403, text: /User .*jane.* cannot/ },
    'a step back',
  )
  const before = await root('GET', `${ROLES}/granter`)
  const node = await root('GET', '/api/v1/nodes/n2')
  const ids = new Map<string, string>()
  for (const [title, who, method, path, message, options] of cases) {
    ids.set(title, `request-${count}`)
    const answer = await send(who, method, path, options)
    t.match(answer, { status: 403, headers: { 'audit-id': ids.get(title) } }, title)
    t.match(answer.json(), { kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403 }, `${title}: a Status`)
    t.equal(answer.json().message, message, `${title}: its message`)
  }
  t.strictSame(await root('GET', `${ROLES}/granter`), before, 'nothing has changed')
  t.strictSame((await root('GET', '/api/v1/nodes/n2')).status, node.status)
  t.equal((await root('GET', `${ROLES}/more`)).code, 404)

  const lines = () =>
    readFileSync(auditPath, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  await until(() => [...ids.values()].every((id) => lines().some(({ auditID }) => auditID === id)))
  for (const [title, id] of ids) {
    const line = lines().find(({ auditID }) => auditID === id)
    t.match(line, { responseStatus: { code: 403, reason: 'Forbidden' }, user: { username: /./ } }, `${title}: a line`)
  }
  t.match(
    lines().find(({ auditID }) => auditID === ids.get('a list')),
    { annotations: { 'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': '' } },
  )
  const text = readFileSync(auditPath, 'utf8')
  for (const secret of ['hunter2', 'jane-token', 'root-token', Buffer.from('hunter2-in-a-secret').toString('base64')])
    t.notOk(text.includes(secret), 'no credential and no secret is written down')

  t.test('what is allowed beside it', async (t) => {
    const less = await send('boss', 'POST', ROLES, { body: role('less', rule(['get'], ['pods'])) })
    t.equal(less.status, 201, 'what one has one may give')
    t.equal((await send('boss', 'POST', BINDINGS, { body: binding('less', 'Role', 'less', 'jane') })).status, 201)
    t.equal((await send('jane', 'GET', `${NAMESPACE}/pods/x`)).status, 404, 'a binding counts at once')
    await root('DELETE', `${BINDINGS}/less`)
    t.equal((await send('jane', 'GET', `${NAMESPACE}/pods/x`)).status, 403, 'and no longer')
    await root('POST', `${RBAC}/clusterroles`, role('binder', rule(['bind'], ['clusterroles'], group)))
    await root('POST', `${RBAC}/clusterrolebindings`, binding('binder', 'ClusterRole', 'binder', 'boss'))
    const bound = await send('boss', 'POST', BINDINGS, { body: binding('view', 'ClusterRole', 'view', 'jane') })
    t.equal(bound.status, 201, 'the verb bind lifts it')
    t.equal((await send('jane', 'GET', `${NAMESPACE}/pods`)).status, 200)
    const none = await send('boss', 'POST', BINDINGS, { body: binding('none', 'Role', 'none', 'jane') })
    t.match(none.json(), { code: 404, message: 'roles.rbac.authorization.k8s.io "none" not found' })
  })

  t.test('acting as somebody else', async (t) => {
    const as = (headers: Record<string, string>) =>
      send('root', 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { body: {}, headers })
    const { status } = (
      await as({
        'impersonate-user': 'jane',
        'impersonate-group': 'ops',
        'impersonate-uid': '7',
        'impersonate-extra-example.com%2fscope': 'a',
      })
    ).json()
    t.strictSame(status.userInfo, {
      username: 'jane',
      uid: '7',
      groups: ['ops', 'system:authenticated'],
      extra: { 'example.com/scope': ['a'] },
    })
    t.match((await as({ 'impersonate-user': 'system:serviceaccount:a:b' })).json().status.userInfo.groups, [
      'system:serviceaccounts',
      'system:serviceaccounts:a',
      'system:authenticated',
    ])
    t.equal((await as({ 'impersonate-group': 'ops' })).status, 400)
    t.equal((await send('root', 'GET', '/metrics', { headers: { 'impersonate-user': 'nobody' } })).status, 403)
    await until(() => lines().some(({ impersonatedUser }) => impersonatedUser?.username === 'jane'))
    const line = lines().find(({ impersonatedUser }) => impersonatedUser?.username === 'jane')
    t.match(line, { user: { username: 'root' }, impersonatedUser: { groups: ['ops', 'system:authenticated'] } })
  })

  t.test('bootstrap tokens', async (t) => {
    const secret = (id: string, data: object, type = 'bootstrap.kubernetes.io/token') =>
      root('POST', '/api/v1/namespaces/kube-system/secrets', {
        metadata: { name: `bootstrap-token-${id}` },
        type,
        stringData: {
          'token-id': id,
          'token-secret': '0123456789abcdef',
          'usage-bootstrap-authentication': 'true',
          ...data,
        },
      })
    await secret('aaaaaa', { 'auth-extra-groups': 'system:bootstrappers:mine' })
    await secret('bbbbbb', { expiration: '2020-01-01T00:00:00Z' })
    await secret('cccccc', { 'usage-bootstrap-authentication': 'false' })
    await secret('dddddd', { 'auth-extra-groups': 'system:masters' })
    await secret('eeeeee', {}, 'Opaque')
    const as = (token: string) =>
      server.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        body: {},
        authorization: `Bearer ${token}`,
      })
    t.strictSame((await as('aaaaaa.0123456789abcdef')).json().status.userInfo, {
      username: 'system:bootstrap:aaaaaa',
      groups: ['system:bootstrappers', 'system:bootstrappers:mine', 'system:authenticated'],
    })
    for (const id of ['bbbbbb', 'cccccc', 'dddddd', 'eeeeee', 'ffffff'])
      t.equal((await as(`${id}.0123456789abcdef`)).status, 401, id)
    t.equal((await as('aaaaaa.0123456789abcdeg')).status, 401)
  })

  t.test('certificates', async (t) => {
    await root('POST', LEASES, { metadata: { name: 'n1' } })
    const statusWith = (pair: KeyPair) =>
      new Promise<number>((resolve, reject) => {
        const { certificate: cert, key } = pair
        const url = new URL(`${LEASES}/n1`, server.url)
        const sent = request(url, { ca: server.authority.certificate, cert, key, agent: false }, (answer) => {
          answer.resume()
          resolve(answer.statusCode!)
        })
        sent.on('error', reject).end()
      })
    const issue = (commonName: string, ...organizations: string[]) =>
      server.authority.issue({ commonName, organizations, usages: ['client'] })
    t.equal(await statusWith(await issue('system:node:n1', 'system:nodes')), 200)
    t.equal(await statusWith(await issue('system:node:n2', 'system:nodes')), 403, 'another node')
    t.equal(await statusWith(await issue('system:node:n1')), 403, 'a node that is not in the group of nodes')
    t.equal(await statusWith(await issue('somebody', 'system:masters')), 200)
  })
})
