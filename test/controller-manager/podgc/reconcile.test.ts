import fc from 'fast-check'
import t from 'tap'
import { missingNodes, type PodGcWorld, reconcilePodGc } from '../../../controller-manager/podgc/reconcile.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { node, pod, START_MS } from '../objects.ts'

const nowMs = START_MS + 100_000
const ready = { conditions: [{ type: 'Ready', status: 'True' }] }
const outOfService = [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }]

const world = (pods: Pod[], more: Partial<PodGcWorld> = {}): PodGcWorld => ({
  pods,
  nodes: [node('n', ready)],
  missingSinceMs: new Map(),
  terminatedMax: 2,
  quarantineMs: 40_000,
  nowMs,
  ...more,
})
const missingFor = (seconds: number) => ({ missingSinceMs: new Map([['gone', nowMs - seconds * 1_000]]) })

const cases: [title: string, world: PodGcWorld, wanted: Record<string, string>][] = [
  ['nothing', world([pod('a', { node: 'n' }), pod('b')]), {}],
  ['the node is missing for the first time', world([pod('a', { node: 'gone' })]), {}],
  ['in quarantine', world([pod('a', { node: 'gone' })], missingFor(39)), {}],
  ['the node is gone', world([pod('a', { node: 'gone' }), pod('b', { node: 'n' })], missingFor(40)), { a: 'nodeGone' }],
  ['back again', world([pod('a', { node: 'gone' })], { ...missingFor(99), nodes: [node('gone')] }), {}],
  ['going, and never bound', world([pod('a', { deletedAt: 1 })]), { a: 'unscheduled' }],
  ['going, its kubelet will see to it', world([pod('a', { node: 'n', deletedAt: 1 })]), {}],
  [
    'going, on a node out of service',
    world([pod('a', { node: 'x', deletedAt: 1 }), pod('b', { node: 'x' })], {
      nodes: [node('x', { taints: outOfService })],
    }),
    { a: 'outOfService' },
  ],
  [
    'a node that is ready is in service, whatever its taint',
    world([pod('a', { node: 'x', deletedAt: 1 })], { nodes: [node('x', { ...ready, taints: outOfService })] }),
    {},
  ],
  [
    'too many finished: the oldest go',
    world([
      pod('new', { node: 'n', phase: 'Succeeded', createdAt: 3 }),
      pod('old', { node: 'n', phase: 'Failed', createdAt: 1 }),
      pod('mid', { node: 'n', phase: 'Failed', createdAt: 2 }),
      pod('running', { node: 'n' }),
    ]),
    { old: 'terminated' },
  ],
  ['no threshold', world([pod('a', { phase: 'Failed' }), pod('b', { phase: 'Failed' })], { terminatedMax: 0 }), {}],
]

const shown = (input: PodGcWorld) =>
  Object.fromEntries(reconcilePodGc(input).actions.map(({ pod, cause }) => [pod.metadata.name, cause]))

t.test('plans', async (t) => {
  for (const [title, input, wanted] of cases) t.same(shown(input), wanted, title)
})

t.test('missing nodes keep their time and are forgotten with their pods', async (t) => {
  const pods = [pod('a', { node: 'gone' }), pod('b', { node: 'other' }), pod('c', { node: 'n' }), pod('d')]
  const missing = missingNodes(
    world(pods, {
      missingSinceMs: new Map([
        ['gone', 5],
        ['stale', 6],
      ]),
    }),
  )
  t.same(
    [...missing],
    [
      ['gone', 5],
      ['other', nowMs],
    ],
  )
})

t.test('property: an applied plan leaves nothing to do', async (t) => {
  const traits = fc.record({
    node: fc.constantFrom('n', 'gone', 'x', undefined),
    phase: fc.constantFrom('Pending' as const, 'Running' as const, 'Failed' as const, 'Succeeded' as const),
    deletedAt: fc.constantFrom(undefined, 1),
  })
  fc.assert(
    fc.property(fc.array(traits), (list) => {
      const pods = list.map(({ node, phase, deletedAt }, index) =>
        pod(`p${index}`, { phase, ...(node !== undefined && { node }), ...(deletedAt !== undefined && { deletedAt }) }),
      )
      const more = { ...missingFor(40), nodes: [node('n', ready), node('x', { taints: outOfService })] }
      const collected = new Set(reconcilePodGc(world(pods, more)).actions.map((action) => action.pod))
      const rest = pods.filter((pod) => !collected.has(pod))
      return reconcilePodGc(world(rest, more)).actions.length === 0
    }),
  )
  t.pass()
})
