import fc from 'fast-check'
import t from 'tap'
import { createGraph, type GraphNode, nodeOf } from '../../../controller-manager/garbagecollector/graph.ts'
import {
  type GcAction,
  type OwnerState,
  reconcileOwnership,
} from '../../../controller-manager/garbagecollector/reconcile.ts'
import type { OwnerReference } from '../../../shared/api/meta.ts'
import { configMaps } from '../../../shared/client/resources.ts'
import { meta } from '../objects.ts'

interface Traits {
  /** Owners by UID; a `!` after it: it blocks the owner's deletion. */
  owners?: string[]
  finalizers?: string[]
  isDeleting?: boolean
}

const ownerOf = (text: string): OwnerReference => {
  const uid = text.replace('!', '')
  return { apiVersion: 'v1', kind: 'ConfigMap', name: uid, uid, blockOwnerDeletion: text.endsWith('!') }
}
const node = (uid: string, { owners = [], finalizers = [], isDeleting = false }: Traits = {}): GraphNode =>
  nodeOf(configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: meta(uid, {
      uid,
      ownerReferences: owners.map(ownerOf),
      finalizers,
      ...(isDeleting && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    }),
  })

const foreground = { isDeleting: true, finalizers: ['foregroundDeletion'] }
const orphaning = { isDeleting: true, finalizers: ['orphan'] }

/** Owners are what the first letter of their UID says: solid, absent, waiting. */
const stateOf = ({ uid }: OwnerReference): OwnerState =>
  uid.startsWith('s') ? 'solid' : uid.startsWith('w') ? 'waiting' : 'absent'

const plan = (object: GraphNode, dependents: GraphNode[] = []) =>
  reconcileOwnership(object, { dependents, stateOf }).actions

const going = node('d', { owners: ['x!'], ...foreground })
const blocking = node('d', { owners: ['x!'] })
const loose = node('d', { owners: ['x'] })
const drop = (propagationPolicy: 'Background' | 'Foreground' | 'Orphan'): GcAction => ({
  do: 'delete',
  propagationPolicy,
})

const cases: [title: string, node: GraphNode, dependents: GraphNode[], wanted: GcAction[]][] = [
  ['no owner', node('x'), [], []],
  ['a solid owner', node('x', { owners: ['s'] }), [], []],
  ['its owner is gone', node('x', { owners: ['a'] }), [], [drop('Background')]],
  ['all its owners are gone', node('x', { owners: ['a1', 'a2'] }), [], [drop('Background')]],
  ['one of two is gone', node('x', { owners: ['s', 'a'] }), [], [{ do: 'dropOwners', uids: ['a'] }]],
  ['one of two waits', node('x', { owners: ['s', 'w!'] }), [], [{ do: 'dropOwners', uids: ['w'] }]],
  ['its owner waits for it', node('x', { owners: ['w!'] }), [], [drop('Background')]],
  ['its owner waits, and it has dependents', node('x', { owners: ['w!'] }), [blocking], [drop('Foreground')]],
  [
    'its owner waits, in a circle',
    node('x', { owners: ['w!'] }),
    [going],
    [{ do: 'unblockOwners' }, drop('Foreground')],
  ],
  [
    'its owner is gone, it wants to leave orphans',
    node('x', { owners: ['a'], finalizers: ['orphan'] }),
    [],
    [drop('Orphan')],
  ],
  [
    'its owner is gone, it wants to go last',
    node('x', { owners: ['a'], finalizers: ['foregroundDeletion'] }),
    [],
    [drop('Foreground')],
  ],
  ['on its way out', node('x', { owners: ['a'], isDeleting: true }), [], []],
  [
    'orphaning',
    node('x', orphaning),
    [loose],
    [
      { do: 'orphanDependents', dependents: [loose] },
      { do: 'removeFinalizer', finalizer: 'orphan' },
    ],
  ],
  ['orphaning nobody', node('x', orphaning), [], [{ do: 'removeFinalizer', finalizer: 'orphan' }]],
  ['waiting for nobody', node('x', foreground), [loose], [{ do: 'removeFinalizer', finalizer: 'foregroundDeletion' }]],
  ['waiting', node('x', foreground), [blocking, loose], [{ do: 'visitDependents', dependents: [blocking] }]],
  ['waiting for one that waits itself', node('x', foreground), [going], []],
]

t.test('plans', async (t) => {
  for (const [title, object, dependents, wanted] of cases) t.same(plan(object, dependents), wanted, title)
})

t.test('property: nothing that has a solid owner is deleted, and an applied plan leaves nothing to do', async (t) => {
  const owners = fc.uniqueArray(fc.constantFrom('s1', 's2', 'a1', 'a2', 'w1', 'w2'))
  const finalizers = fc.uniqueArray(fc.constantFrom('orphan', 'foregroundDeletion', 'other'))
  fc.assert(
    fc.property(owners, finalizers, fc.boolean(), (uids, finalizers, isDeleting) => {
      const traits = { owners: uids.map((uid) => `${uid}!`), finalizers, isDeleting }
      const [action, ...more] = plan(node('x', traits))
      if (action === undefined || more.length > 0) return more.length === 0
      if (action.do === 'delete') return !uids.some((uid) => uid.startsWith('s'))
      const after = { ...traits }
      if (action.do === 'dropOwners') after.owners = traits.owners.filter((uid) => uid.startsWith('s'))
      if (action.do === 'removeFinalizer') after.finalizers = finalizers.filter((name) => name !== action.finalizer)
      return plan(node('x', after)).every((next) => next.do === 'removeFinalizer')
    }),
  )
  t.pass()
})

t.test('the graph follows its objects', async (t) => {
  const graph = createGraph()
  const uids = (nodes: GraphNode[]) => nodes.map(({ uid }) => uid).sort()
  graph.put(node('a', { owners: ['x', 'y'] }))
  t.equal(graph.put(node('b', { owners: ['x'] })), undefined)
  t.same(uids(graph.dependentsOf('x')), ['a', 'b'], 'whether the owner is known or not')
  t.same(graph.put(node('a', { owners: ['y'] }))?.owners.length, 2, 'what it was before')
  t.same(uids(graph.dependentsOf('x')), ['b'])
  graph.remove('b')
  graph.remove('b')
  t.same(uids(graph.dependentsOf('x')), [])
  t.same(uids(graph.dependentsOf('y')), ['a'])
  t.equal(graph.get('b'), undefined)
})
