import t from 'tap'
import { unheard } from '../../../apiserver/storage/restored-nodes.ts'
import type { Node } from '../../../shared/api/node/node.ts'

const NOW_MS = Date.parse('2026-01-02T03:04:05Z')
const BEFORE = '2026-01-01T00:00:00Z'

const node = (status: string, taints: Node['spec']['taints'] = []) =>
  ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-4' },
    spec: { podCIDR: '127.1.4.0/24', taints },
    status: {
      conditions: [
        { type: 'Ready', status, reason: 'KubeletReady', lastHeartbeatTime: BEFORE, lastTransitionTime: BEFORE },
        { type: 'NetworkUnavailable', status: 'False' },
      ],
    },
  }) as unknown as Node

const MINE = { key: 'mine', effect: 'NoSchedule' }
const UNREACHABLE = { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }

t.test('a node that was Ready is as one that fell silent, and keeps what is not its kubelet’s', async (t) => {
  const { spec, status } = unheard(node('True', [MINE]), NOW_MS)
  t.match(spec, { podCIDR: '127.1.4.0/24', taints: [MINE, UNREACHABLE] })
  t.match(status.conditions, [
    {
      type: 'Ready',
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      lastHeartbeatTime: BEFORE,
      lastTransitionTime: '2026-01-02T03:04:05Z',
    },
    { type: 'NetworkUnavailable', status: 'False' },
  ])
})

t.test('one that was lost before is tainted once', async (t) => {
  const { spec, status } = unheard(node('Unknown', [{ ...UNREACHABLE, effect: 'NoExecute' }]), NOW_MS)
  t.match(spec.taints, [UNREACHABLE])
  t.equal(spec.taints?.length, 1)
  t.equal(status.conditions?.[0]?.lastTransitionTime, BEFORE)
})

t.test('a node that has never reported', async (t) => {
  const { status } = unheard({ ...node('True'), status: {} } as Node, NOW_MS)
  t.same(status.conditions, [])
})
