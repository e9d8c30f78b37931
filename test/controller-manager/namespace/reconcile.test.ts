import t from 'tap'
import {
  type NamespaceAction,
  type Remainder,
  reconcileNamespace,
} from '../../../controller-manager/namespace/reconcile.ts'
import type { Namespace } from '../../../shared/api/namespace.ts'
import { at, meta, START_MS } from '../objects.ts'

const namespace = (more: Partial<Namespace> = {}): Namespace => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: meta('shop', { deletionTimestamp: at(0) }),
  spec: { finalizers: ['kubernetes'] },
  status: { phase: 'Terminating' },
  ...more,
})
const pods = (count: number, livingCount = count, finalizers = {}): Remainder => ({
  resource: 'pods.',
  path: '/api/v1/namespaces/shop/pods',
  count,
  livingCount,
  finalizers,
})
const plan = (object: Namespace, remainders: Remainder[]) => reconcileNamespace(object, remainders, START_MS)
const kinds = (actions: readonly NamespaceAction[]) => actions.map((action) => action.do)

t.test('plans', async (t) => {
  t.same(plan(namespace({ metadata: meta('shop') }), []), { actions: [] }, 'not deleted')
  t.same(plan(namespace({ spec: { finalizers: ['other'] } }), []), { actions: [] }, 'emptied before')
  t.same(plan(namespace(), []), { actions: [{ do: 'finalize', finalizers: [] }] }, 'empty')
  t.same(
    plan(namespace({ spec: { finalizers: ['kubernetes', 'other'] } }), []).actions,
    [{ do: 'finalize', finalizers: ['other'] }],
    'others have their say',
  )
  const first = plan(namespace(), [pods(2)])
  t.same(kinds(first.actions), ['deleteCollection', 'setConditions'])
  t.ok(first.requeueAfterMs)
  const [, told] = first.actions
  const conditions = told?.do === 'setConditions' ? told.conditions : []
  t.same(
    conditions.map(({ type, status }) => `${type} ${status}`),
    [
      'NamespaceDeletionDiscoveryFailure False',
      'NamespaceDeletionGroupVersionParsingFailure False',
      'NamespaceDeletionContentFailure False',
      'NamespaceContentRemaining True',
      'NamespaceFinalizersRemaining False',
    ],
  )
  t.equal(conditions[3]?.message, 'Some resources are remaining: pods. has 2 resource instances')
  const told2 = namespace({ status: { phase: 'Terminating', conditions: [...conditions] } })
  t.same(plan(told2, [pods(2, 0)]).actions, [], 'all are going, and it is told: nothing to do but wait')
  t.same(kinds(plan(told2, [pods(1, 0, { 'example.com/hold': 1 })]).actions), ['setConditions'])
})
