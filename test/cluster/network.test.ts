import t from 'tap'
import { ClusterError } from '../../cluster/cluster-error.ts'
import { reserveNetwork } from '../../cluster/network.ts'

const skip = process.platform !== 'linux' && 'only Linux has all of 127.0.0.0/8'

t.test('a network belongs to one cluster at a time', { skip }, async (t) => {
  const first = await reserveNetwork(undefined)
  t.teardown(first.release)
  const others = await Promise.all(Array.from({ length: 20 }, () => reserveNetwork(undefined)))
  for (const { release } of others) t.teardown(release)
  const octets = [first, ...others].map(({ octet }) => octet)
  t.equal(new Set(octets).size, octets.length, 'new clusters get networks of their own')
  await t.rejects(reserveNetwork(first.octet), ClusterError, 'a cluster does not start in the network of another')
})

t.test('a cluster takes its network up again', { skip }, async (t) => {
  const { octet, release } = await reserveNetwork(undefined)
  release()
  const again = await reserveNetwork(octet)
  t.teardown(again.release)
  t.equal(again.octet, octet)
})
