import fc from 'fast-check'
import t from 'tap'
import { podForNode } from '../../../controller-manager/daemonset/daemon-pod.ts'
import type { DaemonSetWorld } from '../../../controller-manager/daemonset/reconcile.ts'
import type { DaemonSet } from '../../../shared/api/daemon-set.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { meta, node, pod } from '../objects.ts'
import { applied, daemon, daemonSet, plan, revisionOf, shown, unbound, type World } from './world.ts'

const set = daemonSet()
const revisions = [revisionOf(set)]
const ssd = daemonSet({ podSpec: { nodeSelector: { disk: 'ssd' } } as Partial<Pod['spec']> })
const taint = (key: string, effect: 'NoExecute' | 'NoSchedule') => ({ key, effect })
const on = (name: string, node: string, traits = {}) => daemon(name, set, { node, ...traits })

const n1 = node('n1')
const n2 = node('n2')

const required = (key: string, value: string) =>
  ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: [value] }] }],
        },
      },
    },
  }) as unknown as Partial<Pod['spec']>

const cases: [title: string, set: DaemonSet, world: Partial<DaemonSetWorld>, wanted: Record<string, string[]>][] = [
  ['a pod for each node', set, { nodes: [n1, n2] }, { create: ['n1', 'n2'] }],
  ['a new node', set, { nodes: [n1, n2], pods: [on('a', 'n1')] }, { create: ['n2'] }],
  ['all have one', set, { nodes: [n1, n2], pods: [on('a', 'n1'), on('b', 'n2')] }, {}],
  ['one that waits for the scheduler counts', set, { nodes: [n1], pods: [unbound('a', set, 'n1')] }, {}],
  ['one that is going keeps its place', set, { nodes: [n1], pods: [on('a', 'n1', { deletedAt: 90 })] }, {}],
  [
    'but not when it has ended',
    set,
    { nodes: [n1], pods: [on('a', 'n1', { deletedAt: 90, phase: 'Failed' })] },
    { create: ['n1'] },
  ],
  ['the node selector', ssd, { nodes: [n1, node('n3', { labels: { disk: 'ssd' } })] }, { create: ['n3'] }],
  ['the label is gone', ssd, { nodes: [n1], pods: [daemon('a', ssd, { node: 'n1' })] }, { delete: ['a'] }],
  [
    'required affinity',
    daemonSet({ podSpec: required('zone', 'a') }),
    { nodes: [n1, node('n3', { labels: { zone: 'a' } }), node('n4', { labels: { zone: 'b' } })] },
    { create: ['n3'] },
  ],
  [
    'a node by name',
    daemonSet({ podSpec: { nodeName: 'n2' } as Partial<Pod['spec']> }),
    { nodes: [n1, n2] },
    { create: ['n2'] },
  ],
  [
    'troubled and cordoned nodes get one as well',
    set,
    {
      nodes: [
        node('n1', { unschedulable: true, taints: [taint('node.kubernetes.io/unschedulable', 'NoSchedule')] }),
        node('n2', { taints: [taint('node.kubernetes.io/unreachable', 'NoExecute')] }),
        node('n3', { taints: [taint('node.kubernetes.io/disk-pressure', 'NoSchedule')] }),
        node('n4', { taints: [taint('node.kubernetes.io/network-unavailable', 'NoSchedule')] }),
      ],
    },
    { create: ['n1', 'n2', 'n3'] },
  ],
  [
    'the network of the node is there before that of pods',
    daemonSet({ podSpec: { hostNetwork: true } as Partial<Pod['spec']> }),
    { nodes: [node('n4', { taints: [taint('node.kubernetes.io/network-unavailable', 'NoSchedule')] })] },
    { create: ['n4'] },
  ],
  [
    'a taint that only keeps new pods off',
    set,
    {
      nodes: [
        node('n1', { taints: [taint('own', 'NoSchedule')] }),
        node('n2', { taints: [taint('own', 'NoSchedule')] }),
      ],
      pods: [on('a', 'n1')],
    },
    {},
  ],
  [
    'a taint that drives pods away',
    set,
    { nodes: [node('n1', { taints: [taint('own', 'NoExecute')] })], pods: [on('a', 'n1')] },
    { delete: ['a'] },
  ],
  [
    'doubled up: the oldest stays',
    set,
    { nodes: [n1], pods: [on('a', 'n1', { createdAt: 5 }), on('b', 'n1', { createdAt: 3 }), unbound('c', set, 'n1')] },
    { delete: ['a', 'c'] },
  ],
  ['a failed one is replaced', set, { nodes: [n1], pods: [on('a', 'n1', { phase: 'Failed' })] }, { replace: ['a'] }],
  [
    'so is one that has ended well',
    set,
    { nodes: [n1], pods: [on('a', 'n1', { phase: 'Succeeded' })] },
    { replace: ['a'] },
  ],
  [
    'a failed one that must wait',
    set,
    { nodes: [n1], pods: [on('a', 'n1', { phase: 'Failed' })], failedBackOffMs: () => 500 },
    {},
  ],
  ['bound to a lost node: left to the pod garbage collector', set, { nodes: [], pods: [on('a', 'gone')] }, {}],
  ['made for a lost node', set, { nodes: [], pods: [unbound('a', set, 'gone')] }, { delete: ['a'] }],
  [
    'an orphan that matches is adopted',
    set,
    { nodes: [n1], pods: [{ ...on('a', 'n1'), metadata: { ...on('a', 'n1').metadata, ownerReferences: [] } }] },
    { adopt: ['a'] },
  ],
  [
    'a relabelled pod is let go and replaced',
    set,
    { nodes: [n1], pods: [pod('a', { owner: set, node: 'n1', labels: { app: 'foo' } })] },
    { release: ['a'], create: ['n1'] },
  ],
  [
    "another owner's pod",
    set,
    { nodes: [n1], pods: [pod('x', { owner: ssd, node: 'n2', labels: {} })] },
    { release: ['x'], create: ['n1'] },
  ],
  ['one that is going does nothing', daemonSet({ isGoing: true }), { nodes: [n1], pods: [on('a', 'n2')] }, {}],
  ['a stale cache', set, { nodes: [n1], isCacheFresh: false }, {}],
]

t.test('who runs where', async (t) => {
  for (const [title, set, world, wanted] of cases)
    t.same(shown(plan(set, { revisions: [revisionOf(set)], ...world }).actions), wanted, title)
})

t.test('the next look', async (t) => {
  const failed = on('a', 'n1', { phase: 'Failed' })
  t.equal(plan(set, { nodes: [n1], revisions, pods: [failed], failedBackOffMs: () => 500 }).requeueAfterMs, 500)
  const slow = daemonSet({ minReadySeconds: 30 })
  const fresh = daemon('a', slow, { node: 'n1', readySince: 80 })
  t.equal(plan(slow, { nodes: [n1], revisions: [revisionOf(slow)], pods: [fresh] }).requeueAfterMs, 10_000)
  t.equal(plan(set, { nodes: [n1], revisions, pods: [on('a', 'n1')] }).requeueAfterMs, undefined)
})

t.test('the pods', async (t) => {
  const template = required('zone', 'a')
  const own = { key: 'own', operator: 'Exists' as const, effect: 'NoSchedule' as const }
  const made = podForNode(daemonSet({ podSpec: { ...template, tolerations: [own] } }), 'n1', 'abc')
  t.match(made.metadata, {
    generateName: 'ssd-',
    labels: { app: 'ssd', 'controller-revision-hash': 'abc' },
    ownerReferences: [{ kind: 'DaemonSet', name: 'ssd', controller: true }],
  })
  t.same(made.spec?.affinity, {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }],
      },
    },
  })
  t.same(
    made.spec?.tolerations?.map(({ key, operator, effect }) => `${key} ${operator} ${effect}`),
    [
      'own Exists NoSchedule',
      'node.kubernetes.io/not-ready Exists NoExecute',
      'node.kubernetes.io/unreachable Exists NoExecute',
      'node.kubernetes.io/disk-pressure Exists NoSchedule',
      'node.kubernetes.io/memory-pressure Exists NoSchedule',
      'node.kubernetes.io/pid-pressure Exists NoSchedule',
      'node.kubernetes.io/unschedulable Exists NoSchedule',
    ],
  )
})

/** Turns of the controller until nothing is left to do; `look` sees the world before each. */
function settle(set: DaemonSet, start: World, look: (world: World) => void = () => undefined): World {
  let world = start
  for (let turn = 0; turn < 60; turn++) {
    look(world)
    const { actions } = plan(set, world)
    if (actions.length === 0) return world
    world = applied(set, world, actions)
  }
  throw new Error('the plans have no end')
}

const nodeTraits = fc.record({
  isSsd: fc.boolean(),
  effect: fc.constantFrom(undefined, 'NoSchedule' as const, 'NoExecute' as const),
})
const podTraits = fc.record({
  node: fc.nat(6),
  isOld: fc.boolean(),
  isMine: fc.boolean(),
  phase: fc.constantFrom('Pending' as const, 'Running' as const, 'Failed' as const, 'Succeeded' as const),
  isReady: fc.boolean(),
  createdAt: fc.nat(50),
})
const strategies = fc.oneof(
  fc.constant({ type: 'OnDelete' as const }),
  fc.integer({ min: 1, max: 3 }).map((maxUnavailable) => ({
    type: 'RollingUpdate' as const,
    rollingUpdate: { maxUnavailable, maxSurge: 0 },
  })),
  fc.integer({ min: 1, max: 3 }).map((maxSurge) => ({
    type: 'RollingUpdate' as const,
    rollingUpdate: { maxUnavailable: 0, maxSurge },
  })),
)

t.test('property: applied plans come to an end with one pod of the template on each node', async (t) => {
  fc.assert(
    fc.property(
      fc.array(nodeTraits, { maxLength: 6 }),
      fc.array(podTraits, { maxLength: 12 }),
      strategies,
      (nodeList, podList, strategy) => {
        const podSpec = { nodeSelector: { disk: 'ssd' } } as Partial<Pod['spec']>
        const before = daemonSet({ image: 'v1', podSpec, strategy })
        const set = daemonSet({ image: 'v2', podSpec, strategy })
        const nodes = nodeList.map(({ isSsd, effect }, index) =>
          node(`n${index}`, {
            ...(isSsd && { labels: { disk: 'ssd' } }),
            ...(effect !== undefined && { taints: [taint('own', effect)] }),
          }),
        )
        const pods = podList.map(({ node, isOld, isMine, phase, isReady, createdAt }, index) => {
          const version = isOld ? before : set
          const made = daemon(`p${index}`, version, {
            node: `n${node}`,
            phase,
            createdAt,
            ...(!isReady && { readySince: 1_000 }),
          })
          return isMine ? made : { ...made, metadata: { ...made.metadata, ownerReferences: [] } }
        })
        const end = settle(set, { nodes, pods, revisions: [revisionOf(before)] })
        const names = new Set(nodes.map(({ metadata }) => metadata.name))
        const wanted = nodes.filter(
          ({ metadata, spec }) => metadata.labels?.disk === 'ssd' && spec.taints === undefined,
        )
        const living = end.pods.filter(({ spec }) => names.has(spec.nodeName ?? ''))
        const perNode = Map.groupBy(living, ({ spec }) => spec.nodeName ?? '')
        const isCovered = wanted.every(({ metadata }) => perNode.get(metadata.name)?.length === 1)
        const isSingle = [...perNode.values()].every((pods) => pods.length === 1)
        return isCovered && isSingle
      },
    ),
    { numRuns: 150 },
  )
  t.pass()
})

t.test('revisions', async (t) => {
  const v1 = daemonSet({ image: 'v1' })
  const v2 = daemonSet({ image: 'v2' })
  const dos = (set: DaemonSet, world: Partial<DaemonSetWorld>) => plan(set, world).actions.map((action) => action.do)

  t.match(plan(v1, {}).actions, [
    {
      do: 'createRevision',
      revision: {
        metadata: { name: /^ssd-[a-z0-9]+$/, labels: { app: 'ssd', 'controller-revision-hash': String } },
        data: { spec: { template: { $patch: 'replace', spec: { containers: [{ image: 'v1' }] } } } },
        revision: 1,
      },
    },
  ])
  t.same(dos(v1, { revisions: [revisionOf(v1)] }), [])
  t.match(plan(v2, { revisions: [revisionOf(v1, 4)] }).actions, [{ do: 'createRevision', revision: { revision: 5 } }])
  t.match(
    plan(v1, { revisions: [revisionOf(v1, 1), revisionOf(v2, 2)] }).actions,
    [{ do: 'renumberRevision', revision: { revision: 1 }, number: 3 }],
    'back to an older version',
  )
  const orphan = { ...revisionOf(v1), metadata: { ...revisionOf(v1).metadata, ownerReferences: [] } }
  t.same(dos(v1, { revisions: [orphan] }), ['adoptRevisions'])

  const collided: DaemonSet = { ...v1, status: { ...v1.status, collisionCount: 1 } }
  const [first, second] = [v1, collided].map((set) => plan(set, {}).hash)
  t.not(first, second, 'a collision leads to another hash')

  const twin = revisionOf(v1, 1)
  const labels = { app: 'ssd', 'controller-revision-hash': 'twin' }
  const duplicate = { ...twin, metadata: { ...meta('twin'), ownerReferences: twin.metadata.ownerReferences!, labels } }
  const stray = pod('a', { owner: v1, node: 'n1', readySince: 0, labels })
  const dedupe = plan(v1, { nodes: [n1], pods: [stray], revisions: [duplicate, revisionOf(v1, 2)] }).actions
  t.match(dedupe, [
    { do: 'relabelPods', pods: [{ metadata: { name: 'a' } }], hash: first },
    { do: 'deleteRevisions', revisions: [{ metadata: { name: 'twin' } }] },
  ])

  const many = Array.from({ length: 5 }, (_, index) => revisionOf(daemonSet({ image: `old-${index}` }), index + 1))
  const limited = daemonSet({ image: 'now', revisionHistoryLimit: 2, strategy: { type: 'OnDelete' } })
  const inUse = daemon('a', daemonSet({ image: 'old-0' }), { node: 'gone' })
  const cleanup = plan(limited, { revisions: [...many, revisionOf(limited, 6)], pods: [inUse] }).actions
  t.match(cleanup, [{ do: 'deleteRevisions', revisions: [{ revision: 2 }, { revision: 3 }, { revision: 4 }] }])
})
