import fc from 'fast-check'
import t from 'tap'
import { reconcileEviction } from '../../../controller-manager/tainteviction/reconcile.ts'
import type { Taint } from '../../../shared/api/node/node.ts'
import type { Toleration } from '../../../shared/api/pod/pod.ts'
import { pod, START_MS } from '../objects.ts'

const unreachable: Taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }
const other: Taint = { key: 'k', value: 'v', effect: 'NoExecute' }
const forSeconds = (tolerationSeconds?: number): Toleration =>
  ({
    key: unreachable.key,
    operator: 'Exists',
    effect: 'NoExecute',
    ...(tolerationSeconds !== undefined && { tolerationSeconds }),
  }) as Toleration
const all = { operator: 'Exists' } as Toleration

interface World {
  taints?: Taint[]
  tolerations?: Toleration[]
  /** Seconds since the taints came. */
  taintedFor?: number
  wasPending?: boolean
  deletedAt?: number
  createdAt?: number
}
const plan = ({ taints = [], tolerations = [], taintedFor = 0, wasPending = false, ...traits }: World) =>
  reconcileEviction(pod('p', { node: 'n', tolerations, ...traits }), {
    taints,
    sinceMs: () => START_MS + (100 - taintedFor) * 1_000,
    wasPending,
    nowMs: START_MS + 100_000,
  })

const evict = { actions: [{ do: 'evict' }] }
const wait = (seconds: number) => ({ actions: [], requeueAfterMs: seconds * 1_000 })
const nothing = { actions: [] }

const cases: [title: string, world: World, wanted: ReturnType<typeof plan>][] = [
  ['no taints', {}, nothing],
  ['not tolerated', { taints: [unreachable] }, evict as ReturnType<typeof plan>],
  ['tolerated for ever', { taints: [unreachable], tolerations: [forSeconds()] }, nothing],
  ['everything tolerated', { taints: [unreachable, other], tolerations: [all] }, nothing],
  ['tolerated for a while', { taints: [unreachable], tolerations: [forSeconds(5)] }, wait(5)],
  ['part of it is over', { taints: [unreachable], tolerations: [forSeconds(5)], taintedFor: 3 }, wait(2)],
  ['the while is over', { taints: [unreachable], tolerations: [forSeconds(5)], taintedFor: 5 }, evict as never],
  ['tolerated for no time', { taints: [unreachable], tolerations: [forSeconds(0)] }, evict as never],
  ['one of two is not tolerated', { taints: [unreachable, other], tolerations: [forSeconds()] }, evict as never],
  ['the first matching toleration counts', { taints: [unreachable], tolerations: [forSeconds(9), all] }, wait(9)],
  [
    'a pod that came after the taint',
    { taints: [unreachable], tolerations: [forSeconds(5)], taintedFor: 50, createdAt: 98 },
    wait(3),
  ],
  ['on its way out', { taints: [unreachable], deletedAt: 99 }, nothing],
  ['the node came back', { wasPending: true }, { actions: [{ do: 'recordCancelled' }] }],
]

t.test('plans', async (t) => {
  for (const [title, world, wanted] of cases) t.same(plan(world), wanted, title)
})

t.test('property: nobody goes before the time, and everybody goes at it', async (t) => {
  const seconds = fc.option(fc.integer({ min: -1, max: 20 }), { nil: undefined })
  fc.assert(
    fc.property(seconds, fc.nat(20), (tolerationSeconds, taintedFor) => {
      const world = { taints: [unreachable], tolerations: [forSeconds(tolerationSeconds)] }
      const { actions, requeueAfterMs } = plan({ ...world, taintedFor })
      if (tolerationSeconds === undefined) return actions.length === 0 && requeueAfterMs === undefined
      if (actions.length > 0) return taintedFor >= tolerationSeconds
      return plan({ ...world, taintedFor: taintedFor + requeueAfterMs! / 1_000 }).actions.length === 1
    }),
  )
  t.pass()
})
