import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { openPodAddresses } from '../../../kubelet/runtime/pod-addresses.ts'
import { testDirectory } from '../../support/directory.ts'

const CIDR = '127.1.2.0/24'

t.test('addresses in order, the same for the same pod, also after a restart', async (t) => {
  const path = join(testDirectory(t), 'addresses.json')
  const book = openPodAddresses(path, CIDR)
  t.equal(book.assign('a'), '127.1.2.2', 'after the network’s own and the node’s')
  t.equal(book.assign('b'), '127.1.2.3')
  t.equal(book.assign('a'), '127.1.2.2')
  const next = openPodAddresses(path, CIDR)
  t.equal(next.assign('b'), '127.1.2.3')
  t.equal(next.assign('c'), '127.1.2.4')
})

t.test('freed addresses come last, longest free first; the range ends', async (t) => {
  const path = join(testDirectory(t), 'addresses.json')
  const book = openPodAddresses(path, '127.1.2.0/29')
  const given = ['a', 'b', 'c', 'd', 'e'].map(book.assign)
  t.strictSame(given, ['127.1.2.2', '127.1.2.3', '127.1.2.4', '127.1.2.5', '127.1.2.6'])
  t.throws(() => book.assign('f'), { message: 'no address is free in the pod CIDR 127.1.2.0/29' })
  book.free('d')
  book.free('a')
  book.free('a')
  book.free('unknown')
  const next = openPodAddresses(path, '127.1.2.0/29')
  t.strictSame(['f', 'g'].map(next.assign), ['127.1.2.5', '127.1.2.2'])
})

t.test('another range begins anew', async (t) => {
  const path = join(testDirectory(t), 'addresses.json')
  openPodAddresses(path, CIDR).assign('a')
  t.equal(openPodAddresses(path, '127.1.3.0/24').assign('a'), '127.1.3.2')
})

for (const cidr of ['', '127.1.2.0', '127.1.2.0/33', '127.1.2.0/31', '::1/64', 'a.b.c.d/24']) {
  t.test(`not a range: ${JSON.stringify(cidr)}`, async (t) => {
    t.throws(() => openPodAddresses(join(testDirectory(t), 'addresses.json'), cidr), /is not an IPv4 range/)
  })
}

t.test('property: no two pods ever share an address', async (t) => {
  const path = join(testDirectory(t), 'addresses.json')
  const step = fc.record({ pod: fc.integer({ min: 0, max: 7 }), free: fc.boolean(), restart: fc.boolean() })
  let run = 0
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const file = `${path}-${run++}`
      let book = openPodAddresses(file, '127.1.2.0/28')
      const held = new Map<number, string>()
      for (const { pod, free, restart } of steps) {
        if (restart) book = openPodAddresses(file, '127.1.2.0/28')
        if (free) {
          book.free(String(pod))
          held.delete(pod)
          continue
        }
        const ip = book.assign(String(pod))
        if ((held.get(pod) ?? ip) !== ip) return false
        held.set(pod, ip)
        if (new Set(held.values()).size !== held.size) return false
      }
      return true
    }),
    { numRuns: 50 },
  )
  t.pass('holds')
})
