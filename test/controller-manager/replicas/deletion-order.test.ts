import fc from 'fast-check'
import t from 'tap'
import { surplusOf } from '../../../controller-manager/replicas/deletion-order.ts'
import { type PodTraits, pod, START_MS } from '../objects.ts'

const plain: PodTraits = { node: 'n1', readySince: 10 }

/** Of each pair the first goes first, whatever the order in which they are given. */
const pairs: [title: string, first: PodTraits, second: PodTraits][] = [
  ['not bound to a node', { readySince: 10 }, plain],
  ['pending', { node: 'n1', phase: 'Pending' }, { node: 'n1' }],
  ['unknown before running', { node: 'n1', phase: 'Unknown' }, { node: 'n1' }],
  ['not ready', { node: 'n1' }, plain],
  ['cheaper to delete', { ...plain, deletionCost: '-10' }, plain],
  ['a cost that is no number counts as 0', plain, { ...plain, deletionCost: '1' }],
  ['ready for less time', { node: 'n1', readySince: 9_990 }, plain],
  ['more restarts', { ...plain, restarts: 3 }, plain],
  ['younger', { ...plain, createdAt: 9_000 }, plain],
  ['a criterion counts before all later ones', { node: 'n1', restarts: 0 }, { ...plain, restarts: 9 }],
]

t.test('pairs', async (t) => {
  const nowMs = START_MS + 10_000_000
  for (const [title, first, second] of pairs) {
    // The names are so that order by UID alone would be wrong.
    const pods = [pod('z', first), pod('a', second)]
    for (const given of [pods, pods.toReversed()]) {
      t.same(
        surplusOf(given, 1, { nowMs }).map(({ metadata }) => metadata.name),
        ['z'],
        title,
      )
    }
  }
})

t.test('doubled up on a node', async (t) => {
  const pods = [pod('a', plain), pod('b', { ...plain, node: 'n2' }), pod('c', { ...plain, node: 'n2' })]
  const names = surplusOf(pods, 1, { nowMs: START_MS }).map(({ metadata }) => metadata.name)
  t.match(names, [/^[bc]$/])
})

t.test('property: nobody who stays would have gone before somebody who goes', async (t) => {
  const traits = fc.record({
    node: fc.constantFrom('n1', 'n2'),
    phase: fc.constantFrom('Pending' as const, 'Running' as const),
    restarts: fc.nat(3),
    createdAt: fc.nat(100),
  })
  fc.assert(
    fc.property(fc.array(traits, { maxLength: 12 }), fc.nat(12), (list, count) => {
      const pods = list.map((item, index) => pod(`p${index}`, item))
      const gone = surplusOf(pods, count, { nowMs: START_MS + 200_000 })
      const stay = pods.filter((item) => !gone.includes(item))
      const isAfter = stay.every(
        ({ status }) => status.phase === 'Running' || gone.every((one) => one.status.phase === 'Pending'),
      )
      return gone.length === Math.min(count, pods.length) && new Set(gone).size === gone.length && isAfter
    }),
  )
  t.pass()
})
