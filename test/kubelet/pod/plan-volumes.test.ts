/** What a pod's volumes mean for its plan and its phase. */
import t from 'tap'
import { planPod } from '../../../kubelet/pod/plan.ts'
import type { PodAction } from '../../../kubelet/pod/plan-step.ts'
import { podStatus } from '../../../kubelet/pod/status.ts'
import type { PodWorld } from '../../../kubelet/pod/world.ts'
import { NOW, pod, run, SECOND, world } from './worlds.ts'

const READY = { isReady: true, isPresent: true }
const GONE = { isReady: false, isPresent: false }
const start = { do: 'startContainer', name: 'c', attempt: 0 }
const deleted = pod({}, { deletionTimestamp: '2026-01-01T00:10:00Z', deletionGracePeriodSeconds: 30 })
const evicted = { ...READY, eviction: 'too large' }

const rows: { title: string; given: PodWorld; actions: object[]; requeueAfterMs?: number }[] = [
  {
    title: 'they come before everything else',
    given: world({ sandbox: undefined, volumes: { isReady: false, isPresent: true, dueAtMs: NOW } }),
    actions: [{ do: 'prepareVolumes' }],
  },
  {
    title: 'what is missing is waited for',
    given: world({ sandbox: undefined, volumes: { isReady: false, isPresent: true, dueAtMs: NOW + SECOND } }),
    actions: [],
    requeueAfterMs: SECOND,
  },
  {
    title: 'then comes the sandbox',
    given: world({ sandbox: undefined, volumes: READY }),
    actions: [{ do: 'ensureSandbox' }],
  },
  {
    title: 'a token that is to be renewed later does not hold up a container',
    given: world({ volumes: { ...READY, dueAtMs: NOW + 9 * SECOND } }),
    actions: [start],
    requeueAfterMs: 9 * SECOND,
  },
  {
    title: 'files of a running pod are brought up to date',
    given: world({ runs: [run('c', 0)], volumes: { ...READY, dueAtMs: NOW - SECOND } }),
    actions: [{ do: 'prepareVolumes' }],
  },
  {
    title: 'they go when the pod has ended, though it stays in the API',
    given: world({ pod: pod({ restartPolicy: 'Never' }), runs: [run('c', 0, { exitCode: 0 })], volumes: READY }),
    actions: [{ do: 'tearDownVolumes' }],
  },
  {
    title: 'once',
    given: world({ pod: pod({ restartPolicy: 'Never' }), runs: [run('c', 0, { exitCode: 0 })], volumes: GONE }),
    actions: [],
  },
  {
    title: 'and before the end of a deleted pod is told',
    given: world({ pod: deleted, volumes: READY }),
    actions: [{ do: 'tearDownVolumes' }],
  },
  { title: 'which follows', given: world({ pod: deleted, volumes: GONE }), actions: [{ do: 'finishPod' }] },
  {
    title: 'not while something runs',
    given: world({ pod: deleted, runs: [run('c', 0)], volumes: READY }),
    actions: [{ do: 'beginStop', id: 'c-0' }],
  },
  {
    title: 'an evicted pod has no grace',
    given: world({ runs: [run('c', 0)], volumes: evicted }),
    actions: [{ do: 'beginStop', id: 'c-0', graceMs: 0 }],
  },
]

for (const { title, given, actions, requeueAfterMs } of rows) {
  t.test(title, async (t) => {
    const plan = planPod(given)
    t.equal(plan.actions.length, actions.length)
    t.match(plan.actions as PodAction[], actions)
    if (actions.length === 0 || requeueAfterMs !== undefined) t.equal(plan.requeueAfterMs, requeueAfterMs)
  })
}

t.test('an evicted pod has failed, whatever its restart policy and exit codes', async (t) => {
  for (const volumes of [evicted, { ...GONE, eviction: 'too large' }]) {
    const given = world({ runs: [run('c', 0, { exitCode: 0 })], volumes })
    t.match(podStatus(given, { ip: '127.1.1.1' }), { phase: 'Failed', reason: 'Evicted', message: 'too large' })
  }
  const running = world({ runs: [run('c', 0)], volumes: evicted })
  t.match(podStatus(running, { ip: '127.1.1.1' }), { phase: 'Running' }, 'not before it has ended')
})
