import t, { type Test } from 'tap'
import type { Outcome } from '../../../kubelet/probes/outcome.ts'
import { type ProbeKind, Prober } from '../../../kubelet/probes/prober.ts'
import type { Container, Probe } from '../../../shared/api/pod/pod.ts'
import { createFakeClock, settle } from '../../support/fake-clock.ts'
import { container } from '../pod/worlds.ts'

const every = (periodSeconds: number, fields: Partial<Probe> = {}): Probe => ({
  timeoutSeconds: 1,
  periodSeconds,
  successThreshold: 1,
  failureThreshold: 3,
  ...fields,
})
const FAILURE: Outcome = { is: 'failure', message: 'no' }

/** A prober on a stepped clock; `log` holds what happened, with the seconds since the start. */
async function start(
  t: Test,
  fields: Partial<Container>,
  { answer, jitter = 0, isStarted = false }: { answer(seconds: number): Outcome; jitter?: number; isStarted?: boolean },
) {
  const clock = createFakeClock()
  const startMs = clock.nowMs()
  const seconds = () => (clock.nowMs() - startMs) / 1000
  const log: string[] = []
  const probes = container('c', fields)
  const kindOf = (probe: Probe): ProbeKind =>
    probe === probes.startupProbe ? 'startup' : probe === probes.livenessProbe ? 'liveness' : 'readiness'
  const prober = new Prober({
    container: probes,
    startedAtMs: startMs,
    jitter,
    clock,
    async check(probe) {
      log.push(`${seconds()} ${kindOf(probe)}?`)
      return answer(seconds())
    },
    onTrouble: (kind, { is }) => log.push(`${seconds()} ${kind} ${is}`),
    onVerdict: (kind, success) => log.push(`${seconds()} ${kind} ${success ? 'yes' : 'no'}`),
  })
  t.teardown(() => prober.stop())
  prober.start({ isStarted })
  // The loops begin.
  await settle()
  return { clock, prober, log }
}

t.test('the first check comes after the initial delay, the others period by period', async (t) => {
  const { clock, log } = await start(
    t,
    { readinessProbe: every(2, { initialDelaySeconds: 3 }) },
    { answer: () => ({ is: 'success' }) },
  )
  await clock.advance(7_000)
  t.strictSame(log, [
    '3 readiness?',
    '3 readiness yes',
    '5 readiness?',
    '5 readiness yes',
    '7 readiness?',
    '7 readiness yes',
  ])
})

t.test('every failure is told, enough of them decide, and a dead container is not asked again', async (t) => {
  const { clock, log } = await start(t, { livenessProbe: every(1) }, { answer: () => FAILURE })
  await clock.advance(10_000)
  const told = [0, 1, 2].flatMap((second) => [`${second} liveness?`, `${second} liveness failure`])
  t.strictSame(log, [...told, '2 liveness no'])
  t.equal(clock.pending, 0)
})

t.test('a readiness probe goes on after it has failed', async (t) => {
  const { clock, log } = await start(
    t,
    { readinessProbe: every(1, { failureThreshold: 1 }) },
    { answer: (seconds) => (seconds === 1 ? FAILURE : { is: 'success' }) },
  )
  await clock.advance(2_000)
  t.strictSame(
    log.filter((line) => !line.endsWith('?')),
    ['0 readiness yes', '1 readiness failure', '1 readiness no', '2 readiness yes'],
  )
})

t.test('a check that cannot be made is told and counts for nothing', async (t) => {
  const { clock, log } = await start(
    t,
    { livenessProbe: every(1, { failureThreshold: 1 }) },
    { answer: () => ({ is: 'error', message: 'x' }) },
  )
  await clock.advance(1_000)
  t.strictSame(log, ['0 liveness?', '0 liveness error', '1 liveness?', '1 liveness error'])
})

t.test('the other probes wait for the startup probe, which then rests', async (t) => {
  const { clock, log } = await start(
    t,
    { startupProbe: every(1), livenessProbe: every(5), readinessProbe: every(5) },
    { answer: (seconds) => (seconds < 2 ? FAILURE : { is: 'success' }) },
  )
  await clock.advance(4_000)
  t.strictSame(
    log.filter((line) => line.endsWith('?')),
    ['0 startup?', '1 startup?', '2 startup?', '2 liveness?', '2 readiness?'],
  )
})

t.test('a container that has started before is not asked again whether it has', async (t) => {
  const { log } = await start(
    t,
    { startupProbe: every(1), livenessProbe: every(5) },
    { answer: () => ({ is: 'success' }), isStarted: true },
  )
  t.strictSame(log, ['0 liveness?', '0 liveness yes'])
})

t.test('the first checks after a restart of the kubelet are spread over a period', async (t) => {
  const { clock, log } = await start(
    t,
    { livenessProbe: every(10) },
    { answer: () => ({ is: 'success' }), jitter: 0.5 },
  )
  await clock.advance(14_000)
  t.strictSame(log, ['5 liveness?', '5 liveness yes'])
})

t.test('of a run that is being ended only whether it serves is asked', async (t) => {
  const { clock, prober, log } = await start(
    t,
    { livenessProbe: every(1), readinessProbe: every(1) },
    { answer: () => ({ is: 'success' }) },
  )
  prober.decide()
  await clock.advance(1_000)
  t.strictSame(log.slice(-2), ['1 readiness?', '1 readiness yes'])
  t.notOk(log.includes('1 liveness?'))
})

t.test('a warning is told and counts as a success', async (t) => {
  const { log } = await start(t, { readinessProbe: every(1) }, { answer: () => ({ is: 'warning', message: 'x' }) })
  t.strictSame(log, ['0 readiness?', '0 readiness warning', '0 readiness yes'])
})

t.test('a stopped prober asks nothing more', async (t) => {
  const { clock, prober, log } = await start(t, { livenessProbe: every(1) }, { answer: () => ({ is: 'success' }) })
  prober.stop()
  await clock.advance(5_000)
  t.equal(log.length, 2)
  t.equal(clock.pending, 0)
})
