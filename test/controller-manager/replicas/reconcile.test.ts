import fc from 'fast-check'
import t from 'tap'
import { type ReplicaAction, reconcileReplicas } from '../../../controller-manager/replicas/reconcile.ts'
import type { ReplicaOwner } from '../../../controller-manager/replicas/replica-owner.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { controllerRef } from '../../../shared/controller/controller-refs.ts'
import { selectorFromMap } from '../../../shared/labels.ts'
import { meta, type PodTraits, pod, START_MS, template } from '../objects.ts'

const selector = selectorFromMap({ app: 'kubia' })

function owner(replicas: number, more: Partial<ReplicaOwner> = {}): ReplicaOwner {
  return {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: meta('kubia', { generation: 1 }),
    spec: { replicas, template: template() },
    status: {},
    ...more,
  }
}
const kubia = owner(3)
const mine = (name: string, traits: PodTraits = {}) => pod(name, { owner: kubia, ...traits })
const going = meta('kubia', { deletionTimestamp: '2026-01-01T00:00:00Z' })

const shown = (actions: readonly ReplicaAction[]): Record<string, unknown> =>
  Object.fromEntries(
    actions.map((action) => [
      action.do,
      action.do === 'createPods' ? action.count : action.pods.map(({ metadata }) => metadata.name),
    ]),
  )

const plan = (rc: ReplicaOwner, candidates: Pod[], isCacheFresh = true) =>
  reconcileReplicas(rc, { selector, candidates, isCacheFresh, nowMs: START_MS + 100_000 })

const cases: [title: string, owner: ReplicaOwner, pods: Pod[], wanted: Record<string, unknown>][] = [
  ['as many as there should be', kubia, [mine('a'), mine('b'), mine('c')], {}],
  ['none yet', kubia, [], { createPods: 3 }],
  ['one too few', kubia, [mine('a'), mine('b')], { createPods: 1 }],
  ['one is going', kubia, [mine('a'), mine('b'), mine('c', { deletedAt: 90 })], { createPods: 1 }],
  ['one has failed', kubia, [mine('a'), mine('b'), mine('c', { phase: 'Failed' })], { createPods: 1 }],
  ['one has finished', kubia, [mine('a'), mine('b'), mine('c', { phase: 'Succeeded' })], { createPods: 1 }],
  [
    'the unbound one is the surplus',
    kubia,
    [mine('a', { node: 'n1' }), mine('b'), mine('c', { node: 'n1' }), mine('d', { node: 'n1' })],
    { deletePods: ['b'] },
  ],
  ['none wanted', owner(0), [mine('a'), mine('b')], { deletePods: ['a', 'b'] }],
  ['an orphan counts', kubia, [mine('a'), mine('b'), pod('stray')], { adoptPods: ['stray'] }],
  [
    'an orphan too many',
    owner(1),
    [mine('a', { readySince: 1 }), pod('stray')],
    { adoptPods: ['stray'], deletePods: ['stray'] },
  ],
  [
    'relabelled: let go and replaced',
    kubia,
    [mine('a'), mine('b'), mine('c', { labels: { app: 'foo' } })],
    { releasePods: ['c'], createPods: 1 },
  ],
  [
    "another owner's pod is left alone",
    kubia,
    [pod('x', { owner: owner(1, { metadata: meta('other') }) })],
    { createPods: 3 },
  ],
  ['an owner that is going does nothing', owner(3, { metadata: going }), [pod('stray'), mine('a')], {}],
  ['never more than a burst', owner(10_000), [], { createPods: 500 }],
]

t.test('plans', async (t) => {
  for (const [title, rc, pods, wanted] of cases) t.same(shown(plan(rc, pods).actions), wanted, title)
  t.same(shown(plan(kubia, [pod('stray')], false).actions), { adoptPods: ['stray'] }, 'a stale cache: claims only')
})

t.test('comes back when the next pod becomes available', async (t) => {
  const rc = owner(2, { spec: { replicas: 2, minReadySeconds: 30, template: template() } })
  t.equal(plan(rc, [mine('a', { readySince: 10 }), mine('b', { readySince: 80 })]).requeueAfterMs, 10_000)
  t.equal(plan(rc, [mine('a', { readySince: 10 }), mine('b')]).requeueAfterMs, undefined)
})

t.test('a surplus is chosen among all that are related', async (t) => {
  const pods = [mine('z', { node: 'n1' }), mine('a', { node: 'n2' })]
  const sister = owner(1, { metadata: meta('sister') })
  const related = (node: string, traits: PodTraits = {}) => [...pods, pod('s', { owner: sister, node, ...traits })]
  const chosen = (others: Pod[]) =>
    shown(
      reconcileReplicas(owner(1), { selector, candidates: pods, related: others, isCacheFresh: true, nowMs: START_MS })
        .actions,
    )
  t.same(chosen(related('n1')), { deletePods: ['z'] })
  t.same(chosen(related('n2')), { deletePods: ['a'] })
  t.same(
    chosen([...related('n1', { deletedAt: 1 }), ...related('n2')]),
    { deletePods: ['a'] },
    'but for those that are going',
  )
})

t.test('counts its own pods on their way out', async (t) => {
  const pods = [
    mine('a'),
    mine('b', { deletedAt: 1 }),
    mine('c', { deletedAt: 1, phase: 'Failed' }),
    mine('d', { deletedAt: 1, labels: { app: 'foo' } }),
    pod('e', { deletedAt: 1 }),
  ]
  t.equal(plan(kubia, pods).terminating, 1)
})

/** The world after a plan, as the API server would make it. */
function applied(rc: ReplicaOwner, pods: readonly Pod[], actions: readonly ReplicaAction[]): Pod[] {
  let world = [...pods]
  for (const action of actions) {
    if (action.do === 'createPods') {
      const first = world.length
      const created = Array.from({ length: action.count }, (_, i) =>
        pod(`new-${first + i}`, { owner: rc, phase: 'Pending' }),
      )
      world = [...world, ...created]
      continue
    }
    const uids = new Set(action.pods.map(({ metadata }) => metadata.uid))
    world = world.map((item) => {
      if (!uids.has(item.metadata.uid)) return item
      const metadata = { ...item.metadata }
      if (action.do === 'deletePods') metadata.deletionTimestamp = '2026-01-01T00:01:40Z'
      else metadata.ownerReferences = action.do === 'adoptPods' ? [controllerRef(rc)] : []
      return { ...item, metadata }
    })
  }
  return world
}

t.test('property: an applied plan leaves as many as wanted and nothing to do', async (t) => {
  const traits = fc.record({
    isMine: fc.boolean(),
    isLabelled: fc.boolean(),
    phase: fc.constantFrom('Pending', 'Running', 'Failed', 'Succeeded'),
    isGoing: fc.boolean(),
    node: fc.constantFrom(undefined, 'n1', 'n2'),
    readySince: fc.constantFrom(undefined, 0, 50),
  })
  fc.assert(
    fc.property(fc.array(traits, { maxLength: 20 }), fc.nat(12), (list, replicas) => {
      const rc = owner(replicas)
      const pods = list.map(({ isMine, isLabelled, isGoing, node, readySince, phase }, index) =>
        pod(`p${index}`, {
          phase: phase as 'Pending',
          labels: isLabelled ? { app: 'kubia' } : {},
          ...(isMine && { owner: rc }),
          ...(isGoing && { deletedAt: 90 }),
          ...(node !== undefined && { node }),
          ...(readySince !== undefined && { readySince }),
        }),
      )
      const world = applied(rc, pods, plan(rc, pods).actions)
      const after = plan(rc, world)
      return after.actions.length === 0 && after.owned.length === replicas
    }),
  )
  t.pass()
})
