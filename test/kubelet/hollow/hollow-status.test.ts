import t from 'tap'
import {
  endedStatus,
  type HollowBehaviour,
  nextStep,
  runningStatus,
  type Step,
} from '../../../kubelet/hollow/hollow-status.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { type Partly, podOf } from '../../support/pods.ts'

const NOW_MS = Date.parse('2026-01-01T00:01:40Z')
const behaviour: HollowBehaviour = { startMs: 500, runMs: 60_000, exitCode: 0 }
const startTime = '2026-01-01T00:01:00Z'

const cases: [
  title: string,
  pod: Partly<Pick<Pod, 'metadata' | 'spec' | 'status'>>,
  Partial<HollowBehaviour>,
  Step | undefined,
][] = [
  ['a new one starts', { status: { phase: 'Pending' } }, {}, { do: 'run', afterMs: 500 }],
  ['one that runs for ever', { status: { phase: 'Running', startTime } }, {}, undefined],
  [
    'one that may end',
    { spec: { restartPolicy: 'Never' }, status: { phase: 'Running', startTime } },
    {},
    { do: 'end', afterMs: 20_000 },
  ],
  [
    'and should have',
    { spec: { restartPolicy: 'OnFailure' }, status: { phase: 'Running', startTime } },
    { runMs: 1_000 },
    { do: 'end', afterMs: 0 },
  ],
  [
    'one that ends as it begins',
    { spec: { restartPolicy: 'Never' }, status: { phase: 'Pending' } },
    { runMs: 0 },
    { do: 'end', afterMs: 500 },
  ],
  [
    'one that begins anew whenever it ends',
    { spec: { restartPolicy: 'Always' }, status: { phase: 'Pending' } },
    { runMs: 0 },
    { do: 'run', afterMs: 500 },
  ],
  [
    'one that may end but need not',
    { spec: { restartPolicy: 'Never' }, status: { phase: 'Running', startTime } },
    { runMs: undefined },
    undefined,
  ],
  ['one that has ended', { spec: { restartPolicy: 'Never' }, status: { phase: 'Succeeded' } }, {}, undefined],
  [
    'a deleted one',
    { metadata: { deletionTimestamp: startTime }, status: { phase: 'Running' } },
    {},
    { do: 'remove', afterMs: 0 },
  ],
]

t.test('the next step', async (t) => {
  for (const [title, pod, more, wanted] of cases)
    t.same(nextStep(podOf(pod), { ...behaviour, ...more }, NOW_MS), wanted, title)
})

t.test('what is reported', async (t) => {
  const pod = podOf()
  t.match(runningStatus(pod, { nodeIp: '127.0.0.1', podIp: '10.0.0.1', nowMs: NOW_MS }), {
    phase: 'Running',
    podIP: '10.0.0.1',
    startTime: '2026-01-01T00:01:40Z',
    containerStatuses: [{ name: 'c', ready: true, state: { running: { startedAt: '2026-01-01T00:01:40Z' } } }],
  })
  t.match(endedStatus(pod, { exitCode: 0, nowMs: NOW_MS }), {
    phase: 'Succeeded',
    containerStatuses: [{ ready: false, state: { terminated: { exitCode: 0, reason: 'Completed' } } }],
  })
  const place = { nodeIp: '127.0.0.1', podIp: '10.0.0.1' }
  t.match(endedStatus(pod, { exitCode: 0, nowMs: NOW_MS, place }), {
    phase: 'Succeeded',
    podIP: '10.0.0.1',
    startTime: '2026-01-01T00:01:40Z',
    conditions: [
      { type: 'PodReadyToStartContainers', status: 'True' },
      { type: 'Initialized', status: 'True' },
      { type: 'Ready', status: 'False', reason: 'PodCompleted' },
      { type: 'ContainersReady', status: 'False', reason: 'PodCompleted' },
    ],
  })
  t.match(endedStatus(pod, { exitCode: 3, nowMs: NOW_MS }), {
    phase: 'Failed',
    containerStatuses: [{ state: { terminated: { exitCode: 3, reason: 'Error' } } }],
  })
})
