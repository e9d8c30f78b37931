import t from 'tap'
import { nodeIpOf } from '../../../kubelet/node/node-ip.ts'
import { interfaceAddress as address } from '../../support/interfaces.ts'

t.test('which address a node has', async (t) => {
  const lo = [address('127.0.0.1', true)]
  t.equal(nodeIpOf('127.1.1.1', { lo }), '127.1.1.1', 'the one that was chosen')
  t.equal(nodeIpOf('0.0.0.0', { lo, eth0: [address('172.18.0.5')] }), '172.18.0.5', 'the machine’s')
  t.throws(() => nodeIpOf('0.0.0.0', { lo }), { name: 'UsageError', message: /it has none/ })
})
