/** Admission comes before validation: whatever the schema lets through is answered by a Status that is no fault of ours. */
import t from 'tap'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

const NAMESPACE = '/api/v1/namespaces/default'
const RBAC = '/apis/rbac.authorization.k8s.io/v1'
const REVIEWS = '/apis/authorization.k8s.io/v1'
const x = { name: 'x' }

const ODD: readonly object[] = [
  {},
  { metadata: null },
  { metadata: x },
  { metadata: x, spec: null, status: null },
  { metadata: x, spec: {} },
  { metadata: x, spec: { containers: null } },
  { metadata: x, spec: { containers: [null] } },
  { metadata: x, spec: { containers: [{}], volumes: [{}], initContainers: [{}] } },
  {
    metadata: x,
    spec: { containers: [{ name: 'c', resources: { limits: { cpu: 'x' } } }], volumes: [{ projected: {} }] },
  },
  { metadata: x, rules: null },
  { metadata: x, rules: [null] },
  { metadata: x, rules: [{}] },
  { metadata: x, rules: [{ verbs: null, resources: null }], aggregationRule: {} },
  { metadata: x, subjects: [{}], roleRef: {} },
  { metadata: x, subjects: [null], roleRef: null },
  { metadata: { ...x, labels: null }, spec: { taints: null } },
  { spec: { resourceAttributes: null } },
  { spec: { resourceAttributes: {}, user: 'x' } },
  { spec: { token: 'x', audiences: null } },
  { spec: { audiences: [''], boundObjectRef: { kind: 'Pod', apiVersion: 'v1' } } },
  { spec: { signerName: 'kubernetes.io/kubelet-serving', request: 'eA==', usages: [''] } },
]
const TARGETS: readonly (readonly [method: string, path: string])[] = [
  ['POST', `${NAMESPACE}/pods`],
  ['POST', `${NAMESPACE}/services`],
  ['POST', `${NAMESPACE}/resourcequotas`],
  ['POST', `${NAMESPACE}/limitranges`],
  ['POST', `${NAMESPACE}/serviceaccounts/default/token`],
  ['POST', '/apis/authentication.k8s.io/v1/tokenreviews'],
  ['POST', `${REVIEWS}/subjectaccessreviews`],
  ['POST', `${REVIEWS}/selfsubjectaccessreviews`],
  ['POST', `${REVIEWS}/selfsubjectrulesreviews`],
  ['POST', `${REVIEWS}/namespaces/default/localsubjectaccessreviews`],
  ['PUT', `${RBAC}/namespaces/default/roles/x`],
  ['PUT', `${RBAC}/namespaces/default/rolebindings/x`],
  ['POST', `${RBAC}/clusterroles`],
  ['POST', `${RBAC}/clusterrolebindings`],
  ['POST', '/api/v1/nodes'],
  ['PUT', '/api/v1/nodes/n1/status'],
  ['POST', '/apis/certificates.k8s.io/v1/certificatesigningrequests'],
  ['POST', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'],
]

t.test('odd objects', async (t) => {
  const server = await startTestApiServer(testDirectory(t), {
    admission: { notReadyTolerationSeconds: 1, unreachableTolerationSeconds: 1, mountsAccountTokens: true },
    tokens: 'root,root,1,"system:masters"\njane,jane,2\nnode,system:node:n1,3,"system:nodes"\n',
  })
  t.teardown(() => server.close())
  const send = (who: string, method: string, path: string, body: object) =>
    server.send(method, path, { authorization: `Bearer ${who}`, body })
  const root = (path: string, body: object, method = 'POST') => send('root', method, path, body)
  const limits = [
    { type: 'Container', default: { cpu: '1' } },
    { type: 'Pod', max: { cpu: '2' } },
  ]
  const hard = { pods: '1', 'requests.cpu': '1' }
  await root(`${NAMESPACE}/limitranges`, { metadata: { name: 'l' }, spec: { limits } })
  await root(`${NAMESPACE}/resourcequotas`, { metadata: { name: 'q' }, spec: { hard } })
  const status = { hard, used: { pods: '0', 'requests.cpu': '0' } }
  await root(`${NAMESPACE}/resourcequotas/q/status`, { metadata: { name: 'q' }, status }, 'PUT')
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' }
  const subjects = [{ kind: 'User', name: 'jane' }]
  await root(`${RBAC}/clusterrolebindings`, { metadata: { name: 'jane' }, roleRef, subjects })
  await root('/api/v1/nodes', { metadata: { name: 'n1' } })

  const faults: string[] = []
  for (const [method, path] of TARGETS)
    for (const who of ['root', 'jane', 'node']) {
      // Names must not be taken by what was made before.
      const answers = await Promise.all(ODD.map((body) => send(who, method, `${path}?dryRun=All`, body)))
      for (const [index, { status: code, text }] of answers.entries())
        if (code >= 500) faults.push(`${who} ${method} ${path} ${JSON.stringify(ODD[index])}: ${text}`)
    }
  t.strictSame(faults, [])
})
