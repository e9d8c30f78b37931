import fc from 'fast-check'
import t from 'tap'
import type { Eviction } from '../../../controller-manager/nodelifecycle/disruption.ts'
import { type NodeAction, reconcileNode } from '../../../controller-manager/nodelifecycle/reconcile.ts'
import type { Node, NodeCondition } from '../../../shared/api/node/node.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { at, node, pod, START_MS } from '../objects.ts'

const NOW = 100
const TYPES = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready']

const condition = (type: string, status: string, more: Partial<NodeCondition> = {}): NodeCondition => ({
  type,
  status,
  lastHeartbeatTime: at(10),
  lastTransitionTime: at(1),
  reason: 'x',
  message: 'x',
  ...more,
})
const healthy = TYPES.map((type) => condition(type, type === 'Ready' ? 'True' : 'False'))
const unknown = TYPES.map((type) =>
  condition(type, 'Unknown', {
    lastTransitionTime: at(NOW),
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
  }),
)
const withCondition = (type: string, status: string) => [
  ...healthy.filter((known) => known.type !== type),
  condition(type, status),
]
const taint = (name: string, effect: string, timeAdded?: string) => ({
  key: `node.kubernetes.io/${name}`,
  effect,
  ...(timeAdded !== undefined && { timeAdded }),
})
const unreachable = [taint('unreachable', 'NoSchedule', at(NOW)), taint('unreachable', 'NoExecute', at(NOW))]
const notReady = [taint('not-ready', 'NoSchedule', at(NOW)), taint('not-ready', 'NoExecute', at(NOW))]
const foreign = { key: 'k', value: 'v', effect: 'NoExecute' }

const plan = (
  subject: Node,
  { silentFor = 0, pods = [], eviction = 'go' }: { silentFor?: number; pods?: Pod[]; eviction?: Eviction } = {},
) =>
  reconcileNode(subject, {
    graceMs: 50_000,
    startupGraceMs: 60_000,
    seenMs: START_MS + (NOW - silentFor) * 1_000,
    pods,
    eviction,
    nowMs: START_MS + NOW * 1_000,
  }).actions

const cases: [title: string, node: Node, world: Parameters<typeof plan>[1], wanted: NodeAction[]][] = [
  ['healthy', node('n', { conditions: healthy, taints: [foreign] }), {}, []],
  ['at the end of its grace', node('n', { conditions: healthy }), { silentFor: 50 }, []],
  [
    'lost',
    node('n', { conditions: healthy, taints: [foreign] }),
    { silentFor: 51 },
    [
      { do: 'setConditions', conditions: unknown },
      { do: 'recordNotReady' },
      { do: 'setTaints', taints: [foreign, ...unreachable] },
    ],
  ],
  ['known to be lost', node('n', { conditions: unknown, taints: unreachable }), { silentFor: 99 }, []],
  [
    'never reported',
    node('n', { createdAt: 5 }),
    { silentFor: 61 },
    [
      {
        do: 'setConditions',
        conditions: unknown.map((known) => ({
          ...known,
          lastHeartbeatTime: at(5),
          reason: 'NodeStatusNeverUpdated',
          message: 'Kubelet never posted node status.',
        })),
      },
      { do: 'setTaints', taints: unreachable },
    ],
  ],
  ['never reported, in its startup grace', node('n'), { silentFor: 60 }, []],
  [
    'back',
    node('n', { conditions: healthy, taints: [...unreachable, foreign] }),
    {},
    [{ do: 'setTaints', taints: [foreign] }],
  ],
  [
    'reports not ready',
    node('n', { conditions: withCondition('Ready', 'False') }),
    {},
    [{ do: 'setTaints', taints: notReady }],
  ],
  [
    'lost after it was not ready: one taint for the other',
    node('n', { conditions: withCondition('Ready', 'Unknown'), taints: notReady }),
    {},
    [{ do: 'setTaints', taints: unreachable }],
  ],
  [
    'pressure',
    node('n', { conditions: withCondition('DiskPressure', 'True') }),
    {},
    [{ do: 'setTaints', taints: [taint('disk-pressure', 'NoSchedule', at(NOW))] }],
  ],
  [
    'cordoned',
    node('n', { conditions: healthy, unschedulable: true }),
    {},
    [{ do: 'setTaints', taints: [taint('unschedulable', 'NoSchedule', at(NOW))] }],
  ],
  [
    'uncordoned',
    node('n', { conditions: healthy, taints: [taint('unschedulable', 'NoSchedule')] }),
    {},
    [{ do: 'setTaints', taints: [] }],
  ],
  [
    'registered a moment ago: ready, the first taint goes',
    node('n', { conditions: healthy, taints: [taint('not-ready', 'NoSchedule')] }),
    {},
    [{ do: 'setTaints', taints: [] }],
  ],
  [
    'all are lost: nobody is evicted',
    node('n', { conditions: unknown }),
    { silentFor: 99, eviction: 'undo' },
    [{ do: 'setTaints', taints: unreachable.slice(0, 1) }],
  ],
  [
    'all are lost now: evictions are taken back',
    node('n', { conditions: unknown, taints: unreachable }),
    { silentFor: 99, eviction: 'undo' },
    [{ do: 'setTaints', taints: unreachable.slice(0, 1) }],
  ],
  [
    'many are lost: no new evictions',
    node('n', { conditions: unknown, taints: unreachable.slice(0, 1) }),
    { silentFor: 99, eviction: 'hold' },
    [],
  ],
  [
    'many are lost: old evictions stay',
    node('n', { conditions: unknown, taints: unreachable }),
    { silentFor: 99, eviction: 'hold' },
    [],
  ],
]

t.test('plans', async (t) => {
  for (const [title, subject, world, wanted] of cases) t.same(plan(subject, world), wanted, title)
})

t.test('pods of a lost node are not ready', async (t) => {
  const ready = pod('ready', { node: 'n', readySince: 1 })
  const pods = [ready, pod('starting', { node: 'n' })]
  const lost = node('n', { conditions: unknown, taints: unreachable })
  t.same(plan(lost, { silentFor: 99, pods }), [{ do: 'markPodNotReady', pod: ready }])
  const living = node('n', { conditions: withCondition('Ready', 'False'), taints: notReady })
  t.same(plan(living, { pods }), [], 'a living kubelet speaks for its pods')
})

t.test('property: an applied plan leaves nothing to do', async (t) => {
  const status = fc.constantFrom('True', 'False', 'Unknown', undefined)
  const names = ['not-ready', 'unreachable', 'unschedulable', 'disk-pressure', 'own']
  const world = fc.record({
    statuses: fc.array(status, { minLength: 4, maxLength: 4 }),
    taints: fc.uniqueArray(fc.tuple(fc.constantFrom(...names), fc.constantFrom('NoSchedule', 'NoExecute')), {
      selector: String,
    }),
    unschedulable: fc.boolean(),
    silentFor: fc.constantFrom(0, 55, 90),
    eviction: fc.constantFrom('go' as const, 'hold' as const, 'undo' as const),
  })
  fc.assert(
    fc.property(world, ({ statuses, taints, unschedulable, silentFor, eviction }) => {
      const before = node('n', {
        conditions: statuses.flatMap((status, i) => (status === undefined ? [] : [condition(TYPES[i]!, status)])),
        taints: taints.map(([name, effect]) => taint(name, effect)),
        unschedulable,
      })
      const pods = [pod('p', { node: 'n', readySince: 1 })]
      let after = before
      for (const action of plan(before, { silentFor, eviction, pods })) {
        if (action.do === 'setTaints') after = { ...after, spec: { ...after.spec, taints: [...action.taints] } }
        if (action.do === 'markPodNotReady') pods[0] = pod('p', { node: 'n' })
        if (action.do !== 'setConditions') continue
        const kept = after.status.conditions?.filter(({ type }) => !action.conditions.some((one) => one.type === type))
        after = { ...after, status: { conditions: [...(kept ?? []), ...action.conditions] } }
      }
      const own = after.spec.taints?.filter(({ key }) => key.endsWith('/own')).length
      const isKept = own === taints.filter(([name]) => name === 'own').length
      return isKept && plan(after, { silentFor, eviction, pods }).length === 0
    }),
  )
  t.pass()
})
