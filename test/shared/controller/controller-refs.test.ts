import t from 'tap'
import type { KubeObject } from '../../../shared/api/kind.ts'
import { controllerRef, planClaims } from '../../../shared/controller/controller-refs.ts'

const object = (name: string, metadata: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'default',
    uid: name,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...metadata,
  },
})
const controller = object('rc')
const ownedBy = (uid: string) => [{ ...controllerRef(controller), uid }]
const labels = { app: 'kubia' }
const going = { deletionTimestamp: '2026-01-01T00:00:00Z' }

const cases: [
  title: string,
  controller: KubeObject,
  candidate: KubeObject,
  wanted: { owned?: true; adopt?: true; release?: true },
][] = [
  ['its own', controller, object('p', { labels, ownerReferences: ownedBy('rc') }), { owned: true }],
  ['its own that no longer matches', controller, object('p', { ownerReferences: ownedBy('rc') }), { release: true }],
  ['a matching orphan', controller, object('p', { labels }), { owned: true, adopt: true }],
  ['another orphan', controller, object('p'), {}],
  ['a matching orphan that is going', controller, object('p', { labels, ...going }), {}],
  ['a matching orphan elsewhere', controller, object('p', { labels, namespace: 'other' }), {}],
  ["another controller's", controller, object('p', { labels, ownerReferences: ownedBy('x') }), {}],
  [
    'an owner that is no controller',
    controller,
    object('p', { labels, ownerReferences: [{ ...controllerRef(controller), uid: 'x', controller: false }] }),
    { owned: true, adopt: true },
  ],
  ['a matching orphan of one that is going', object('rc', going), object('p', { labels }), {}],
  [
    'its own that no longer matches when it is going',
    object('rc', going),
    object('p', { ownerReferences: ownedBy('rc') }),
    {},
  ],
]

t.test('claims', async (t) => {
  for (const [title, owner, candidate, wanted] of cases) {
    const claims = planClaims(owner, [candidate], ({ metadata }) => metadata.labels?.app === 'kubia')
    const found = Object.fromEntries(Object.entries(claims).filter(([, objects]) => objects.length > 0))
    t.same(Object.keys(found).sort(), Object.keys(wanted).sort(), title)
  }
})
