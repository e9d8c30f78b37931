import t from 'tap'
import { planRoutes, type Route } from '../../../kubelet/network/plan-routes.ts'
import type { Node } from '../../../shared/api/node/node.ts'

const OWN = { name: 'node-1', ip: '172.18.0.1', podCidr: '10.244.0.0/24' }

const node = (name: string, podCIDR?: string, address?: string): Node =>
  ({
    metadata: { name },
    spec: { podCIDR },
    status: { addresses: address === undefined ? [] : [{ type: 'InternalIP', address }] },
  }) as Node

const own = node('node-1', '10.244.0.0/24', '172.18.0.1')
const second = node('node-2', '10.244.1.0/24', '172.18.0.2')
const toSecond: Route = { podCidr: '10.244.1.0/24', via: '172.18.0.2' }

const cases: [title: string, nodes: Node[], present: Route[], add: Route[], remove: Route[]][] = [
  ['alone', [own], [], [], []],
  ['another node', [own, second], [], [toSecond], []],
  ['that is known', [own, second], [toSecond], [], []],
  ['that is gone', [own], [toSecond], [], [toSecond]],
  ['with another address', [own, second], [{ ...toSecond, via: '172.18.0.9' }], [toSecond], []],
  [
    'with another range',
    [own, second],
    [{ ...toSecond, podCidr: '10.244.9.0/24' }],
    [toSecond],
    [{ ...toSecond, podCidr: '10.244.9.0/24' }],
  ],
  ['without a range yet', [own, node('node-2', undefined, '172.18.0.2')], [], [], []],
  ['without an address yet', [own, node('node-2', '10.244.1.0/24')], [], [], []],
  ['on this machine', [own, node('node-2', '10.244.1.0/24', '127.5.2.1')], [], [], []],
  ['that claims everything', [own, node('node-2', '0.0.0.0/0', '172.18.0.2')], [], [], []],
  ['that claims this one’s pods', [own, node('node-2', '10.244.0.128/25', '172.18.0.2')], [], [], []],
  [
    'that claims the network of the nodes',
    [own, second, node('node-3', '172.18.0.0/30', '172.18.0.3')],
    [],
    [toSecond],
    [],
  ],
  [
    'that claims everything, and had been given it',
    [own, node('node-2', '0.0.0.0/0', '172.18.0.2')],
    [{ podCidr: '0.0.0.0/0', via: '172.18.0.2' }],
    [],
    [{ podCidr: '0.0.0.0/0', via: '172.18.0.2' }],
  ],
  ['behind the same address', [own, node('node-2', '10.244.1.0/24', '172.18.0.1')], [], [], []],
]

t.test('routes', async (t) => {
  for (const [title, nodes, present, add, remove] of cases)
    t.same(planRoutes({ nodes, present }, OWN), { add, remove }, title)
})
