import t from 'tap'
import { decide, explainRejection } from '../../scheduler/cycle.ts'
import { cluster, type PodDraft, podInfo } from './objects.ts'

t.test('what is told about a pod that fits nowhere', async (t) => {
  const unreachable = { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }
  const full = { allocatable: { cpu: '2', pods: '1' }, pods: [{ requests: { cpu: '2' } }] }
  const rows: [title: string, pod: PodDraft, nodes: Parameters<typeof cluster>[0], message: string][] = [
    ['no nodes', {}, [], 'no nodes available to schedule pods'],
    [
      'a selector that no node matches',
      { nodeSelector: { gpu: 'true' } },
      [{}],
      "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
    ],
    [
      'different reasons are counted and sorted',
      { requests: { cpu: '1' } },
      [{ taints: [unreachable] }, full, { allocatable: { cpu: '2' }, pods: [{ requests: { cpu: '1500m' } }] }],
      '0/3 nodes are available: 1 Too many pods, 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, 2 Insufficient cpu. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.',
    ],
    [
      'a pod that is larger than every node',
      { requests: { cpu: '64' } },
      [{}, { unschedulable: true }],
      '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
    ],
    [
      'a pod that may not push others out',
      { requests: { cpu: '1' }, preemptionPolicy: 'Never' },
      [full],
      '0/1 nodes are available: 1 Insufficient cpu, 1 Too many pods. preemption: not eligible due to preemptionPolicy=Never.',
    ],
  ]
  for (const [title, draft, nodes, message] of rows) {
    const pod = podInfo(draft)
    t.equal(explainRejection(pod, decide(pod, cluster(nodes))), message, title)
  }
})
