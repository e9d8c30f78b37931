import fc from 'fast-check'
import t from 'tap'
import { isComplete } from '../../../controller-manager/deployment/conditions.ts'
import { isActive } from '../../../controller-manager/deployment/rollout.ts'
import { rolloutLimits } from '../../../controller-manager/deployment/rollout-limits.ts'
import type { Deployment } from '../../../shared/api/deployment.ts'
import { deployment, SimulatedRollout, version } from './simulated-rollout.ts'

const limit = fc.oneof(
  fc.nat(4),
  fc.nat(100).map((percent) => `${percent}%`),
)
const rolling = fc.record({ maxSurge: limit, maxUnavailable: limit }).map((rollingUpdate) => ({
  type: 'RollingUpdate' as const,
  rollingUpdate,
}))
const strategy = fc.oneof(
  { weight: 3, arbitrary: rolling },
  { weight: 1, arbitrary: fc.constant({ type: 'Recreate' as const }) },
)
const spec = fc.record({ replicas: fc.integer({ min: 0, max: 12 }), strategy, revisionHistoryLimit: fc.nat(3) })

/** Who acts next: the Deployment's controller, a ReplicaSet's, or a pod that becomes available. */
const turn = fc.record({ who: fc.constantFrom('deployment', 'set', 'pod'), which: fc.nat(5) })

function take(world: SimulatedRollout, { who, which }: { who: string; which: number }): void {
  const set = world.sets[which % Math.max(1, world.sets.length)]
  if (who === 'deployment') world.sync()
  else if (set !== undefined && who === 'set') world.syncSet(set)
  else if (set !== undefined) world.startPod(set)
}

const isDone = ({ deployment }: SimulatedRollout) =>
  isComplete(deployment, deployment.status) &&
  deployment.status.conditions?.some(({ reason }) => reason === 'NewReplicaSetAvailable') === true

t.test('property: a rollout always ends, with nothing to do', async (t) => {
  const change = fc.oneof(
    fc.constantFrom('2', '3', '1').map((name) => ({ template: version(name) })),
    fc.integer({ min: 0, max: 12 }).map((replicas) => ({ replicas })),
    strategy.map((strategy): Partial<Deployment['spec']> => ({ strategy })),
    fc.boolean().map((paused) => ({ paused })),
  )
  const step = fc.oneof({ weight: 4, arbitrary: turn }, { weight: 1, arbitrary: change })
  fc.assert(
    fc.property(spec, fc.array(step, { maxLength: 60 }), (first, steps) => {
      const world = new SimulatedRollout(deployment(first))
      for (const one of steps) {
        if ('who' in one) take(world, one)
        else world.change(one)
      }
      world.change({ paused: false })
      world.settle()
      const { replicas, revisionHistoryLimit } = world.deployment.spec
      const old = world.sets.filter((set) => !isActive(set)).length
      return (
        isDone(world) &&
        world.plan().length === 0 &&
        world.livingPods === replicas &&
        world.sets.filter(isActive).length === Math.min(1, replicas) &&
        old <= revisionHistoryLimit + (replicas === 0 ? 1 : 0)
      )
    }),
    { numRuns: 300 },
  )
  t.pass()
})

t.test('property: never too many pods, and never too few available while pods are healthy', async (t) => {
  const rollout = fc.oneof({ weight: 6, arbitrary: turn }, { weight: 1, arbitrary: fc.constantFrom('2', '3', '1') })
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      rolling,
      fc.array(rollout, { maxLength: 120 }),
      (replicas, strategy, steps) => {
        const world = new SimulatedRollout(deployment({ replicas, strategy }))
        world.settle()
        const { maxSurge, maxUnavailable } = rolloutLimits(world.deployment)
        for (const step of steps) {
          if (typeof step === 'string') world.change({ template: version(step) })
          else take(world, step)
          if (world.livingPods > replicas + maxSurge || world.availablePods < replicas - maxUnavailable) return false
        }
        return true
      },
    ),
    { numRuns: 500 },
  )
  t.pass()
})

t.test('property: Recreate never runs two versions at once', async (t) => {
  const rollout = fc.oneof({ weight: 6, arbitrary: turn }, { weight: 1, arbitrary: fc.constantFrom('2', '3', '1') })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(rollout, { maxLength: 80 }), (replicas, steps) => {
      const world = new SimulatedRollout(deployment({ replicas, strategy: { type: 'Recreate' } }))
      world.settle()
      for (const step of steps) {
        if (typeof step === 'string') world.change({ template: version(step) })
        else take(world, step)
        if (world.sets.filter((set) => world.podsOf(set).length > 0).length > 1) return false
        if (world.livingPods > replicas) return false
      }
      return true
    }),
    { numRuns: 300 },
  )
  t.pass()
})
