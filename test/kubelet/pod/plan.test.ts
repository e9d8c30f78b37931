import t from 'tap'
import { planPod } from '../../../kubelet/pod/plan.ts'
import type { PodWorld } from '../../../kubelet/pod/world.ts'
import { container, NOW, pod, probe, run, SECOND, world } from './worlds.ts'

/** A plan in short: `start c 1`, `stop c-0 30s podEnds`, `wait 10s`. */
function shown(given: PodWorld): string[] {
  const { actions, requeueAfterMs } = planPod(given)
  const lines = actions.map((action) => {
    switch (action.do) {
      case 'startContainer':
        return `start ${action.name} ${action.attempt}${action.backOff ? ` then ${action.backOff.delayMs / 1000}s` : ''}`
      case 'beginStop':
        return `stop ${action.id} ${action.graceMs / 1000}s ${action.why}: ${action.message}`
      case 'shortenGrace':
        return `shorten ${action.id} ${action.graceMs / 1000}s`
      case 'terminate':
        return `terminate ${action.id} ${action.graceMs / 1000}s`
      case 'removeContainer':
        return `forget ${action.id}`
      case 'announceBackOff':
        return `announce ${action.message}`
      default:
        return action.do
    }
  })
  return requeueAfterMs === undefined ? lines : [...lines, `wait ${requeueAfterMs / 1000}s`]
}

const deleted = (graceSeconds: number) => ({
  deletionTimestamp: '2026-01-01T00:10:30Z',
  deletionGracePeriodSeconds: graceSeconds,
})
const FAILED_PULL = { reason: 'ErrImagePull', message: 'no', delayMs: 10 * SECOND } as const
const BACK_OFF =
  'announce Back-off restarting failed container c in pod crash_default(f1f1f1f1-0000-4000-8000-000000000001)'
const sidecar = container('side', { restartPolicy: 'Always' })
const inits = [container('one'), container('two')]
const HOOK = { 'c-0': { is: 'underWay' } } as const
const END = 'stop c-0 30s podEnds: Stopping container c'

const rows: [title: string, given: PodWorld, wanted: string[]][] = [
  ['a new pod gets a sandbox first', world({ sandbox: undefined }), ['ensureSandbox']],
  ['then its container', world(), ['start c 0']],
  ['what runs is left alone', world({ runs: [run('c', 0)] }), []],
  ['a first restart comes at once', world({ runs: [run('c', 0, { exitCode: 7 })] }), ['start c 1 then 10s']],
  [
    'a second one waits, and says so',
    world({
      runs: [run('c', 1, { exitCode: 7 })],
      backOffs: { c: { delayMs: 10 * SECOND, sinceMs: NOW - 6 * SECOND } },
    }),
    [BACK_OFF, 'wait 5s'],
  ],
  [
    'it says so once',
    world({
      runs: [run('c', 1, { exitCode: 7 })],
      backOffs: { c: { delayMs: 10 * SECOND, sinceMs: NOW } },
      announced: ['c-1'],
    }),
    ['wait 5s'],
  ],
  [
    'the wait doubles',
    world({
      runs: [run('c', 1, { exitCode: 7, ageMs: 10 * SECOND })],
      backOffs: { c: { delayMs: 10 * SECOND, sinceMs: NOW - 11 * SECOND } },
    }),
    ['start c 2 then 20s'],
  ],
  [
    'but not beyond five minutes',
    world({
      runs: [run('c', 9, { exitCode: 7, ageMs: 300 * SECOND })],
      backOffs: { c: { delayMs: 300 * SECOND, sinceMs: NOW - 301 * SECOND } },
    }),
    ['start c 10 then 300s'],
  ],
  [
    'more than ten minutes of running begin the count anew',
    world({
      runs: [run('c', 9, { exitCode: 7 })],
      backOffs: { c: { delayMs: 300 * SECOND, sinceMs: NOW - 606 * SECOND } },
    }),
    ['start c 10 then 10s'],
  ],
  ['Always restarts a success too', world({ runs: [run('c', 0, { exitCode: 0 })] }), ['start c 1 then 10s']],
  [
    'OnFailure restarts a failure',
    world({ pod: pod({ restartPolicy: 'OnFailure' }), runs: [run('c', 0, { exitCode: 1 })] }),
    ['start c 1 then 10s'],
  ],
  [
    'OnFailure leaves a success',
    world({ pod: pod({ restartPolicy: 'OnFailure' }), runs: [run('c', 0, { exitCode: 0 })] }),
    [],
  ],
  ['Never leaves a failure', world({ pod: pod({ restartPolicy: 'Never' }), runs: [run('c', 0, { exitCode: 1 })] }), []],
  [
    'OnFailure restarts what a probe had ended, even if it ended well',
    world({
      pod: pod({ restartPolicy: 'OnFailure' }),
      runs: [run('c', 0, { exitCode: 0 })],
      stops: { 'c-0': { why: 'unhealthy', killAtMs: NOW } },
    }),
    ['start c 1 then 10s'],
  ],
  [
    'runs but the last two are forgotten',
    world({
      runs: [run('c', 3), run('c', 0, { exitCode: 1 }), run('c', 2, { exitCode: 1 }), run('c', 1, { exitCode: 1 })],
    }),
    ['forget c-1', 'forget c-0'],
  ],
  [
    'a program that cannot be started is tried again after a while',
    world({ runs: [run('c', 0, { exitCode: 127, reason: 'StartError', message: 'not found', ageMs: 4 * SECOND })] }),
    ['wait 6s'],
  ],
  [
    'a failed pull is shown as such first',
    world({ failures: { c: { ...FAILED_PULL, atMs: NOW - SECOND, retryAtMs: NOW + 9 * SECOND } } }),
    ['wait 4s'],
  ],
  [
    'then it is backed off',
    world({ failures: { c: { ...FAILED_PULL, atMs: NOW - 6 * SECOND, retryAtMs: NOW + 4 * SECOND } } }),
    ['announce Back-off pulling image "busybox"', 'wait 4s'],
  ],
  [
    'then it is tried again',
    world({ failures: { c: { ...FAILED_PULL, atMs: NOW - 10 * SECOND, retryAtMs: NOW } } }),
    ['start c 0'],
  ],
  [
    'a failed liveness probe ends the container within the pod’s grace',
    world({
      pod: pod({ containers: [container('c', { livenessProbe: probe })] }),
      runs: [run('c', 0)],
      probes: { 'c-0': { liveness: false } },
    }),
    ['stop c-0 30s unhealthy: Container c failed liveness probe, will be restarted'],
  ],
  [
    'or within the probe’s own',
    world({
      pod: pod({ containers: [container('c', { livenessProbe: { ...probe, terminationGracePeriodSeconds: 2 } })] }),
      runs: [run('c', 0)],
      probes: { 'c-0': { liveness: false } },
    }),
    ['stop c-0 2s unhealthy: Container c failed liveness probe, will be restarted'],
  ],
  [
    'it is asked to end once',
    world({
      pod: pod({ containers: [container('c', { livenessProbe: probe })] }),
      runs: [run('c', 0)],
      probes: { 'c-0': { liveness: false } },
      stops: { 'c-0': { why: 'unhealthy', killAtMs: NOW + SECOND } },
    }),
    [],
  ],
  [
    'a failed startup probe with Never ends it for good',
    world({
      pod: pod({ restartPolicy: 'Never', containers: [container('c', { startupProbe: probe })] }),
      runs: [run('c', 0)],
      probes: { 'c-0': { startup: false } },
    }),
    ['stop c-0 30s unhealthy: Container c failed startup probe'],
  ],
  [
    'a failed readiness probe ends nothing',
    world({
      pod: pod({ containers: [container('c', { readinessProbe: probe })] }),
      runs: [run('c', 0)],
      probes: { 'c-0': { readiness: false } },
    }),
    [],
  ],
  [
    'a changed image replaces the container',
    world({ pod: pod({ containers: [container('c', { image: 'busybox:2' })] }), runs: [run('c', 0)] }),
    ['stop c-0 30s changed: Container c definition changed, will be restarted'],
  ],
  ['a deleted pod ends within its grace', world({ pod: pod({}, deleted(30)), runs: [run('c', 0)] }), [END]],
  [
    'a shorter grace that comes later counts',
    world({
      pod: pod({}, deleted(5)),
      runs: [run('c', 0)],
      stops: { 'c-0': { graceEndsMs: NOW + 20 * SECOND, killAtMs: NOW + 20 * SECOND } },
    }),
    ['terminate c-0 5s'],
  ],
  [
    'while it ends nothing more is done',
    world({
      pod: pod({}, deleted(30)),
      runs: [run('c', 0)],
      stops: { 'c-0': { why: 'podEnds', killAtMs: NOW + 20 * SECOND } },
    }),
    [],
  ],
  [
    'when it has ended the pod is finished',
    world({ pod: pod({}, deleted(30)), runs: [run('c', 0, { exitCode: 143 })] }),
    ['finishPod'],
  ],
  [
    'a deleted pod that never ran is finished at once',
    world({ pod: pod({}, deleted(30)), sandbox: undefined }),
    ['finishPod'],
  ],
  [
    'a pod that the API forgot ends within a second',
    world({ isGone: true, runs: [run('c', 0)] }),
    ['stop c-0 1s podEnds: Stopping container c'],
  ],
  ['and is tidied up', world({ isGone: true }), ['finishPod']],
  [
    'a pod that was failed by others ends',
    world({ pod: pod({}, {}, { phase: 'Failed' }), runs: [run('c', 0)] }),
    [END],
  ],
  [
    'the deadline is waited for',
    world({ pod: pod({ activeDeadlineSeconds: 60 }, {}, { startTime: '2026-01-01T00:09:30Z' }), runs: [run('c', 0)] }),
    ['wait 30s'],
  ],
  [
    'and ends the pod',
    world({ pod: pod({ activeDeadlineSeconds: 60 }, {}, { startTime: '2026-01-01T00:09:00Z' }), runs: [run('c', 0)] }),
    ['announceDeadline', END],
  ],
  ['init containers come one by one', world({ pod: pod({ initContainers: inits }) }), ['start one 0']],
  [
    'the next waits for the end of the one before',
    world({ pod: pod({ initContainers: inits }), runs: [run('one', 0)] }),
    [],
  ],
  [
    'the next follows a success',
    world({ pod: pod({ initContainers: inits }), runs: [run('one', 0, { exitCode: 0 })] }),
    ['start two 0'],
  ],
  [
    'a failed one is restarted',
    world({ pod: pod({ initContainers: inits }), runs: [run('one', 0, { exitCode: 1 })] }),
    ['start one 1 then 10s'],
  ],
  [
    'or fails the pod that is never restarted',
    world({ pod: pod({ restartPolicy: 'Never', initContainers: inits }), runs: [run('one', 0, { exitCode: 1 })] }),
    [],
  ],
  [
    'the main containers follow the last',
    world({ pod: pod({ initContainers: inits }), runs: inits.map(({ name }) => run(name, 0, { exitCode: 0 })) }),
    ['start c 0'],
  ],
  [
    'and do not need the init containers again',
    world({ pod: pod({ initContainers: inits }), runs: [run('c', 0, { exitCode: 1 })] }),
    ['start c 1 then 10s'],
  ],
  [
    'a sidecar that runs lets the next start',
    world({ pod: pod({ initContainers: [sidecar] }), runs: [run('side', 0)] }),
    ['start c 0'],
  ],
  [
    'but not before its startup probe has succeeded',
    world({ pod: pod({ initContainers: [{ ...sidecar, startupProbe: probe }] }), runs: [run('side', 0)] }),
    [],
  ],
  [
    'a sidecar is restarted beside the main container, whatever the policy',
    world({
      pod: pod({ restartPolicy: 'Never', initContainers: [sidecar] }),
      runs: [run('c', 0), run('side', 0, { exitCode: 0 })],
    }),
    ['start side 1 then 10s'],
  ],
  [
    'a container without a preStop hook is asked to end at once',
    world({
      pod: pod({}, deleted(30)),
      runs: [run('c', 0)],
      stops: { 'c-0': { graceEndsMs: NOW + 30 * SECOND } },
    }),
    ['terminate c-0 30s'],
  ],
  [
    'a preStop hook is waited for',
    world({
      pod: pod({}, deleted(30)),
      runs: [run('c', 0)],
      stops: { 'c-0': { graceEndsMs: NOW + 20 * SECOND, isInHook: true } },
    }),
    ['wait 20s'],
  ],
  [
    'what it has used up of the grace is gone',
    world({
      pod: pod({}, deleted(30)),
      runs: [run('c', 0)],
      stops: { 'c-0': { graceEndsMs: NOW + 20 * SECOND } },
    }),
    ['terminate c-0 20s'],
  ],
  [
    'but two seconds are left to end in any case',
    world({
      pod: pod({}, deleted(30)),
      runs: [run('c', 0)],
      stops: { 'c-0': { graceEndsMs: NOW + SECOND } },
    }),
    ['terminate c-0 2s'],
  ],
  [
    'also where the hook takes longer than the grace',
    world({ pod: pod({}, deleted(30)), runs: [run('c', 0)], stops: { 'c-0': { graceEndsMs: NOW, isInHook: true } } }),
    ['terminate c-0 2s'],
  ],
  [
    'a grace that is shortened during the hook counts',
    world({
      pod: pod({}, deleted(5)),
      runs: [run('c', 0)],
      stops: { 'c-0': { graceEndsMs: NOW + 20 * SECOND, isInHook: true } },
    }),
    ['shorten c-0 5s'],
  ],
  [
    'what is being ended for its probe goes on ending, whatever the probe says now',
    world({
      pod: pod({ containers: [container('c', { livenessProbe: probe })] }),
      runs: [run('c', 0)],
      probes: { 'c-0': { liveness: true } },
      stops: { 'c-0': { why: 'unhealthy', graceEndsMs: NOW + 5 * SECOND } },
    }),
    ['terminate c-0 5s'],
  ],
  [
    'a postStart hook holds up the containers after it',
    world({ pod: pod({ containers: [container('c'), container('d')] }), runs: [run('c', 0)], postStarts: HOOK }),
    [],
  ],
  [
    'but none that has started before',
    world({
      pod: pod({ containers: [container('b'), container('c'), container('d', { livenessProbe: probe })] }),
      runs: [run('b', 0, { exitCode: 1 }), run('c', 0), run('d', 0)],
      probes: { 'd-0': { liveness: false } },
      postStarts: HOOK,
    }),
    ['start b 1 then 10s', 'stop d-0 30s unhealthy: Container d failed liveness probe, will be restarted'],
  ],
  [
    'a postStart hook that failed ends its container',
    world({ runs: [run('c', 0)], postStarts: { 'c-0': { is: 'failed', message: 'no' } } }),
    ['stop c-0 30s hookFailed: FailedPostStartHook'],
  ],
  [
    'which is then restarted',
    world({
      runs: [run('c', 0, { exitCode: 143 })],
      postStarts: { 'c-0': { is: 'failed', message: 'no' } },
      stops: { 'c-0': { why: 'hookFailed' } },
    }),
    ['start c 1 then 10s'],
  ],
  [
    'a sidecar whose postStart hook is under way holds up the main containers',
    world({
      pod: pod({ initContainers: [sidecar] }),
      runs: [run('side', 0)],
      postStarts: { 'side-0': { is: 'underWay' } },
    }),
    [],
  ],
  [
    'all containers of a pod that ends are told at once',
    world({ pod: pod({ initContainers: [sidecar] }, deleted(30)), runs: [run('c', 0), run('side', 0)] }),
    [END, 'stop side-0 30s podEnds: Stopping container side'],
  ],
  [
    'but a sidecar is asked to end after the main containers',
    world({
      pod: pod({ initContainers: [sidecar] }, deleted(30)),
      runs: [run('c', 0), run('side', 0)],
      stops: { 'c-0': { graceEndsMs: NOW + 20 * SECOND }, 'side-0': { graceEndsMs: NOW + 20 * SECOND } },
    }),
    ['terminate c-0 20s', 'wait 20s'],
  ],
  [
    'with what is left of the grace',
    world({
      pod: pod({ initContainers: [sidecar] }, deleted(30)),
      runs: [run('c', 0, { exitCode: 143 }), run('side', 0)],
      stops: { 'side-0': { graceEndsMs: NOW + 12 * SECOND } },
    }),
    ['terminate side-0 12s'],
  ],
  [
    'of several sidecars the last one ends first',
    world({
      pod: pod({ initContainers: [sidecar, { ...sidecar, name: 'two' }] }, deleted(30)),
      runs: [run('side', 0), run('two', 0)],
      stops: { 'side-0': { graceEndsMs: NOW + 12 * SECOND }, 'two-0': { graceEndsMs: NOW + 12 * SECOND } },
    }),
    ['terminate two-0 12s', 'wait 12s'],
  ],
  [
    'a sidecar does not wait longer than the grace',
    world({
      pod: pod({ initContainers: [sidecar] }, deleted(30)),
      runs: [run('c', 0), run('side', 0)],
      stops: { 'c-0': { graceEndsMs: NOW, killAtMs: NOW + SECOND }, 'side-0': { graceEndsMs: NOW } },
    }),
    ['terminate side-0 2s'],
  ],
  [
    'a finished pod ends its sidecars',
    world({
      pod: pod({ restartPolicy: 'Never', initContainers: [sidecar] }),
      runs: [run('c', 0, { exitCode: 0 }), run('side', 0)],
    }),
    ['stop side-0 30s podEnds: Stopping container side'],
  ],
]

for (const [title, given, wanted] of rows) t.test(title, async (t) => t.strictSame(shown(given), wanted))
