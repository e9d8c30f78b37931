import t from 'tap'
import { filterSpreading } from '../../../scheduler/plugins/filter-spreading.ts'
import { scoreSpreading } from '../../../scheduler/plugins/score-spreading.ts'
import type { TopologySpreadConstraint } from '../../../shared/api/pod/scheduling.ts'
import { cluster, nodesByName, type PodDraft, podInfo } from '../objects.ts'

type Nodes = Parameters<typeof cluster>[0]

const ZONE = 'topology.kubernetes.io/zone'
const HOST = 'kubernetes.io/hostname'
const SKEWED = "node(s) didn't match pod topology spread constraints"
const UNLABELLED = `${SKEWED} (missing required label)`

const web = (count: number): PodDraft[] => Array.from({ length: count }, () => ({ labels: { app: 'web' } }))
const zone = (name: string, pods = 0, labels = {}) => ({ labels: { [ZONE]: name, ...labels }, pods: web(pods) })

const constraint = (more: Partial<TopologySpreadConstraint> = {}): TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey: ZONE,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: { app: 'web' } },
  ...more,
})
const spread = (...topologySpreadConstraints: TopologySpreadConstraint[]): PodDraft => ({
  labels: { app: 'web' },
  topologySpreadConstraints,
})

t.test('constraints that must hold', async (t) => {
  const rows: [title: string, pod: PodDraft, nodes: Nodes, wanted: (string | undefined)[]][] = [
    ['the emptier zone', spread(constraint()), [zone('a', 1), zone('b')], [SKEWED, undefined]],
    ['a skew of two', spread(constraint({ maxSkew: 2 })), [zone('a', 1), zone('b')], [undefined, undefined]],
    [
      'all nodes of a zone count',
      spread(constraint()),
      [zone('a', 1), zone('a'), zone('b')],
      [SKEWED, SKEWED, undefined],
    ],
    ['nodes without the label', spread(constraint()), [zone('a'), {}], [undefined, UNLABELLED]],
    [
      'a pod that does not count itself',
      { ...spread(constraint()), labels: {} },
      [zone('a', 1), zone('b')],
      [undefined, undefined],
    ],
    [
      'other pods do not count',
      spread(constraint()),
      [{ ...zone('a'), pods: [{ labels: { app: 'db' } }] }, zone('b')],
      [undefined, undefined],
    ],
    [
      'nor those of other namespaces',
      spread(constraint()),
      [{ ...zone('a'), pods: [{ labels: { app: 'web' }, namespace: 'x' }] }, zone('b')],
      [undefined, undefined],
    ],
    ['fewer zones than wanted', spread(constraint({ minDomains: 3 })), [zone('a', 1), zone('b', 1)], [SKEWED, SKEWED]],
    ['as many as wanted', spread(constraint({ minDomains: 2 })), [zone('a', 1), zone('b', 1)], [undefined, undefined]],
    [
      'nodes that the pod cannot go to do not count',
      { ...spread(constraint()), nodeSelector: { disk: 'ssd' } },
      [zone('a', 1, { disk: 'ssd' }), zone('b')],
      [undefined, undefined],
    ],
    [
      'unless they are to',
      { ...spread(constraint({ nodeAffinityPolicy: 'Ignore' })), nodeSelector: { disk: 'ssd' } },
      [zone('a', 1, { disk: 'ssd' }), zone('b')],
      [SKEWED, undefined],
    ],
    [
      'tainted nodes count',
      spread(constraint()),
      [zone('a', 1), { ...zone('b'), taints: [{ key: 'k', effect: 'NoSchedule' }] }],
      [SKEWED, undefined],
    ],
    [
      'unless they are not to',
      spread(constraint({ nodeTaintsPolicy: 'Honor' })),
      [zone('a', 1), { ...zone('b'), taints: [{ key: 'k', effect: 'NoSchedule' }] }],
      [undefined, undefined],
    ],
    [
      'two constraints',
      spread(constraint(), constraint({ topologyKey: HOST })),
      [zone('a', 1), zone('a'), zone('b', 1), zone('b')],
      [SKEWED, undefined, SKEWED, undefined],
    ],
    [
      'nodes that lack one of the labels count for none',
      spread(constraint(), constraint({ topologyKey: HOST })),
      [zone('a', 1), zone('b', 1), { pods: web(0) }],
      [undefined, undefined, UNLABELLED],
    ],
    ['no pod at all', spread(constraint()), [zone('a'), zone('b')], [undefined, undefined]],
  ]
  for (const [title, pod, nodes, wanted] of rows) {
    const state = cluster(nodes)
    const filter = filterSpreading.prepare(podInfo(pod), state)
    t.strictSame(
      nodesByName(state).map((node) => filter?.(node)?.reasons[0]),
      wanted,
      title,
    )
  }
})

t.test('pods of the same revision only, by matchLabelKeys', async (t) => {
  const pod: PodDraft = {
    ...spread(constraint({ matchLabelKeys: ['rev', 'absent'] })),
    labels: { app: 'web', rev: '2' },
  }
  const state = cluster([
    { labels: { [ZONE]: 'a' }, pods: [{ labels: { app: 'web', rev: '1' } }] },
    { labels: { [ZONE]: 'b' }, pods: [{ labels: { app: 'web', rev: '2' } }] },
  ])
  const filter = filterSpreading.prepare(podInfo(pod), state)
  t.strictSame(
    state.nodes.map((node) => filter?.(node)?.reasons[0]),
    [undefined, SKEWED],
  )
})

t.test('pods that are being deleted are no longer counted', async (t) => {
  const state = cluster([zone('a', 1), zone('b')])
  const place = state.find('uid-on-node-1-0')!
  state.place({ ...place.info, isLeaving: true }, 'node-1')
  const filter = filterSpreading.prepare(podInfo(spread(constraint())), state)
  t.equal(filter?.(state.node('node-1')!), undefined)
})

t.test('constraints that are preferences', async (t) => {
  const soft = (more: Partial<TopologySpreadConstraint> = {}) =>
    spread(constraint({ whenUnsatisfiable: 'ScheduleAnyway', ...more }))
  const rows: [title: string, pod: PodDraft, nodes: Nodes, wanted: number[] | undefined][] = [
    ['the emptier zone', soft(), [zone('a', 2), zone('b', 1)], [33, 100]],
    ['all nodes of a zone alike', soft(), [zone('a', 2), zone('a'), zone('b')], [0, 0, 100]],
    ['nodes without the label are last', soft(), [zone('a', 1), {}], [100, 0]],
    ['by host', soft({ topologyKey: HOST }), [zone('a', 1), zone('a')], [0, 100]],
    ['no pod at all', soft(), [zone('a'), zone('b')], [100, 100]],
    ['a constraint that must hold is no preference', spread(constraint()), [zone('a')], undefined],
    [
      'nodes that the pod cannot go to do not count',
      { ...soft(), nodeSelector: { disk: 'ssd' } },
      [zone('a', 0, { disk: 'ssd' }), zone('b', 1, { disk: 'ssd' }), zone('a', 4)],
      [100, 0, 100],
    ],
  ]
  for (const [title, pod, nodes, wanted] of rows) {
    const state = cluster(nodes)
    t.strictSame(scoreSpreading.score(podInfo(pod), nodesByName(state), state), wanted, title)
  }
})

t.test('without constraints pods keep away from those of their controller', async (t) => {
  const mine = { owner: 'rc' }
  const score = (pod: PodDraft, nodes: Nodes) => {
    const state = cluster(nodes)
    return scoreSpreading.score(podInfo(pod), nodesByName(state), state)
  }
  const nodes = [{ pods: [mine, mine] }, { pods: [mine, { owner: 'other' }] }, { pods: [{ owner: 'other' }] }]
  t.strictSame(score(mine, nodes), [40, 60, 100], 'by host')
  t.equal(score({}, nodes), undefined, 'a pod without a controller has no preference')
  t.strictSame(score(mine, [{ ...zone('a'), pods: [mine] }, zone('b'), zone('a')]), [66, 100, 88], 'by zone as well')
})

t.test('pods on a node that becomes tainted no longer count where taints are honored', async (t) => {
  const state = cluster([zone('a', 1), zone('b'), zone('a')])
  const pod = podInfo(spread(constraint({ nodeTaintsPolicy: 'Honor' })))
  const reasonOn = (name: string) => filterSpreading.prepare(pod, state)?.(state.node(name)!)?.reasons[0]
  t.equal(reasonOn('node-3'), SKEWED)
  const { node, labels } = state.node('node-1')!
  state.setNode({
    ...node,
    spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] },
    metadata: { ...node.metadata, labels },
  })
  t.equal(reasonOn('node-3'), undefined)
  state.setNode(node)
  t.equal(reasonOn('node-3'), SKEWED)
})
