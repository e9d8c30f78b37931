import t from 'tap'
import { podStatus } from '../../../kubelet/pod/status.ts'
import type { PodWorld } from '../../../kubelet/pod/world.ts'
import type { PodStatus } from '../../../shared/api/pod/pod.ts'
import { container, NOW, pod, probe, run, SECOND, world } from './worlds.ts'

const NODE = { ip: '127.1.1.1' }

/** A container's state in one word, with its reason and exit code. */
function stateText({
  state,
  lastState,
  restartCount,
  ready,
  started,
}: NonNullable<PodStatus['containerStatuses']>[number]) {
  const text = (given: typeof state) => {
    if (given?.running !== undefined) return 'running'
    if (given?.waiting !== undefined) return `waiting ${given.waiting.reason}`
    return given?.terminated === undefined ? '' : `${given.terminated.reason} ${given.terminated.exitCode}`
  }
  const last = text(lastState)
  return [
    text(state),
    ...(last === '' ? [] : [`after ${last}`]),
    `restarts ${restartCount}`,
    ...(started === true ? ['started'] : []),
    ...(ready ? ['ready'] : []),
  ].join(', ')
}

/** Phase, containers, and the conditions that are not True with their reasons. */
function shown(given: PodWorld): string[] {
  const { phase, reason, conditions = [], initContainerStatuses = [], containerStatuses = [] } = podStatus(given, NODE)
  return [
    reason === undefined ? phase! : `${phase} ${reason}`,
    ...[...initContainerStatuses, ...containerStatuses].map(stateText),
    ...conditions
      .filter(({ status }) => status !== 'True')
      .map(({ type, reason }) => `not ${type}${reason ? ` ${reason}` : ''}`),
  ]
}

const NOT_READY = ['not Ready ContainersNotReady', 'not ContainersReady ContainersNotReady']
const COMPLETED = ['not PodReadyToStartContainers', 'not Ready PodCompleted', 'not ContainersReady PodCompleted']
const FAILED = ['not PodReadyToStartContainers', 'not Ready PodFailed', 'not ContainersReady PodFailed']
const inits = [container('one')]
const sidecar = container('side', { restartPolicy: 'Always' })
const withReadiness = pod({ containers: [container('c', { readinessProbe: probe })] })
const deletion = { deletionTimestamp: '2026-01-01T00:10:30Z', deletionGracePeriodSeconds: 30 }

const rows: [title: string, given: PodWorld, wanted: string[]][] = [
  [
    'a new pod waits for its containers',
    world({ sandbox: undefined }),
    ['Pending', 'waiting ContainerCreating, restarts 0', 'not PodReadyToStartContainers', ...NOT_READY],
  ],
  ['a running pod is ready', world({ runs: [run('c', 0)] }), ['Running', 'running, restarts 0, started, ready']],
  [
    'it runs only when all its containers have been started',
    world({ pod: pod({ containers: [container('c'), container('d')] }), runs: [run('c', 0)] }),
    ['Pending', 'running, restarts 0, started, ready', 'waiting ContainerCreating, restarts 0', ...NOT_READY],
  ],
  [
    'a readiness probe without a result says no',
    world({ pod: withReadiness, runs: [run('c', 0)] }),
    ['Running', 'running, restarts 0, started', ...NOT_READY],
  ],
  [
    'a readiness probe that succeeds says yes',
    world({ pod: withReadiness, runs: [run('c', 0)], probes: { 'c-0': { readiness: true } } }),
    ['Running', 'running, restarts 0, started, ready'],
  ],
  [
    'without a startup there is no readiness',
    world({ pod: pod({ containers: [container('c', { startupProbe: probe })] }), runs: [run('c', 0)] }),
    ['Running', 'running, restarts 0', ...NOT_READY],
  ],
  [
    'an ended container that is about to be restarted shows how it ended',
    world({ runs: [run('c', 0, { exitCode: 7 })] }),
    ['Running', 'Error 7, restarts 0', ...NOT_READY],
  ],
  [
    'in a crash loop it shows what it waits for',
    world({
      runs: [run('c', 2, { exitCode: 7 })],
      backOffs: { c: { delayMs: 20 * SECOND, sinceMs: NOW - 6 * SECOND } },
    }),
    ['Running', 'waiting CrashLoopBackOff, after Error 7, restarts 2', ...NOT_READY],
  ],
  [
    'after a restart it shows the run before',
    world({ runs: [run('c', 0, { exitCode: 137 }), run('c', 1)] }),
    ['Running', 'running, after Error 137, restarts 1, started, ready'],
  ],
  [
    'a program that could not be started',
    world({ runs: [run('c', 0, { exitCode: 127, reason: 'StartError', message: 'not found' })] }),
    ['Running', 'waiting RunContainerError, after StartError 127, restarts 0', ...NOT_READY],
  ],
  [
    'a container does not count as running before its postStart hook has succeeded',
    world({ runs: [run('c', 0)], postStarts: { 'c-0': { is: 'underWay' } } }),
    ['Pending', 'waiting ContainerCreating, restarts 0', ...NOT_READY],
  ],
  [
    'a postStart hook that failed, after a run that had ended',
    world({
      runs: [run('c', 0, { exitCode: 143 }), run('c', 1)],
      postStarts: { 'c-1': { is: 'failed', message: 'no' } },
    }),
    ['Running', 'waiting PostStartHookError, after Error 143, restarts 1', ...NOT_READY],
  ],
  [
    'an image that is missing',
    world({
      failures: {
        c: { reason: 'ErrImageNeverPull', message: 'no', atMs: NOW, retryAtMs: NOW + SECOND, delayMs: SECOND },
      },
    }),
    ['Pending', 'waiting ErrImageNeverPull, restarts 0', ...NOT_READY],
  ],
  [
    'a run that nobody saw the end of',
    world({ pod: pod({ restartPolicy: 'Never' }), runs: [run('c', 0, { exitCode: 137, lost: true })] }),
    ['Failed', 'ContainerStatusUnknown 137, restarts 0', ...FAILED],
  ],
  [
    'Never: success',
    world({ pod: pod({ restartPolicy: 'Never' }), runs: [run('c', 0, { exitCode: 0 })] }),
    ['Succeeded', 'Completed 0, restarts 0', ...COMPLETED],
  ],
  [
    'Never: failure',
    world({ pod: pod({ restartPolicy: 'Never' }), runs: [run('c', 0, { exitCode: 3 })] }),
    ['Failed', 'Error 3, restarts 0', ...FAILED],
  ],
  [
    'one of two has ended: the pod runs on',
    world({
      pod: pod({ restartPolicy: 'Never', containers: [container('c'), container('d')] }),
      runs: [run('c', 0, { exitCode: 0 }), run('d', 0)],
    }),
    ['Running', 'Completed 0, restarts 0', 'running, restarts 0, started, ready', ...NOT_READY],
  ],
  [
    'init containers come first',
    world({ pod: pod({ initContainers: inits }), runs: [run('one', 0)] }),
    [
      'Pending',
      'running, restarts 0, started',
      'waiting PodInitializing, restarts 0',
      'not Initialized ContainersNotInitialized',
      ...NOT_READY,
    ],
  ],
  [
    'a failed init container fails the pod that is never restarted',
    world({ pod: pod({ restartPolicy: 'Never', initContainers: inits }), runs: [run('one', 0, { exitCode: 1 })] }),
    [
      'Failed',
      'Error 1, restarts 0',
      'waiting PodInitializing, restarts 0',
      FAILED[0]!,
      'not Initialized ContainersNotInitialized',
      ...FAILED.slice(1),
    ],
  ],
  [
    'a sidecar counts for readiness',
    world({
      pod: pod({ initContainers: [{ ...sidecar, readinessProbe: probe }] }),
      runs: [run('side', 0), run('c', 0)],
    }),
    ['Running', 'running, restarts 0, started', 'running, restarts 0, started, ready', ...NOT_READY],
  ],
  [
    'a pod does not end before its sidecar does',
    world({
      pod: pod({ restartPolicy: 'Never', initContainers: [sidecar] }),
      runs: [run('side', 0), run('c', 0, { exitCode: 0 })],
    }),
    ['Running', 'running, restarts 0, started, ready', 'Completed 0, restarts 0', ...NOT_READY],
  ],
  [
    'past its deadline a pod fails when nothing runs any more',
    world({
      pod: pod({ activeDeadlineSeconds: 60 }, {}, { startTime: '2026-01-01T00:09:00Z' }),
      runs: [run('c', 0, { exitCode: 143 })],
    }),
    ['Failed DeadlineExceeded', 'Error 143, restarts 0', ...FAILED],
  ],
  [
    'while it is ending a deleted pod keeps its phase',
    world({ pod: pod({}, deletion), runs: [run('c', 0)] }),
    ['Running', 'running, restarts 0, started, ready'],
  ],
  [
    'a deleted pod whose container failed has failed',
    world({ pod: pod({}, deletion), runs: [run('c', 0, { exitCode: 143 })] }),
    ['Failed', 'Error 143, restarts 0', ...FAILED],
  ],
  [
    'and has succeeded otherwise',
    world({ pod: pod({}, deletion), runs: [run('c', 0, { exitCode: 0 })] }),
    ['Succeeded', 'Completed 0, restarts 0', ...COMPLETED],
  ],
  [
    'a phase that has been reported stays',
    world({
      pod: pod({ activeDeadlineSeconds: 60 }, {}, { phase: 'Succeeded', startTime: '2026-01-01T00:00:00Z' }),
      runs: [run('c', 0, { exitCode: 0, ageMs: 590 * SECOND })],
    }),
    ['Succeeded', 'Completed 0, restarts 0', ...COMPLETED],
  ],
]

for (const [title, given, wanted] of rows) t.test(title, async (t) => t.strictSame(shown(given), wanted))

t.test('the whole status of a running pod', async (t) => {
  t.strictSame(podStatus(world({ pod: pod({}, { generation: 2 }), runs: [run('c', 0)] }), NODE), {
    observedGeneration: 2,
    phase: 'Running',
    hostIP: '127.1.1.1',
    hostIPs: [{ ip: '127.1.1.1' }],
    podIP: '127.1.1.2',
    podIPs: [{ ip: '127.1.1.2' }],
    startTime: '2026-01-01T00:09:50Z',
    conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(
      (type) => ({
        type,
        status: 'True',
        lastTransitionTime: '2026-01-01T00:10:00Z',
      }),
    ),
    containerStatuses: [
      {
        name: 'c',
        state: { running: { startedAt: '2026-01-01T00:09:55Z' } },
        lastState: {},
        ready: true,
        restartCount: 0,
        image: 'busybox',
        imageID: 'sha256:1',
        containerID: 'process://c-0',
        resources: {},
        started: true,
      },
    ],
  })
})

t.test('a container’s ID names the runtime of its node', async (t) => {
  const runtimeVersion = 'namespaces://0.1.0'
  const [status] = podStatus(world({ runtimeVersion, runs: [run('c', 1), run('c', 0, { exitCode: 1 })] }), NODE)
    .containerStatuses!
  t.match(status, { containerID: 'namespaces://c-1', lastState: { terminated: { containerID: 'namespaces://c-0' } } })
})

t.test('a container has what its spec asks for', async (t) => {
  const asks = container('c', {
    resources: { requests: { cpu: '1' }, limits: { cpu: '2' } },
    volumeMounts: [
      { name: 'a', mountPath: '/a' },
      { name: 'b', mountPath: '/b', readOnly: true },
    ],
  })
  t.match(podStatus(world({ pod: pod({ containers: [asks] }), runs: [run('c', 0)] }), NODE).containerStatuses, [
    {
      allocatedResources: { cpu: '1' },
      resources: { requests: { cpu: '1' }, limits: { cpu: '2' } },
      volumeMounts: [
        { name: 'a', mountPath: '/a' },
        { name: 'b', mountPath: '/b', readOnly: true, recursiveReadOnly: 'Disabled' },
      ],
    },
  ])
})

t.test('a pod that was not taken on has a verdict and nothing else', async (t) => {
  const rejection = { reason: 'OutOfcpu', message: 'no' }
  t.strictSame(podStatus(world({ rejection }), NODE), {
    phase: 'Failed',
    reason: 'OutOfcpu',
    message: 'Pod was rejected: no',
    startTime: '2026-01-01T00:09:50Z',
  })
})

t.test('messages are upstream’s', async (t) => {
  const { containerStatuses, conditions } = podStatus(
    world({
      runs: [run('c', 2, { exitCode: 7 })],
      backOffs: { c: { delayMs: 80 * SECOND, sinceMs: NOW - 6 * SECOND } },
    }),
    NODE,
  )
  t.equal(
    containerStatuses?.[0]?.state.waiting?.message,
    'back-off 1m20s restarting failed container=c pod=crash_default(f1f1f1f1-0000-4000-8000-000000000001)',
  )
  t.equal(conditions?.find(({ type }) => type === 'Ready')?.message, 'containers with unready status: [c]')
})

t.test('a condition keeps the time of its last change', async (t) => {
  const condition = (status: 'True' | 'False', lastTransitionTime: string) => ({
    conditions: [{ type: 'Ready', status, lastTransitionTime }],
  })
  const time = (stored: PodStatus, lastStatus?: PodStatus) =>
    podStatus(world({ pod: pod({}, {}, stored), lastStatus, runs: [run('c', 0)] }), NODE).conditions?.find(
      ({ type }) => type === 'Ready',
    )?.lastTransitionTime
  t.equal(time(condition('True', '2026-01-01T00:01:00Z')), '2026-01-01T00:01:00Z', 'as the API has it')
  t.equal(
    time(condition('False', '2026-01-01T00:01:00Z')),
    '2026-01-01T00:10:00Z',
    'now, where the API has another status',
  )
  t.equal(
    time(condition('False', '2026-01-01T00:01:00Z'), condition('True', '2026-01-01T00:02:00Z')),
    '2026-01-01T00:02:00Z',
    'as computed before, while the API has not heard of it',
  )
  t.equal(
    time(condition('False', '2026-01-01T00:03:00Z'), condition('True', '2026-01-01T00:02:00Z')),
    '2026-01-01T00:10:00Z',
    'now, where somebody else has changed it since',
  )
})

t.test('a readiness gate holds back Ready alone', async (t) => {
  const gated = pod({ readinessGates: [{ conditionType: 'x/y' }] })
  t.strictSame(shown(world({ pod: gated, runs: [run('c', 0)] })).slice(2), ['not Ready ReadinessGatesNotReady'])
})
