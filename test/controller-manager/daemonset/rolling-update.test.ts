import fc from 'fast-check'
import t from 'tap'
import type { DaemonSet } from '../../../shared/api/daemon-set.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { node } from '../objects.ts'
import { applied, daemon, daemonSet, plan, revisionOf, shown, type World } from './world.ts'

const rolling = (maxUnavailable: number | string, maxSurge: number | string = 0) => ({
  strategy: { type: 'RollingUpdate' as const, rollingUpdate: { maxUnavailable, maxSurge } },
})
const NODES = ['n1', 'n2', 'n3', 'n4'].map((name) => node(name))
const v1 = daemonSet({ image: 'v1' })
const old = (nodeName: string, traits = {}) => daemon(`old-${nodeName}`, v1, { node: nodeName, ...traits })

/** `sick`: it runs without being ready. */
const sick = { readySince: undefined } as unknown as Record<string, never>

const cases: [
  title: string,
  limits: Parameters<typeof daemonSet>[0],
  pods: (set: DaemonSet) => Pod[],
  wanted: object,
][] = [
  ['one at a time', rolling(1), () => NODES.map(({ metadata }) => old(metadata.name)), { delete: ['old-n1'] }],
  [
    'two at a time',
    rolling(2),
    () => NODES.map(({ metadata }) => old(metadata.name)),
    { delete: ['old-n1', 'old-n2'] },
  ],
  [
    'a share, rounded up',
    rolling('30%'),
    () => NODES.map(({ metadata }) => old(metadata.name)),
    { delete: ['old-n1', 'old-n2'] },
  ],
  [
    'the new one is not there yet',
    rolling(1),
    (set) => [daemon('new', set, { node: 'n1', ...sick }), old('n2'), old('n3'), old('n4')],
    {},
  ],
  [
    'the new one is',
    rolling(1),
    (set) => [daemon('new', set, { node: 'n1' }), old('n2'), old('n3'), old('n4')],
    { delete: ['old-n2'] },
  ],
  [
    'unavailable ones go first, whatever the limit',
    rolling(1),
    () => [old('n1'), old('n2', sick), old('n3', sick), old('n4')],
    { delete: ['old-n2', 'old-n3'] },
  ],
  [
    'one that is going counts as unavailable',
    rolling(1),
    () => [old('n1', { deletedAt: 90 }), old('n2'), old('n3'), old('n4')],
    {},
  ],
  ['only on demand', { strategy: { type: 'OnDelete' } }, () => NODES.map(({ metadata }) => old(metadata.name)), {}],
  [
    'a surge creates first',
    rolling(0, 2),
    () => NODES.map(({ metadata }) => old(metadata.name)),
    { create: ['n1', 'n2'] },
  ],
  [
    'a surge waits for the new one',
    rolling(0, 1),
    (set) => [daemon('new', set, { node: 'n1', ...sick }), ...NODES.map(({ metadata }) => old(metadata.name))],
    {},
  ],
  [
    'then the old one goes',
    rolling(0, 1),
    (set) => [daemon('new', set, { node: 'n1' }), ...NODES.map(({ metadata }) => old(metadata.name))],
    { delete: ['old-n1'] },
  ],
  [
    'where the old one does not serve a new one may come at once',
    rolling(0, 1),
    () => [old('n1', sick), old('n2', sick), old('n3'), old('n4')],
    { create: ['n1', 'n2', 'n3'] },
  ],
]

t.test('steps', async (t) => {
  for (const [title, limits, podsOf, wanted] of cases) {
    const set = daemonSet({ image: 'v2', ...limits })
    const revisions = [revisionOf(v1, 1), revisionOf(set, 2)]
    t.same(shown(plan(set, { nodes: NODES, pods: podsOf(set), revisions }).actions), wanted, title)
  }
})

t.test('property: a rollout never goes beyond its limits', async (t) => {
  const limits = fc.oneof(
    fc.integer({ min: 1, max: 4 }).map((maxUnavailable) => ({ maxUnavailable, maxSurge: 0 })),
    fc.integer({ min: 1, max: 4 }).map((maxSurge) => ({ maxUnavailable: 0, maxSurge })),
  )
  fc.assert(
    fc.property(limits, fc.integer({ min: 1, max: 8 }), (rollingUpdate, size) => {
      const strategy = { type: 'RollingUpdate' as const, rollingUpdate }
      const set = daemonSet({ image: 'v2', strategy })
      const nodes = Array.from({ length: size }, (_, index) => node(`n${index}`))
      const pods = nodes.map(({ metadata }) => old(metadata.name))
      let world: World = { nodes, pods, revisions: [revisionOf(v1, 1)] }
      for (let turn = 0; turn < 40; turn++) {
        const { actions } = plan(set, world)
        if (actions.length === 0) return world.pods.length === size && world.pods.every(isNew)
        world = applied(set, world, actions)
        const covered = new Set(world.pods.map(({ spec }) => spec.nodeName)).size
        if (size - covered > rollingUpdate.maxUnavailable) return false
        if (world.pods.length - covered > rollingUpdate.maxSurge) return false
      }
      return false
    }),
  )
  t.pass()
})

const isNew = (pod: Pod) => pod.metadata.name.startsWith('new-')
