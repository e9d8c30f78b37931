import t from 'tap'
import type { ReplicaOwner, ReplicaStatus } from '../../../controller-manager/replicas/replica-owner.ts'
import { type Outcome, replicaStatus, statusPatch } from '../../../controller-manager/replicas/status.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { at, meta, pod, START_MS, template } from '../objects.ts'

const owner = (status: ReplicaStatus, minReadySeconds = 0): ReplicaOwner => ({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: meta('kubia', { generation: 2 }),
  spec: { replicas: 3, minReadySeconds, template: template({ app: 'kubia', tier: 'web' }) },
  status,
})
const failure: Outcome = { reason: 'FailedCreate', message: 'quota' }
const condition = { type: 'ReplicaFailure', status: 'True', lastTransitionTime: at(100), ...failure }
const settled: ReplicaStatus = { replicas: 0, observedGeneration: 2 }
const labels = { app: 'kubia', tier: 'web' }
const ready = (name: string, readySince: number) => pod(name, { readySince, labels })

const cases: [title: string, owner: ReplicaOwner, pods: Pod[], outcome: Outcome, wanted: unknown][] = [
  ['nothing differs', owner(settled), [], 'ok', undefined],
  ['first sight', owner({}), [], 'ok', { replicas: 0, observedGeneration: 2 }],
  [
    'counts',
    owner({ replicas: 1, observedGeneration: 1, readyReplicas: 1 }),
    [ready('a', 0), pod('b', { readySince: 0 }), pod('c', { labels })],
    'ok',
    { replicas: 3, fullyLabeledReplicas: 2, readyReplicas: 2, availableReplicas: 2, observedGeneration: 2 },
  ],
  ['zero is left out', owner({ ...settled, readyReplicas: 2 }), [], 'ok', { readyReplicas: null }],
  [
    'available only after minReadySeconds',
    owner({ ...settled, replicas: 2, fullyLabeledReplicas: 2 }, 30),
    [ready('a', 70), ready('b', 71)],
    'ok',
    { readyReplicas: 2, availableReplicas: 1 },
  ],
  ['a failure', owner(settled), [], failure, { conditions: [condition] }],
  ['a failure that lasts', owner({ ...settled, conditions: [condition] }), [], { ...failure, message: 'x' }, undefined],
  ['a failure that is over', owner({ ...settled, conditions: [condition] }), [], 'ok', { conditions: null }],
  ['nothing was tried', owner({ ...settled, conditions: [condition] }), [], 'untried', undefined],
]

t.test('pods on their way out are told where the kind has a count for them, also when there are none', async (t) => {
  const told = (status: ReplicaStatus, terminating: number) => {
    const set = owner(status)
    return statusPatch(set, replicaStatus(set, [], { outcome: 'ok', terminating, nowMs: START_MS }))
  }
  t.strictSame(told(settled, 0), { status: { terminatingReplicas: 0 } })
  t.strictSame(told({ ...settled, terminatingReplicas: 2 }, 1), { status: { terminatingReplicas: 1 } })
  t.strictSame(told({ ...settled, terminatingReplicas: 0 }, 0), undefined)
})

t.test('status', async (t) => {
  for (const [title, rc, pods, outcome, wanted] of cases) {
    const patch = statusPatch(rc, replicaStatus(rc, pods, { outcome, nowMs: START_MS + 100_000 }))
    t.strictSame(patch, wanted === undefined ? undefined : { status: wanted }, title)
  }
})
