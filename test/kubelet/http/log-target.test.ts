import t from 'tap'
import { refusalOf } from '../../../kubelet/http/authorize.ts'
import { parseLogOptions } from '../../../kubelet/http/log-options.ts'
import { findLogTarget } from '../../../kubelet/http/log-target.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'

type Status = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]

const podOf = (status: Partial<Status> | undefined): Pod =>
  ({
    metadata: { name: 'x', namespace: 'default' },
    spec: { containers: [{ name: 'kubia' }], initContainers: [{ name: 'init' }] },
    status: {
      ...(status !== undefined && { containerStatuses: [{ name: 'kubia', state: {}, lastState: {}, ...status }] }),
      initContainerStatuses: [
        { name: 'init', state: { terminated: { exitCode: 0, containerID: 'process://i' } }, lastState: {} },
      ],
    },
  }) as unknown as Pod

const ended = (containerID?: string) => ({ terminated: { exitCode: 1, ...(containerID && { containerID }) } })
const running = { running: { startedAt: '2026-11-24T02:25:30Z' } }
const waiting = (reason: string) => ({ waiting: { reason } })

const cases: {
  title: string
  status?: Partial<Status>
  container?: string
  previous?: boolean
  run?: string
  message?: string
  code?: number
}[] = [
  { title: 'running', status: { state: running, containerID: 'process://2' }, run: 'process://2' },
  { title: 'terminated', status: { state: ended('process://2') }, run: 'process://2' },
  {
    title: 'in back-off',
    status: { state: waiting('CrashLoopBackOff'), lastState: ended('process://1') },
    run: 'process://1',
  },
  {
    title: 'a start that failed, after a run',
    status: { state: ended(), lastState: ended('process://1') },
    run: 'process://1',
  },
  {
    title: 'previous',
    status: { state: running, lastState: ended('process://1') },
    previous: true,
    run: 'process://1',
  },
  { title: 'an init container', container: 'init', run: 'process://i' },
  {
    title: 'no previous run',
    status: { state: running, containerID: 'process://2' },
    previous: true,
    message: 'previous terminated container "kubia" in pod "x" not found',
  },
  { title: 'a start that failed', status: { state: ended() }, message: 'container "kubia" in pod "x" is terminated' },
  {
    title: 'creating',
    status: { state: waiting('ContainerCreating') },
    message: 'container "kubia" in pod "x" is waiting to start: ContainerCreating',
  },
  {
    title: 'no image',
    status: { state: waiting('ErrImagePull') },
    message: 'container "kubia" in pod "x" is waiting to start: image can\'t be pulled',
  },
  {
    title: 'no image again',
    status: { state: waiting('ImagePullBackOff') },
    message: 'container "kubia" in pod "x" is waiting to start: trying and failing to pull image',
  },
  { title: 'no state', status: {}, message: 'container "kubia" in pod "x" is waiting to start - no logs yet' },
  { title: 'no status', message: 'container "kubia" in pod "x" is not available' },
  { title: 'no such container', container: 'y', code: 404, message: 'container "y" not found in pod "x_default"' },
]
for (const { title, status, container = 'kubia', previous = false, run, message, code = 400 } of cases) {
  t.test(title, async (t) => {
    const wanted = run === undefined ? { is: 'refused', status: code, message } : { is: 'run', containerId: run }
    t.strictSame(findLogTarget(podOf(status), { container, previous }), wanted)
  })
}

t.test('options', async (t) => {
  const nowMs = Date.parse('2026-11-24T02:00:10Z')
  const none = { follow: false, previous: false, timestamps: false }
  t.strictSame(parseLogOptions({}, nowMs), none)
  t.strictSame(
    parseLogOptions({ follow: 'true', previous: '1', timestamps: 'false', tailLines: '0', limitBytes: '7' }, nowMs),
    {
      ...none,
      follow: true,
      previous: true,
      tailLines: 0,
      limitBytes: 7,
    },
  )
  t.equal(parseLogOptions({ sinceSeconds: '10' }, nowMs)?.sinceMs, Date.parse('2026-11-24T02:00:00Z'))
  t.equal(
    parseLogOptions({ sinceTime: '2026-11-24T04:00:00+02:00' }, nowMs)?.sinceMs,
    Date.parse('2026-11-24T02:00:00Z'),
  )
  for (const query of [
    { tailLines: '-1' },
    { tailLines: 'all' },
    { limitBytes: '0' },
    { sinceSeconds: '1.5' },
    { sinceTime: 'yesterday' },
    { sinceSeconds: '1', sinceTime: '2026-11-24T02:00:00Z' },
  ]) {
    t.equal(parseLogOptions(query, nowMs), undefined, JSON.stringify(query))
  }
})

t.test('who may ask', async (t) => {
  t.strictSame(refusalOf(undefined, 'verb=get'), { status: 401, message: 'Unauthorized' })
  t.equal(refusalOf({ CN: 'kube-apiserver-kubelet-client' }, 'verb=get'), undefined)
  t.equal(refusalOf({ CN: 'kubernetes-admin' }, 'verb=get')?.status, 403, 'not even an administrator')
  t.equal(refusalOf({ CN: ['kube-apiserver-kubelet-client', 'me'] }, 'verb=get')?.status, 403, 'not under two names')
  t.strictSame(refusalOf({ CN: 'system:node:node-1' }, 'verb=get, resource=nodes'), {
    status: 403,
    message: 'Forbidden (user=system:node:node-1, verb=get, resource=nodes)',
  })
})
