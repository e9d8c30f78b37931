import t from 'tap'
import type { ContainerState, ContainerStatus, Pod, PodSpec, PodStatus } from '../../../../shared/api/pod/pod.ts'
import { podColumns } from '../../../../shared/api/pod/pod-columns.ts'
import { type Partly, podOf } from '../../../support/pods.ts'

const NOW_MS = Date.parse('2026-01-01T00:01:00Z')
const CREATED = '2026-01-01T00:00:00Z'

const cellsOf = (pod: Pod) => podColumns.map(({ cell }) => cell(pod, NOW_MS))

/** READY STATUS RESTARTS, as `kubectl get pods` prints them. */
const line = (pod: Pod) => cellsOf(pod).slice(1, 4).join(' ')

const status = (name: string, state: Partly<ContainerState>, more: Partly<ContainerStatus> = {}): ContainerStatus => ({
  ...({ name, image: 'x', imageID: '', ready: false, restartCount: 0, lastState: {} } as const),
  ...({ state, ...more } as Pick<ContainerStatus, 'state'>),
})

const running = (name: string, more: Partly<ContainerStatus> = {}) =>
  status(name, { running: {} }, { ready: true, started: true, ...more })
const waiting = (name: string, reason: string, more: Partly<ContainerStatus> = {}) =>
  status(name, { waiting: { reason } }, more)
const ended = (name: string, terminated: Partly<ContainerState['terminated']>) => status(name, { terminated } as never)

const names = (...all: string[]) => all.map((name) => ({ name, image: 'x' }))
const sidecar = { name: 's', image: 'x', restartPolicy: 'Always' }

interface World {
  metadata?: Partly<Pod['metadata']>
  spec?: Partly<PodSpec>
  status?: Partly<PodStatus>
}

const ready = { type: 'Ready', status: 'True' } as const
const restartedAt = { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:00:45Z' } }
const deleted = { deletionTimestamp: '2026-01-01T00:00:30Z' }
const two = { containers: names('a', 'b') }

const worlds: [title: string, world: World, wanted: string][] = [
  ['nothing known', { status: { phase: 'Pending' } }, '0/1 Pending 0'],
  ['running', { status: { phase: 'Running', containerStatuses: [running('c')] } }, '1/1 Running 0'],
  [
    'starting',
    { status: { phase: 'Pending', containerStatuses: [waiting('c', 'ContainerCreating')] } },
    '0/1 ContainerCreating 0',
  ],
  [
    'restarted',
    {
      status: {
        phase: 'Running',
        containerStatuses: [running('c', { restartCount: 2, lastState: restartedAt })],
      },
    },
    '1/1 Running 2 (15s ago)',
  ],
  [
    'crashing',
    {
      status: {
        phase: 'Running',
        containerStatuses: [waiting('c', 'CrashLoopBackOff', { restartCount: 3, lastState: restartedAt })],
      },
    },
    '0/1 CrashLoopBackOff 3 (15s ago)',
  ],
  [
    'done',
    { status: { phase: 'Succeeded', containerStatuses: [ended('c', { exitCode: 0, reason: 'Completed' })] } },
    '0/1 Completed 0',
  ],
  [
    'failed',
    { status: { phase: 'Failed', containerStatuses: [ended('c', { exitCode: 1, reason: 'Error' })] } },
    '0/1 Error 0',
  ],
  [
    'ended without a reason',
    { status: { phase: 'Failed', containerStatuses: [ended('c', { exitCode: 3 })] } },
    '0/1 ExitCode:3 0',
  ],
  [
    'ended by a signal',
    { status: { phase: 'Failed', containerStatuses: [ended('c', { exitCode: 137, signal: 9 })] } },
    '0/1 Signal:9 0',
  ],
  [
    'one of two done, the pod ready',
    {
      spec: two,
      status: {
        phase: 'Running',
        conditions: [ready],
        containerStatuses: [ended('a', { exitCode: 0, reason: 'Completed' }), running('b')],
      },
    },
    '1/2 Running 0',
  ],
  [
    'one of two done, the pod not ready',
    {
      spec: two,
      status: {
        phase: 'Running',
        containerStatuses: [ended('a', { exitCode: 0, reason: 'Completed' }), running('b')],
      },
    },
    '1/2 NotReady 0',
  ],
  [
    'the first container’s reason counts',
    {
      spec: two,
      status: { phase: 'Running', containerStatuses: [waiting('a', 'ErrImagePull'), waiting('b', 'CrashLoopBackOff')] },
    },
    '0/2 ErrImagePull 0',
  ],
  [
    'gated',
    {
      status: {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
      },
    },
    '0/1 SchedulingGated 0',
  ],
  ['evicted', { status: { phase: 'Failed', reason: 'Evicted' } }, '0/1 Evicted 0'],
  [
    'being deleted',
    { metadata: deleted, status: { phase: 'Running', containerStatuses: [running('c')] } },
    '1/1 Terminating 0',
  ],
  [
    'done and being deleted',
    {
      metadata: deleted,
      status: { phase: 'Succeeded', containerStatuses: [ended('c', { exitCode: 0, reason: 'Completed' })] },
    },
    '0/1 Completed 0',
  ],
  [
    'on a lost node',
    { metadata: deleted, status: { phase: 'Running', reason: 'NodeLost', containerStatuses: [running('c')] } },
    '1/1 Unknown 0',
  ],
  [
    'initializing',
    {
      spec: { initContainers: names('i', 'j') },
      status: {
        phase: 'Pending',
        initContainerStatuses: [ended('i', { exitCode: 0 }), running('j')],
        containerStatuses: [waiting('c', 'PodInitializing')],
      },
    },
    '0/1 Init:1/2 0',
  ],
  [
    'waiting to initialize',
    {
      spec: { initContainers: names('i') },
      status: { phase: 'Pending', initContainerStatuses: [waiting('i', 'PodInitializing')] },
    },
    '0/1 Init:0/1 0',
  ],
  [
    'initialization cannot start',
    {
      spec: { initContainers: names('i') },
      status: { phase: 'Pending', initContainerStatuses: [waiting('i', 'ImagePullBackOff')] },
    },
    '0/1 Init:ImagePullBackOff 0',
  ],
  [
    'initialization failed',
    {
      spec: { initContainers: names('i') },
      status: { phase: 'Pending', initContainerStatuses: [ended('i', { exitCode: 2 })] },
    },
    '0/1 Init:ExitCode:2 0',
  ],
  [
    'initialization was killed',
    {
      spec: { initContainers: names('i') },
      status: { phase: 'Pending', initContainerStatuses: [ended('i', { exitCode: 137, signal: 9 })] },
    },
    '0/1 Init:Signal:9 0',
  ],
  [
    'a sidecar counts',
    {
      spec: { initContainers: [sidecar] },
      status: {
        phase: 'Running',
        initContainerStatuses: [running('s', { restartCount: 1, lastState: restartedAt })],
        containerStatuses: [running('c', { restartCount: 1 })],
      },
    },
    '2/2 Running 2 (15s ago)',
  ],
  [
    'a sidecar that has not started',
    {
      spec: { initContainers: [sidecar] },
      status: { phase: 'Pending', initContainerStatuses: [running('s', { started: false })] },
    },
    '0/2 Init:0/1 0',
  ],
  [
    'restarts of ended init containers no longer count',
    {
      spec: { initContainers: names('i') },
      status: {
        phase: 'Running',
        initContainerStatuses: [{ ...ended('i', { exitCode: 0 }), restartCount: 4 }],
        containerStatuses: [running('c')],
      },
    },
    '1/1 Running 0',
  ],
]

for (const [title, world, wanted] of worlds) {
  t.test(title, async (t) => t.equal(line(podOf(world)), wanted))
}

t.test('the columns of kubectl get pods -o wide', async (t) => {
  t.strictSame(
    podColumns.map(({ name, type, format, priority }) => [name, type, format ?? '', priority ?? 0]),
    [
      ['Name', 'string', 'name', 0],
      ['Ready', 'string', '', 0],
      ['Status', 'string', '', 0],
      ['Restarts', 'string', '', 0],
      ['Age', 'string', '', 0],
      ['IP', 'string', '', 1],
      ['Node', 'string', '', 1],
      ['Nominated Node', 'string', '', 1],
      ['Readiness Gates', 'string', '', 1],
    ],
  )
  const pod = podOf({
    metadata: { creationTimestamp: CREATED },
    spec: { nodeName: 'n', readinessGates: [{ conditionType: 'a' }, { conditionType: 'b' }] },
    status: { phase: 'Running', podIP: '10.0.0.1', conditions: [{ type: 'a', status: 'True' }] },
  })
  t.strictSame(cellsOf(pod), ['p', '0/1', 'Running', '0', '60s', '10.0.0.1', 'n', '<none>', '1/2'])
  t.strictSame(cellsOf(podOf()).slice(5), ['<none>', '<none>', '<none>', '<none>'])
})
