import fc from 'fast-check'
import t from 'tap'
import { type BudgetAction, reconcileBudget, type Scale } from '../../../controller-manager/disruption/reconcile.ts'
import { staleInMs } from '../../../controller-manager/disruption/stale-condition.ts'
import type { KubeObject } from '../../../shared/api/kind.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import type { PodDisruptionBudget } from '../../../shared/api/pod-disruption-budget.ts'
import { at, meta, type PodTraits, pod, START_MS } from '../objects.ts'

const rc: KubeObject = { apiVersion: 'v1', kind: 'ReplicationController', metadata: meta('kubia') }
const other: KubeObject = { apiVersion: 'v1', kind: 'ReplicationController', metadata: meta('other') }
const ready = (name: string, traits: PodTraits = {}) => pod(name, { owner: rc, readySince: 0, ...traits })
const unready = (name: string, traits: PodTraits = {}) => pod(name, { owner: rc, ...traits })

function budget(
  spec: Partial<PodDisruptionBudget['spec']>,
  status: Partial<PodDisruptionBudget['status']> = {},
): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: meta('kubia', { generation: 1 }),
    spec: { selector: { matchLabels: { app: 'kubia' } }, ...spec },
    status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, ...status },
  }
}

const scales =
  (replicas: number) =>
  ({ uid }: { uid: string }) => ({ uid, replicas })

function plan(
  pdb: PodDisruptionBudget,
  pods: readonly Pod[],
  scaleOf: (reference: { uid: string }) => Scale = scales(pods.length),
) {
  return reconcileBudget(pdb, { pods, scaleOf, nowMs: START_MS + 100_000 })
}

const statusIn = (actions: readonly BudgetAction[]) => {
  const update = actions.find((action) => action.do === 'updateStatus')
  return update?.do === 'updateStatus' ? update.status : undefined
}

/** Expected, healthy, needed, allowed. */
type Numbers = [expected: number, current: number, desired: number, allowed: number]

const three = [ready('a'), ready('b'), ready('c')]
const cases: [title: string, PodDisruptionBudget['spec'], Pod[], replicas: number, Numbers][] = [
  ['a number that must be left', { minAvailable: 2 }, three, 3, [3, 3, 2, 1]],
  ['more than there are', { minAvailable: 5 }, three, 3, [3, 3, 5, 0]],
  ['a number that may be missing', { maxUnavailable: 1 }, three, 3, [3, 3, 2, 1]],
  ['more than there are may be missing', { maxUnavailable: 5 }, three, 3, [3, 3, 0, 3]],
  ['a share that must be left, rounded up', { minAvailable: '50%' }, three, 3, [3, 3, 2, 1]],
  ['a share that may be missing, rounded up', { maxUnavailable: '10%' }, three, 3, [3, 3, 2, 1]],
  ['all must be left', { minAvailable: '100%' }, three, 3, [3, 3, 3, 0]],
  ['none may be missing', { maxUnavailable: 0 }, three, 3, [3, 3, 3, 0]],
  ['fewer pods than the controller asks for', { maxUnavailable: 1 }, three, 5, [5, 3, 4, 0]],
  ['one is not ready', { minAvailable: 2 }, [...three.slice(1), unready('d')], 3, [3, 2, 2, 0]],
  ['one is going', { minAvailable: 2 }, [...three.slice(1), ready('d', { deletedAt: 90 })], 3, [3, 2, 2, 0]],
  ['no pods', { minAvailable: 0 }, [], 0, [0, 0, 0, 0]],
  ['nothing is asked for', {}, three, 3, [0, 3, 0, 0]],
  [
    'unmanaged pods count for a number',
    { minAvailable: 1 },
    [ready('a'), pod('b', { readySince: 0 })],
    1,
    [2, 2, 1, 1],
  ],
  [
    'unmanaged pods do not for a share',
    { maxUnavailable: 1 },
    [ready('a'), pod('b', { readySince: 0 })],
    1,
    [1, 2, 0, 2],
  ],
  ['two controllers', { maxUnavailable: '50%' }, [...three, ready('x', { owner: other })], 3, [6, 4, 3, 1]],
]

t.test('the numbers', async (t) => {
  for (const [title, spec, pods, replicas, [expectedPods, currentHealthy, desiredHealthy, disruptionsAllowed]] of cases)
    t.match(
      statusIn(plan(budget(spec), pods, scales(replicas)).actions),
      {
        expectedPods,
        currentHealthy,
        desiredHealthy,
        disruptionsAllowed,
        observedGeneration: 1,
        conditions: [
          {
            type: 'DisruptionAllowed',
            status: disruptionsAllowed > 0 ? 'True' : 'False',
            reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
            lastTransitionTime: at(100),
          },
        ],
      },
      title,
    )
})

t.test('a granted eviction counts as done until it takes too long', async (t) => {
  const pdb = budget({ minAvailable: 1 }, { disruptedPods: { a: at(40), b: at(-60), c: at(90), gone: at(90) } })
  const { actions, requeueAfterMs } = plan(pdb, [ready('a'), ready('b'), ready('c', { deletedAt: 95 })])
  t.match(statusIn(actions), { currentHealthy: 1, disruptionsAllowed: 0 })
  t.same(statusIn(actions)?.disruptedPods, { a: at(40) }, 'neither those that go nor those that stayed')
  t.equal(requeueAfterMs, 60_000)
  t.same(
    actions.flatMap((action) => (action.do === 'tellUndeleted' ? [action.pod.metadata.name] : [])),
    ['b'],
  )
})

t.test('what cannot be computed allows nothing and is tried again', async (t) => {
  for (const [unknown, message] of [
    ['', 'found no controllers for pod "a"'],
    ['jobs.batch does not implement the scale subresource', 'jobs.batch does not implement the scale subresource'],
  ] as const) {
    const pdb = budget({ maxUnavailable: 1 }, { disruptionsAllowed: 2, currentHealthy: 3, expectedPods: 3 })
    const { actions, failure } = plan(pdb, three, () => ({ unknown }))
    t.equal(failure, message)
    t.match(actions, [
      {
        do: 'tell',
        type: 'Warning',
        reason: 'CalculateExpectedPodCountFailed',
        message: `Failed to calculate the number of expected pods: ${message}`,
      },
      {
        do: 'updateStatus',
        status: {
          disruptionsAllowed: 0,
          currentHealthy: 3,
          conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message }],
        },
      },
    ])
  }
})

t.test('what is told', async (t) => {
  t.match(plan(budget({ minAvailable: 1 }), []).actions, [{ do: 'tell', type: 'Normal', reason: 'NoPods' }, {}])
  t.match(plan(budget({ maxUnavailable: 1 }), [pod('a')]).actions, [
    { do: 'tell', type: 'Warning', reason: 'UnmanagedPods', message: /\(selector: app=kubia\)/ },
    {},
  ])
})

t.test('property: an applied plan leaves nothing to do, and never allows more than the budget does', async (t) => {
  const bound = fc.oneof(
    fc.nat(6),
    fc.nat(100).map((share) => `${share}%`),
  )
  const spec = fc.oneof(fc.record({ minAvailable: bound }), fc.record({ maxUnavailable: bound }))
  const traits = fc.record({
    isMine: fc.boolean(),
    isReady: fc.boolean(),
    isGoing: fc.boolean(),
    grantedAt: fc.constantFrom(undefined, 50, -100),
  })
  fc.assert(
    fc.property(spec, fc.array(traits, { maxLength: 8 }), fc.nat(8), (spec, list, replicas) => {
      const pods = list.map(({ isMine, isReady, isGoing }, index) =>
        pod(`p${index}`, {
          ...(isMine && { owner: rc }),
          ...(isReady && { readySince: 0 }),
          ...(isGoing && { deletedAt: 90 }),
        }),
      )
      const granted = list.flatMap(({ grantedAt }, index) =>
        grantedAt === undefined ? [] : [[`p${index}`, at(grantedAt)]],
      )
      const pdb = budget(spec, { disruptedPods: Object.fromEntries(granted) })
      const status = statusIn(plan(pdb, pods, scales(replicas)).actions)
      const after = plan({ ...pdb, status: status ?? pdb.status }, pods, scales(replicas))
      const { disruptionsAllowed, currentHealthy, desiredHealthy } = status ?? pdb.status
      return (
        after.actions.length === 0 &&
        (disruptionsAllowed === 0 || currentHealthy - disruptionsAllowed >= desiredHealthy)
      )
    }),
  )
  t.pass()
})

t.test('marks of a disruption that did not come', async (t) => {
  const marked = (traits: PodTraits, status: 'True' | 'False' = 'True') => {
    const object = pod('a', traits)
    object.status.conditions = [{ type: 'DisruptionTarget', status, lastTransitionTime: at(0) }]
    return object
  }
  t.equal(staleInMs(marked({}), START_MS + 100_000), 20_000)
  t.equal(staleInMs(marked({}), START_MS + 200_000), 0)
  t.equal(staleInMs(marked({}, 'False'), START_MS + 200_000), undefined)
  t.equal(staleInMs(marked({ deletedAt: 10 }), START_MS + 200_000), undefined)
  t.equal(staleInMs(marked({ phase: 'Failed' }), START_MS + 200_000), undefined)
  t.equal(staleInMs(pod('a'), START_MS), undefined)
})
