import t from 'tap'
import { lostRuns } from '../../../kubelet/pod/lost-runs.ts'
import type { ContainerStatus } from '../../../shared/api/pod/pod.ts'
import { NOW, pod, run } from './worlds.ts'

const status = (fields: Partial<ContainerStatus>): ContainerStatus => ({
  name: 'c',
  state: {},
  lastState: {},
  ready: false,
  restartCount: 2,
  image: 'busybox',
  imageID: '',
  containerID: 'namespaces://old',
  ...fields,
})
const ended = { exitCode: 3, reason: 'Error', startedAt: '2026-01-01T00:01:00Z', finishedAt: '2026-01-01T00:02:00Z' }
const lost = (fields: Partial<ContainerStatus>, known = [run('d', 0)]) =>
  lostRuns(pod({}, {}, { containerStatuses: [status(fields)] }), known, NOW).map(
    ({ id, attempt, exitCode, reason, finishedAtMs }) => ({ id, attempt, exitCode, reason, finishedAtMs }),
  )

t.test('a run that is known is not lost', async (t) => {
  t.strictSame(lost({ state: { running: {} } }, [run('c', 2)]), [])
})
t.test('a container that has never run is not lost', async (t) => {
  t.strictSame(lost({ state: { waiting: { reason: 'ContainerCreating' } } }), [])
})
t.test('what ran has ended in an unknown way, and its restart count goes on', async (t) => {
  t.strictSame(lost({ state: { running: { startedAt: '2026-01-01T00:01:00Z' } } }), [
    { id: 'old', attempt: 2, exitCode: 137, reason: 'ContainerStatusUnknown', finishedAtMs: NOW },
  ])
})
const known = [{ id: 'old', attempt: 2, exitCode: 3, reason: 'Error', finishedAtMs: Date.parse(ended.finishedAt) }]
t.test('what had ended has ended as it had', async (t) => {
  t.strictSame(lost({ state: { terminated: ended } }), known)
})
t.test('also in a crash loop', async (t) => {
  t.strictSame(lost({ state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: ended } }), known)
})
