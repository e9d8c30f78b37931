import t from 'tap'
import { createClusterState } from '../../scheduler/cluster-state.ts'
import { decide } from '../../scheduler/cycle.ts'
import { makeNode, nodeInfos, type PodDraft, podInfo } from './objects.ts'

t.test('a pod goes to the best of the possible nodes', async (t) => {
  const rows: [title: string, pod: PodDraft, nodes: Parameters<typeof nodeInfos>, nodeName: string | undefined][] = [
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
    t.equal(decide(podInfo(draft), nodeInfos(...nodes)).nodeName, nodeName, title)
  }
})

t.test('a decision tells what became of every node', async (t) => {
  const { verdicts } = decide(podInfo(), nodeInfos({}, { unschedulable: true }, { pods: [{}] }))
  t.match(verdicts, [
    {
      nodeName: 'node-1',
      scores: { TaintToleration: 300, NodeAffinity: 0, NodeResourcesFit: Number, PodTopologySpread: 200 },
    },
    { nodeName: 'node-2', rejection: { filter: 'NodeUnschedulable' } },
    { nodeName: 'node-3', scores: { NodeResourcesFit: Number } },
  ])
})

t.test('thirty pods of a controller spread evenly over three nodes', async (t) => {
  const state = createClusterState()
  for (const name of ['node-1', 'node-2', 'node-3']) state.setNode(makeNode({ name }))
  for (let index = 0; index < 30; index++) {
    const pod = podInfo({ name: `pod-${index}`, owner: 'rc' })
    state.assume(pod, decide(pod, state.nodes()).nodeName!)
  }
  t.strictSame(
    state.nodes().map(({ podCount }) => podCount),
    [10, 10, 10],
  )
})
