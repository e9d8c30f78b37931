import t from 'tap'
import { type CidrPlan, planCidr } from '../../../controller-manager/nodeipam/reconcile.ts'
import type { Node } from '../../../shared/api/node/node.ts'
import { parseCidr } from '../../../shared/cidr.ts'

const node = (spec: Node['spec'] = {}, metadata: Partial<Node['metadata']> = {}) =>
  ({ metadata: { name: 'node-1', ...metadata }, spec, status: {} }) as Node

const cases: [
  title: string,
  world: { node?: Node; taken?: string[]; cluster?: string; maskSize?: number },
  wanted: CidrPlan,
][] = [
  ['the first range', {}, { do: 'assign', podCIDR: '10.244.0.0/24' }],
  ['the first free one', { taken: ['10.244.0.0/24', '10.244.2.0/24'] }, { do: 'assign', podCIDR: '10.244.1.0/24' }],
  ['a larger range beside covers several', { taken: ['10.244.0.0/22'] }, { do: 'assign', podCIDR: '10.244.4.0/24' }],
  ['a smaller one covers a part', { taken: ['10.244.0.128/28'] }, { do: 'assign', podCIDR: '10.244.1.0/24' }],
  [
    'ranges outside the cluster’s do not count',
    { taken: ['127.1.1.0/24', 'nonsense'] },
    { do: 'assign', podCIDR: '10.244.0.0/24' },
  ],
  ['it keeps the one it has', { node: node({ podCIDR: '127.1.1.0/24' }) }, { do: 'nothing' }],
  [
    'a node that is going gets none',
    { node: node({}, { deletionTimestamp: '2026-01-01T00:00:00Z' }) },
    { do: 'nothing' },
  ],
  ['none is left', { cluster: '10.0.0.0/23', taken: ['10.0.0.0/24', '10.0.1.0/24'] }, { do: 'refuse' }],
  ['a range larger than all there is', { cluster: '10.0.0.0/24', maskSize: 16 }, { do: 'refuse' }],
]

t.test('which range a node gets', async (t) => {
  for (const [title, { node: one = node(), taken = [], cluster = '10.244.0.0/16', maskSize = 24 }, wanted] of cases)
    t.same(planCidr({ node: one, taken, cluster: parseCidr(cluster)!, maskSize }), wanted, title)
})
