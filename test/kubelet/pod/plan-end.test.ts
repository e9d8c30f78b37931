/** How the plan ends containers and pods. */
import t from 'tap'
import type { PodWorld } from '../../../kubelet/pod/world.ts'
import { container, NOW, pod, probe, run, SECOND, shown, world } from './worlds.ts'

const deleted = (graceSeconds: number) => ({
  deletionTimestamp: '2026-01-01T00:10:30Z',
  deletionGracePeriodSeconds: graceSeconds,
})
const sidecar = container('side', { restartPolicy: 'Always' })
const END = 'stop c-0 30s podEnds: Stopping container c'

const rows: [title: string, given: PodWorld, wanted: string[]][] = [
  [
    'a pod that the node does not take on is left alone',
    world({ rejection: { reason: 'OutOfcpu', message: 'no' } }),
    [],
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
