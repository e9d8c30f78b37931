import t from 'tap'
import { exposureWarning, localAddress, parseBindAddress, reachableAddresses } from '../../cluster/bind-address.ts'
import { interfaceAddress as address } from '../support/interfaces.ts'

const interfaces = {
  lo: [address('127.0.0.1', true)],
  eth0: [address('192.0.2.7')],
  eth1: [address('198.51.100.7')],
  kp0aa90101: [address('10.169.1.1')],
}

t.test('who reaches an address', async (t) => {
  const worlds = [
    { bind: '127.0.0.1', local: '127.0.0.1', reachable: [] },
    { bind: '127.9.9.9', local: '127.9.9.9', reachable: [] },
    { bind: '192.0.2.7', local: '192.0.2.7', reachable: ['192.0.2.7'] },
    { bind: '0.0.0.0', local: '127.0.0.1', reachable: ['192.0.2.7', '198.51.100.7'] },
  ]
  for (const { bind, local, reachable } of worlds) {
    t.equal(localAddress(bind), local, bind)
    t.same(reachableAddresses(bind, interfaces), reachable, bind)
    t.equal(exposureWarning({ bindAddress: bind, port: 1 }) === undefined, bind.startsWith('127.'), bind)
  }
})

t.test('what is no address is refused', async (t) => {
  for (const text of ['', 'localhost', '::1', '1.2.3', '300.1.1.1'])
    t.throws(() => parseBindAddress(text), { name: 'UsageError', message: /is not an IPv4 address/ })
})
