import t from 'tap'
import { explainScheduling, type World } from '../../scheduler/explain.ts'
import type { Pod } from '../../shared/api/pod/pod-model.ts'
import { makeNode, makePod, type NodeDraft, type PodDraft } from './objects.ts'

const on = (nodeName: string, draft: PodDraft = {}): Pod => makePod({ name: `on-${nodeName}`, nodeName, ...draft })

function world(nodes: readonly NodeDraft[], pods: readonly Pod[] = []): World {
  return {
    nodes: nodes.map((draft, index) => makeNode({ name: `node-${index + 1}`, ...draft })),
    pods,
    namespaces: [{ metadata: { name: 'default' } }],
  }
}

t.test('every filter has its say of every node, and every score', async (t) => {
  const taints = [{ key: 'k', value: 'v', effect: 'NoSchedule' }]
  const pod = makePod({ requests: { cpu: '3' }, owner: 'rc' })
  const { nodeName, nodes, weights } = explainScheduling(
    pod,
    world(
      [{ taints, unschedulable: true }, {}, {}],
      [on('node-1', { requests: { cpu: '2' } }), on('node-3', { owner: 'rc' })],
    ),
  )
  t.equal(nodeName, 'node-2')
  t.strictSame(nodes[0], {
    name: 'node-1',
    isPossible: false,
    filters: {
      NodeUnschedulable: ['node(s) were unschedulable'],
      TaintToleration: ['node(s) had untolerated taint {k: v}'],
      NodeResourcesFit: ['Insufficient cpu'],
    },
  })
  const fits = { NodeUnschedulable: [], TaintToleration: [], NodeResourcesFit: [] }
  const scores = {
    TaintToleration: 300,
    NodeResourcesFit: 61,
    PodTopologySpread: 200,
    NodeResourcesBalancedAllocation: 62,
  }
  t.strictSame(nodes[1], { name: 'node-2', isPossible: true, filters: fits, scores, total: 623 })
  t.match(nodes[2], { isPossible: true, scores: { PodTopologySpread: 132 } })
  t.strictSame(weights, {
    TaintToleration: 3,
    NodeResourcesFit: 1,
    PodTopologySpread: 2,
    NodeResourcesBalancedAllocation: 1,
  })
})

t.test('a pod that fits nowhere gets the scheduler’s message', async (t) => {
  const { nodeName, message } = explainScheduling(makePod({ nodeSelector: { a: 'b' } }), world([{}]))
  t.equal(nodeName, undefined)
  t.match(message, "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.")
})

t.test('a pod that is on a node is not in its own way', async (t) => {
  const pod = on('node-1', { name: 'pod', requests: { cpu: '4' }, hostPorts: [80] })
  t.match(explainScheduling(pod, world([{}], [pod])), { nodeName: 'node-1', nodes: [{ isPossible: true }] })
})

t.test('finished pods are in nobody’s way', async (t) => {
  const finished = { ...on('node-1', { requests: { cpu: '4' } }), status: { phase: 'Succeeded' as const } }
  t.equal(explainScheduling(makePod({ requests: { cpu: '4' } }), world([{}], [finished])).nodeName, 'node-1')
})

t.test('nodes that the pod does not name are outside', async (t) => {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['node-2'] }]
  const required = { nodeSelectorTerms: [{ matchFields }] }
  const pod = makePod({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } })
  const { nodes } = explainScheduling(pod, world([{}, {}]))
  t.strictSame(nodes[0]?.filters.NodeAffinity, ["node(s) didn't satisfy plugin(s) [NodeAffinity]"])
  t.strictSame(nodes[1]?.filters.NodeAffinity, [])
})
