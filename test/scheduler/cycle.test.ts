import t from 'tap'
import { decide, feasibleWanted } from '../../scheduler/cycle.ts'
import { createClusterState } from '../../scheduler/state/cluster-state.ts'
import { cluster, makeNode, type PodDraft, podInfo } from './objects.ts'

t.test('a pod goes to the best of the possible nodes', async (t) => {
  const rows: [title: string, pod: PodDraft, nodes: Parameters<typeof cluster>[0], nodeName: string | undefined][] = [
    ['no node', {}, [], undefined],
    ['no possible node', {}, [{ unschedulable: true }], undefined],
    ['the only one', {}, [{ unschedulable: true }, {}], 'node-2'],
    ['equal nodes: the first by name', {}, [{}, {}], 'node-1'],
    ['the emptier', {}, [{ pods: [{}] }, {}], 'node-2'],
    ['away from pods of its controller', { owner: 'rc' }, [{ pods: [{ owner: 'rc' }] }, { pods: [{}, {}] }], 'node-2'],
    [
      'a disliked taint counts more than an empty node',
      {},
      [{ pods: [{ requests: { cpu: '2' } }] }, { taints: [{ key: 'k', effect: 'PreferNoSchedule' }] }],
      'node-1',
    ],
  ]
  for (const [title, draft, nodes, nodeName] of rows) {
    t.equal(decide(podInfo(draft), cluster(nodes)).nodeName, nodeName, title)
  }
})

t.test('how many possible nodes are enough', async (t) => {
  const rows: [nodes: number, percentage: number, wanted: number][] = [
    [3, 0, 3],
    [99, 50, 99],
    [100, 0, 100],
    [1_000, 0, 420],
    [5_000, 0, 500],
    [6_000, 0, 300],
    [20_000, 0, 1_000],
    [1_000, 70, 700],
    [1_000, 1, 100],
  ]
  for (const [nodes, percentage, wanted] of rows)
    t.equal(feasibleWanted(nodes, percentage), wanted, `${percentage} % of ${nodes}`)
})

t.test('in a large cluster it looks at some nodes only, and next at others', async (t) => {
  const state = cluster(Array.from({ length: 400 }, (_, index) => ({ unschedulable: index % 4 === 0 })))
  const first = decide(podInfo(), state)
  t.match(first, { nodeCount: 400, feasible: 188, nodeName: 'node-10' })
  t.ok(first.examined < 400)
  const second = decide(podInfo(), state, { startAt: first.examined })
  t.not(second.nodeName, first.nodeName)
  const all = decide(podInfo(), state, { percentageOfNodesToScore: 100 })
  t.match(all, { examined: 400, feasible: 300 })
})

t.test('a pod that names its nodes makes the cycle look at these alone', async (t) => {
  const state = cluster(Array.from({ length: 200 }, () => ({})))
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['node-7', 'node-x'] }]
  const required = { nodeSelectorTerms: [{ matchFields }] }
  const pod = podInfo({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } })
  t.match(decide(pod, state), {
    nodeName: 'node-7',
    examined: 1,
    outside: { count: 199, filter: 'NodeAffinity' },
  })
})

t.test('thirty pods of a controller spread evenly over three nodes', async (t) => {
  const state = createClusterState()
  for (const name of ['node-1', 'node-2', 'node-3']) state.setNode(makeNode({ name }))
  for (let index = 0; index < 30; index++) {
    const pod = podInfo({ name: `pod-${index}`, owner: 'rc' })
    state.assume(pod, decide(pod, state).nodeName!)
  }
  t.strictSame(
    state.nodes.map(({ podCount }) => podCount),
    [10, 10, 10],
  )
})
