import type { NetworkInterfaceInfo } from 'node:os'
import t from 'tap'
import { nodeIpOf } from '../../../kubelet/node/node-ip.ts'

const address = (text: string, internal = false): NetworkInterfaceInfo => ({
  address: text,
  netmask: '255.255.255.0',
  mac: '00:00:00:00:00:00',
  cidr: `${text}/24`,
  internal,
  family: 'IPv4',
})

t.test('which address a node has', async (t) => {
  const lo = [address('127.0.0.1', true)]
  t.equal(nodeIpOf('127.1.1.1', { lo }), '127.1.1.1', 'the one that was chosen')
  t.equal(nodeIpOf('0.0.0.0', { lo, eth0: [address('172.18.0.5')] }), '172.18.0.5', 'the machine’s')
  t.throws(() => nodeIpOf('0.0.0.0', { lo }), { name: 'UsageError', message: /it has none/ })
})
