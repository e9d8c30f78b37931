import t from 'tap'
import type { PodWorld } from '../../../kubelet/pod/world.ts'
import { container, NOW, pod, probe, run, SECOND, shown, world } from './worlds.ts'

const FAILED_PULL = { reason: 'ErrImagePull', message: 'no', delayMs: 10 * SECOND } as const
const BACK_OFF =
  'announce Back-off restarting failed container c in pod crash_default(f1f1f1f1-0000-4000-8000-000000000001)'
const sidecar = container('side', { restartPolicy: 'Always' })
const inits = [container('one'), container('two')]
const BEFORE = { generation: 'before' }
const HOOK = { 'c-0': { is: 'underWay' } } as const

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
    'but run again where the sandbox with what they have done is lost',
    world({
      pod: pod({ initContainers: inits }),
      runs: [
        ...inits.map(({ name }) => run(name, 0, { exitCode: 0, annotations: BEFORE })),
        run('c', 0, { exitCode: 137, annotations: BEFORE }),
      ],
    }),
    ['start one 1 then 10s'],
  ],
  [
    'and then the main containers',
    world({
      pod: pod({ initContainers: [inits[0]!] }),
      runs: [run('one', 1, { exitCode: 0 }), run('c', 0, { exitCode: 137, annotations: BEFORE })],
    }),
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
    'a postStart hook holds up the containers after it',
    world({ pod: pod({ containers: [container('c'), container('d')] }), runs: [run('c', 0)], postStarts: HOOK }),
    [],
  ],
  [
    'from its very start on',
    world({
      pod: pod({
        containers: [container('c', { lifecycle: { postStart: { sleep: { seconds: 1 } } } }), container('d')],
      }),
    }),
    ['start c 0'],
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
]

for (const [title, given, wanted] of rows) t.test(title, async (t) => t.strictSame(shown(given), wanted))
