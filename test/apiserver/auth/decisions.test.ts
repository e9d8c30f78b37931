/**
 * Every verb on every kind and subresource, in a namespace of one's own, in another and everywhere, for ten identities:
 * each decision is compared with a table that was written by hand from what the roles are for.
 */
import t from 'tap'
import type { Attributes } from '../../../apiserver/auth/authorize.ts'
import type { Identity } from '../../../apiserver/auth/identity.ts'
import { reviewKinds } from '../../../apiserver/http/review-endpoints.ts'
import { subresources } from '../../../apiserver/http/subresources.ts'
import { builtInKinds } from '../../../shared/api/kinds.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { authorizerOf } from './policy-world.ts'

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'] as const
/** Verbs that no request has, but that roles speak of. */
const OTHER_VERBS = ['escalate', 'bind', 'impersonate', 'approve', 'sign', 'proxy'] as const

const who = (user: string, ...groups: string[]): Identity => ({ user, groups: [...groups, 'system:authenticated'] })
const IDENTITIES = {
  nobody: { user: 'system:anonymous', groups: ['system:unauthenticated'] },
  jane: who('jane'),
  admin: who('ada'),
  editor: who('eve'),
  viewer: who('vic', 'auditors'),
  root: who('root', 'system:masters'),
  scheduler: who('system:kube-scheduler'),
  controllers: who('system:kube-controller-manager'),
  node: who('system:node:n1', 'system:nodes'),
  robot: who('system:serviceaccount:mine:ci', 'system:serviceaccounts', 'system:serviceaccounts:mine'),
} satisfies Record<string, Identity>
type Name = keyof typeof IDENTITIES

const user = (name: string) => ({ kind: 'User', name }) as const
const pod = {
  metadata: { name: 'p', namespace: 'mine', uid: 'u' },
  spec: {
    nodeName: 'n1',
    serviceAccountName: 'ci',
    containers: [{ name: 'c', envFrom: [{ secretRef: { name: 'needed' } }, { configMapRef: { name: 'needed' } }] }],
  },
} as unknown as Pod
const authorizer = authorizerOf(
  [
    { to: user('ada'), role: 'admin', namespace: 'mine' },
    { to: user('eve'), role: 'edit', namespace: 'mine' },
    { to: { kind: 'Group', name: 'auditors' }, role: 'view' },
    {
      // Without a namespace: an account of the binding's own.
      to: { kind: 'ServiceAccount', name: 'ci' },
      role: 'ci',
      namespace: 'mine',
      rules: [
        { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'pods/log'] },
        { verbs: ['*'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['needed'] },
        { verbs: ['update'], apiGroups: ['*'], resources: ['*/scale'] },
      ],
    },
  ],
  [pod],
)

interface Question {
  /** With its group, and its part: `pods/log`, `deployments.apps/scale`. */
  what: string
  verb: string
  /** Empty: everywhere. */
  namespace: string
  name?: string
}

/** All resources and parts that are served, with the namespaces in which to ask about them. */
function questions(): Question[] {
  const qualified = ({ group, plural }: { group: string; plural: string }) =>
    group === '' ? plural : `${plural}.${group}`
  const things = [
    ...[...builtInKinds, ...reviewKinds].flatMap((kind) => {
      const what = qualified(kind)
      const parts = [...(kind.hasStatus ? ['status'] : []), ...(kind.scale === undefined ? [] : ['scale'])]
      return [what, ...parts.map((part) => `${what}/${part}`)].map((each) => ({
        what: each,
        namespaced: kind.namespaced,
      }))
    }),
    ...Object.keys(subresources).map((what) => ({ what, namespaced: !/^(namespaces|nodes)\//.test(what) })),
    { what: 'bindings', namespaced: true },
  ]
  return things.flatMap(({ what, namespaced }) =>
    (namespaced ? ['mine', 'yours', ''] : ['']).flatMap((namespace) =>
      [...VERBS, ...OTHER_VERBS].map((verb) => ({ what, verb, namespace })),
    ),
  )
}

const READ = 'get list watch'
const WRITE = 'create update patch delete deletecollection'
/** Things and verbs; `*` for all verbs. A line is `verbs: things`. */
type Table = readonly string[]

const allows = (table: Table, { what, verb }: Question): boolean =>
  table.some((line) => {
    const [verbs, things] = line.split(': ') as [string, string]
    return (verbs === '*' || verbs.split(' ').includes(verb)) && things.split(' ').includes(what)
  })

const SELF: Table = [
  'create: selfsubjectaccessreviews.authorization.k8s.io selfsubjectrulesreviews.authorization.k8s.io selfsubjectreviews.authentication.k8s.io',
]
const WORKLOADS =
  'deployments.apps daemonsets.apps replicasets.apps statefulsets.apps deployments.apps/scale replicasets.apps/scale statefulsets.apps/scale replicationcontrollers replicationcontrollers/scale jobs.batch cronjobs.batch'
/** What users make themselves, apart from secrets. */
const OWN = `pods services configmaps serviceaccounts persistentvolumeclaims poddisruptionbudgets.policy ${WORKLOADS}`
const VIEW: Table = [
  `${READ}: ${OWN} endpoints endpointslices.discovery.k8s.io events limitranges resourcequotas controllerrevisions.apps bindings pods/log namespaces`,
  `${READ}: pods/status services/status replicationcontrollers/status resourcequotas/status namespaces/status persistentvolumeclaims/status`,
  `${READ}: deployments.apps/status daemonsets.apps/status replicasets.apps/status statefulsets.apps/status jobs.batch/status cronjobs.batch/status poddisruptionbudgets.policy/status`,
]
const STREAMS = 'pods/exec pods/attach pods/portforward pods/proxy services/proxy'
const EDIT: Table = [
  ...VIEW,
  `${WRITE}: ${OWN} events secrets ${STREAMS}`,
  `${READ}: secrets ${STREAMS}`,
  'create: pods/eviction serviceaccounts/token',
  'impersonate: serviceaccounts',
  `${READ} ${WRITE}: leases.coordination.k8s.io`,
]
const ADMIN: Table = [
  ...EDIT,
  `${READ} ${WRITE}: roles.rbac.authorization.k8s.io rolebindings.rbac.authorization.k8s.io`,
  'create: localsubjectaccessreviews.authorization.k8s.io',
]
const REVIEWS = 'create: tokenreviews.authentication.k8s.io subjectaccessreviews.authorization.k8s.io'
const SCHEDULER: Table = [
  ...SELF,
  REVIEWS,
  `${READ}: nodes pods services replicationcontrollers replicasets.apps statefulsets.apps poddisruptionbudgets.policy namespaces priorityclasses.scheduling.k8s.io`,
  `${READ} patch update: persistentvolumeclaims persistentvolumes`,
  `${READ}: storageclasses.storage.k8s.io`,
  'delete: pods',
  'create: bindings pods/binding leases.coordination.k8s.io',
  'patch update: pods/status',
  'create patch update: events',
]
const NODE: Table = [
  ...SELF,
  REVIEWS,
  'create: localsubjectaccessreviews.authorization.k8s.io nodes pods pods/eviction',
  // Nodes lead to each other's pods, so they read each other's addresses.
  `${READ}: nodes services`,
  'patch update: nodes nodes/status pods/status',
  'create patch update: events',
  'get: endpoints',
  `create ${READ}: certificatesigningrequests.certificates.k8s.io`,
  'delete: pods',
]

const isMine = ({ namespace }: Question) => namespace === 'mine'
const isNamespaced = ({ namespace }: Question) => namespace !== ''

/** What the table says of one question, which names no object. */
const EXPECTED: Readonly<Record<Name, (question: Question) => boolean>> = {
  nobody: () => false,
  jane: (question) => allows(SELF, question),
  admin: (question) => allows(SELF, question) || (isMine(question) && allows(ADMIN, question)),
  editor: (question) => allows(SELF, question) || (isMine(question) && allows(EDIT, question)),
  viewer: (question) => allows([...SELF, ...VIEW], question),
  root: () => true,
  scheduler: (question) =>
    allows(SCHEDULER, question) ||
    // Leader election takes place in one namespace that is not among these.
    false,
  // What its controllers need of it is a test of its own; here is what they must not have.
  controllers: (question) => !isBeyondControllers(question),
  node: (question) => allows(NODE, question),
  robot: (question) =>
    allows(SELF, question) ||
    (isMine(question) &&
      (allows(['get list: pods pods/log'], question) ||
        (question.verb === 'update' && question.what.endsWith('/scale')))),
}

/** No controller runs programs in pods, acts as somebody else, or makes what only people make. */
function isBeyondControllers({ what, verb }: Question): boolean {
  if (['impersonate', 'bind', 'approve', 'sign', 'proxy'].includes(verb)) return true
  if (verb === 'escalate') return what !== 'clusterroles.rbac.authorization.k8s.io'
  const isReview = /reviews\./.test(what)
  if (isReview && verb === 'create') return what.startsWith('localsubject')
  if (verb === 'deletecollection' || ['delete', 'get', 'list', 'watch', 'patch', 'update'].includes(verb)) return false
  const made = [
    'pods pods/binding replicasets.apps controllerrevisions.apps jobs.batch serviceaccounts serviceaccounts/token',
    'secrets configmaps events leases.coordination.k8s.io persistentvolumeclaims',
  ].join(' ')
  return !made.split(' ').includes(what)
}

const attributesOf = (identity: Identity, { what, verb, namespace, name }: Question): Attributes => {
  const [resource = '', subresource] = what.split('/')
  const dot = resource.indexOf('.')
  const [plural, group] = dot === -1 ? [resource, ''] : [resource.slice(0, dot), resource.slice(dot + 1)]
  return {
    identity,
    verb,
    path: '',
    resource: {
      group,
      plural,
      ...(subresource !== undefined && { subresource }),
      ...(isNamespaced({ what, verb, namespace }) && { namespace }),
      ...(name !== undefined && { name }),
    },
  }
}
const shown = ({ what, verb, namespace, name }: Question) =>
  `${verb} ${what} ${name ?? ''} in ${namespace === '' ? 'the cluster' : namespace}`

t.test('every verb on everything', async (t) => {
  const all = questions()
  t.ok(all.length > 2000, 'there is much to ask')
  for (const [name, identity] of Object.entries(IDENTITIES)) {
    const wrong = all.filter(
      (question) => authorizer.authorize(attributesOf(identity, question)).allowed !== EXPECTED[name as Name](question),
    )
    t.strictSame(wrong.map(shown), [], `${name}: ${all.length} decisions`)
  }
})

t.test('single objects', async (t) => {
  const cases: [name: Name, question: Question, isAllowed: boolean][] = [
    ['robot', { verb: 'delete', what: 'configmaps', namespace: 'mine', name: 'needed' }, true],
    ['robot', { verb: 'delete', what: 'configmaps', namespace: 'mine', name: 'other' }, false],
    ['robot', { verb: 'delete', what: 'configmaps', namespace: 'yours', name: 'needed' }, false],
    ['robot', { verb: 'create', what: 'configmaps', namespace: 'mine' }, false],
    ['node', { verb: 'get', what: 'secrets', namespace: 'mine', name: 'needed' }, true],
    ['node', { verb: 'watch', what: 'configmaps', namespace: 'mine', name: 'needed' }, true],
    ['node', { verb: 'get', what: 'secrets', namespace: 'mine', name: 'other' }, false],
    ['node', { verb: 'get', what: 'secrets', namespace: 'yours', name: 'needed' }, false],
    ['node', { verb: 'update', what: 'secrets', namespace: 'mine', name: 'needed' }, false],
    ['node', { verb: 'get', what: 'pods', namespace: 'mine', name: 'p' }, true],
    ['node', { verb: 'get', what: 'pods', namespace: 'mine', name: 'q' }, false],
    ['node', { verb: 'get', what: 'nodes', namespace: '', name: 'n1' }, true],
    ['node', { verb: 'get', what: 'nodes', namespace: '', name: 'n2' }, true],
    ['node', { verb: 'create', what: 'serviceaccounts/token', namespace: 'mine', name: 'ci' }, true],
    ['node', { verb: 'create', what: 'serviceaccounts/token', namespace: 'mine', name: 'default' }, false],
    ['node', { verb: 'update', what: 'leases.coordination.k8s.io', namespace: 'kube-node-lease', name: 'n1' }, true],
    ['node', { verb: 'update', what: 'leases.coordination.k8s.io', namespace: 'kube-node-lease', name: 'n2' }, false],
    ['node', { verb: 'update', what: 'leases.coordination.k8s.io', namespace: 'kube-system', name: 'n1' }, false],
    [
      'scheduler',
      { verb: 'update', what: 'leases.coordination.k8s.io', namespace: 'kube-system', name: 'kube-scheduler' },
      true,
    ],
    [
      'scheduler',
      { verb: 'update', what: 'leases.coordination.k8s.io', namespace: 'kube-node-lease', name: 'n1' },
      false,
    ],
  ]
  for (const [name, question, isAllowed] of cases)
    t.equal(
      authorizer.authorize(attributesOf(IDENTITIES[name], question)).allowed,
      isAllowed,
      `${name}: ${shown(question)}`,
    )
  const list = attributesOf(IDENTITIES.node, { verb: 'list', what: 'pods', namespace: '' })
  const withFields = (fieldSelector: string) =>
    authorizer.authorize({ ...list, resource: { ...list.resource!, fieldSelector } })
  t.equal(withFields('spec.nodeName=n1').allowed, true)
  t.equal(withFields('spec.nodeName=n2').allowed, false)
  t.equal(withFields('spec.nodeName!=n1').allowed, false)
})

t.test('paths', async (t) => {
  const may = (name: Name, verb: string, path: string) =>
    authorizer.authorize({ identity: IDENTITIES[name], verb, path }).allowed
  for (const path of ['/healthz', '/livez', '/readyz', '/version']) t.ok(may('nobody', 'get', path), path)
  for (const path of ['/', '/api', '/apis/apps/v1', '/metrics', '/openapi/v3', '/healthz/etcd', '/version/x'])
    t.notOk(may('nobody', 'get', path), path)
  for (const path of ['/api', '/api/v1', '/apis/apps', '/openapi/v2']) t.ok(may('jane', 'get', path), path)
  for (const path of ['/', '/metrics', '/apix', '/openid/v1/jwks', '/healthz/etcd'])
    t.notOk(may('jane', 'get', path), path)
  t.notOk(may('jane', 'post', '/api'))
  t.ok(may('robot', 'get', '/openid/v1/jwks'))
  t.ok(may('root', 'delete', '/anything'))
})

t.test('reasons', async (t) => {
  const decision = authorizer.authorize(
    attributesOf(IDENTITIES.viewer, { verb: 'get', what: 'pods', namespace: 'yours' }),
  )
  t.strictSame(decision, {
    allowed: true,
    reason: 'RBAC: allowed by ClusterRoleBinding "given-2" of ClusterRole "view" to Group "auditors"',
  })
  const own = authorizer.authorize(attributesOf(IDENTITIES.robot, { verb: 'get', what: 'pods', namespace: 'mine' }))
  t.equal(own.reason, 'RBAC: allowed by RoleBinding "given-3/mine" of Role "ci" to ServiceAccount "ci/mine"')
  const dangling = authorizerOf([{ to: user('dan'), role: 'gone' }])
  t.equal(
    dangling.authorize(attributesOf(who('dan'), { verb: 'get', what: 'pods', namespace: 'x' })).reason,
    'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
  )
})
