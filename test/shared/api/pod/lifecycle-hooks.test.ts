import t from 'tap'
import { prepareForCreate, prepareForStatusUpdate } from '../../../../shared/api/pod/lifecycle-hooks.ts'
import { podOf } from '../../../support/pods.ts'

t.test('a new pod is pending', async (t) => {
  const pod = podOf({ status: { phase: 'Running', podIP: '10.0.0.1' } })
  prepareForCreate(pod)
  t.strictSame(pod.status, { phase: 'Pending', qosClass: 'BestEffort' })
})

t.test('a gated pod says so', async (t) => {
  const pod = podOf({ spec: { schedulingGates: [{ name: 'g' }] } })
  prepareForCreate(pod)
  t.match(pod.status.conditions, [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }])
})

t.test('label keys become conditions on the labels of the pod', async (t) => {
  const term = {
    topologyKey: 'zone',
    labelSelector: { matchLabels: { app: 'a' } },
    matchLabelKeys: ['v', 'absent'],
    mismatchLabelKeys: ['tenant'],
  }
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } }
  const pod = podOf({ metadata: { labels: { v: '1', tenant: 't' } }, spec: { affinity } })
  prepareForCreate(pod)
  const [prepared] = pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
  t.strictSame(prepared?.labelSelector, {
    matchLabels: { app: 'a' },
    matchExpressions: [
      { key: 'v', operator: 'In', values: ['1'] },
      { key: 'tenant', operator: 'NotIn', values: ['t'] },
    ],
  })
})

t.test('a status write that leaves things out keeps them', async (t) => {
  const old = podOf({
    status: {
      qosClass: 'Burstable',
      observedGeneration: 2,
      conditions: [{ type: 'Ready', status: 'True', observedGeneration: 2 }],
    },
  })
  const pod = podOf({ status: { conditions: [{ type: 'Ready', status: 'False' }] } })
  prepareForStatusUpdate(pod, old)
  t.strictSame(pod.status, {
    qosClass: 'Burstable',
    observedGeneration: 2,
    conditions: [{ type: 'Ready', status: 'False', observedGeneration: 2 }],
  })
})
