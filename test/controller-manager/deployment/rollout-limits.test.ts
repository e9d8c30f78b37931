import t from 'tap'
import { rolloutLimits } from '../../../controller-manager/deployment/rollout-limits.ts'
import { deployment } from './simulated-rollout.ts'

const cases: [
  replicas: number,
  maxSurge: number | string,
  maxUnavailable: number | string,
  wanted: [number, number],
][] = [
  [3, '25%', '25%', [1, 0]],
  [10, '25%', '25%', [3, 2]],
  [4, 2, 1, [2, 1]],
  [3, 0, '10%', [0, 1]],
  [3, '0%', '0%', [0, 1]],
  [0, '25%', '25%', [0, 0]],
  [2, 0, 5, [0, 2]],
  [3, '100%', '100%', [3, 3]],
]

t.test('limits', async (t) => {
  for (const [replicas, maxSurge, maxUnavailable, [surge, unavailable]] of cases) {
    const strategy = { type: 'RollingUpdate' as const, rollingUpdate: { maxSurge, maxUnavailable } }
    t.same(
      rolloutLimits(deployment({ replicas, strategy })),
      { maxSurge: surge, maxUnavailable: unavailable },
      `${replicas}: ${maxSurge}, ${maxUnavailable}`,
    )
  }
  t.same(rolloutLimits(deployment({ strategy: { type: 'Recreate' } })), { maxSurge: 0, maxUnavailable: 0 })
})
