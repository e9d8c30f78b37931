import t from 'tap'
import { parseCidr, toAddress } from '../../shared/cidr.ts'

t.test('ranges', async (t) => {
  const cases: [cidr: string, first: string, size: number][] = [
    ['10.1.2.0/24', '10.1.2.0', 256],
    ['10.1.2.77/24', '10.1.2.0', 256],
    ['10.244.0.0/16', '10.244.0.0', 65536],
    ['192.168.0.4/30', '192.168.0.4', 4],
    ['0.0.0.0/0', '0.0.0.0', 2 ** 32],
  ]
  for (const [cidr, first, size] of cases) {
    const range = parseCidr(cidr)
    t.same([toAddress(range?.first ?? Number.NaN), range?.size], [first, size], cidr)
  }
})

t.test('what is no range', async (t) => {
  for (const text of [
    '',
    '10.1.2.0',
    '10.1.2.0/31',
    '10.1.2.0/33',
    '10.1.2.256/24',
    '10.1.2/24',
    'fd00::/64',
    '10.1.2.0/24/1',
  ])
    t.equal(parseCidr(text), undefined, JSON.stringify(text))
})
