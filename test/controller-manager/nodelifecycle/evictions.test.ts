import t from 'tap'
import { createEvictionLimit } from '../../../controller-manager/nodelifecycle/eviction-limit.ts'
import { createEvictions } from '../../../controller-manager/nodelifecycle/evictions.ts'
import { readyCondition } from '../../../controller-manager/nodelifecycle/health.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { node } from '../objects.ts'

t.test('one node of a zone at once, then by the rate', async (t) => {
  const clock = createFakeClock(0)
  const limit = createEvictionLimit(clock)
  t.equal(limit.take('a'), Number.POSITIVE_INFINITY, 'a zone without a rate')
  limit.setRate('a', 0.1)
  limit.setRate('b', 1)
  t.equal(limit.take('a'), 0)
  t.equal(limit.take('a'), 10_000)
  t.equal(limit.take('b'), 0, 'zones do not wait for each other')
  await clock.advance(4_000)
  limit.setRate('a', 0.1)
  t.equal(limit.take('a'), 6_000, 'the same rate changes nothing')
  limit.setRate('a', 0.01)
  t.equal(limit.take('a'), 100_000, 'who waits, waits by the new rate')
  limit.setRate('a', 0)
  t.equal(limit.take('a'), Number.POSITIVE_INFINITY)
  limit.setRate('a', 0.1)
  await clock.advance(10_000)
  t.equal(limit.take('a'), 0)
})

const ready = (name: string, status: string, taints: { key: string; effect: string }[] = []) =>
  node(name, { conditions: [{ type: 'Ready', status }], taints })

t.test('decisions follow the state of all nodes', async (t) => {
  const clock = createFakeClock(0)
  let all = [ready('a', 'True'), ready('b', 'Unknown'), ready('c', 'Unknown')]
  const evictions = createEvictions({
    clock,
    nodes: { list: () => all },
    readiness: (subject) => readyCondition(subject)?.status,
    options: {
      'node-eviction-rate': 0.1,
      'secondary-node-eviction-rate': 0.01,
      'unhealthy-zone-threshold': 0.55,
      'large-cluster-size-threshold': 50,
    },
  })
  t.same(evictions.decide(all[1]!), { eviction: 'go' })
  t.same(evictions.decide(all[2]!), { eviction: 'hold', waitMs: 10_000 })
  const tainted = ready('b', 'Unknown', [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }])
  t.same(evictions.decide(tainted), { eviction: 'hold' }, 'it has its taint: nothing to wait for')
  t.same(evictions.decide(ready('a', 'True')), { eviction: 'hold' })
  await clock.advance(10_000)
  t.same(evictions.decide(all[2]!), { eviction: 'go' })

  all = all.map(({ metadata }) => ready(metadata.name, 'Unknown'))
  evictions.reassess()
  t.same(evictions.decide(tainted), { eviction: 'undo' }, 'all are lost')

  all = [...all, ready('d', 'True'), ready('e', 'True')]
  evictions.reassess()
  t.same(evictions.decide(all[0]!), { eviction: 'hold' }, 'many are lost in a small zone')
})
