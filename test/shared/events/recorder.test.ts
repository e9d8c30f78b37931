import t, { type Test } from 'tap'
import type { Event } from '../../../shared/api/event.ts'
import type { Client } from '../../../shared/client/client.ts'
import { events, namespaces } from '../../../shared/client/resources.ts'
import { type Clock, systemClock } from '../../../shared/clock.ts'
import { unavailable } from '../../../shared/errors.ts'
import { createEventRecorder } from '../../../shared/events/recorder.ts'
import { createLogger, type Logger } from '../../../shared/log.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { createFakeClock, settle } from '../../support/fake-clock.ts'
import { observe } from '../../support/observe.ts'
import { until } from '../../support/until.ts'

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'kubia', namespace: 'default', uid: 'uid-1', resourceVersion: '7' },
}
const NODE = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1', uid: 'node-1' } }

/** Keeps what is logged as warnings. */
function createListeningLogger(): { logger: Logger; warnings: { message: string; fields: Record<string, unknown> }[] } {
  const logger = createLogger('test', 'error')
  const warnings: { message: string; fields: Record<string, unknown> }[] = []
  logger.warn = ((fields: Record<string, unknown>, message: string) => {
    warnings.push({ fields, message })
  }) as Logger['warn']
  return { logger, warnings }
}

async function setUp(t: Test, clock: Clock = systemClock) {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const { logger, warnings } = createListeningLogger()
  /** Whether the server is cut off from the recorder. */
  const network = { isDown: false }
  const client: Client = {
    ...server.client,
    create: (...args) =>
      network.isDown ? Promise.reject(unavailable('the network is down')) : server.client.create(...args),
  }
  const recorder = createEventRecorder({ client, component: 'kubelet', host: 'node-1', clock, logger })
  const list = async (): Promise<Event[]> => (await server.client.list(events)).items
  return { ...server, recorder, warnings, network, list }
}

t.test('an event says what happened to what, by whom and when', async (t) => {
  const clock = createFakeClock(Date.parse('2026-01-01T00:00:00Z'))
  const { recorder, list, warnings } = await setUp(t, clock)
  recorder.event(POD, 'Normal', 'Started', 'Started container kubia', { fieldPath: 'spec.containers{kubia}' })
  await recorder.close()
  const [event, ...others] = await list()
  t.strictSame(others, [])
  t.match(event, {
    metadata: { name: /^kubia\.[0-9a-f]{16}$/, namespace: 'default' },
    involvedObject: {
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'default',
      name: 'kubia',
      uid: 'uid-1',
      resourceVersion: '7',
      fieldPath: 'spec.containers{kubia}',
    },
    type: 'Normal',
    reason: 'Started',
    message: 'Started container kubia',
    source: { component: 'kubelet', host: 'node-1' },
    reportingComponent: 'kubelet',
    reportingInstance: 'node-1',
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    count: 1,
  })
  t.strictSame(warnings, [])
})

t.test('a repetition raises the count', async (t) => {
  const clock = createFakeClock(Date.parse('2026-01-01T00:00:00Z'))
  const { recorder, list } = await setUp(t, clock)
  recorder.event(POD, 'Warning', 'BackOff', 'Back-off restarting')
  await clock.advance(10_000)
  recorder.event(POD, 'Warning', 'BackOff', 'Back-off restarting')
  recorder.event(POD, 'Warning', 'Unhealthy', 'Liveness probe failed')
  await recorder.close()
  const all = (await list()).sort((a, b) => (a.reason! < b.reason! ? -1 : 1))
  t.match(all, [
    {
      reason: 'BackOff',
      count: 2,
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:10Z',
    },
    { reason: 'Unhealthy', count: 1 },
  ])
  t.equal(all.length, 2)
})

t.test('events about cluster-scoped objects are kept in default', async (t) => {
  const { recorder, list } = await setUp(t)
  recorder.event(NODE, 'Normal', 'Starting', 'Starting kubelet.')
  await recorder.close()
  t.match(await list(), [{ metadata: { namespace: 'default' }, involvedObject: { kind: 'Node', name: 'node-1' } }])
})

t.test('a repetition of an event that has expired becomes an event with its count', async (t) => {
  const { recorder, list, client } = await setUp(t)
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  recorder.event(POD, 'Normal', 'Pulled', 'pulled')
  const event = await observe(client, events, stop.signal).until(([first]) => first)
  await client.delete(events, event.metadata as { name: string; namespace: string })
  recorder.event(POD, 'Normal', 'Pulled', 'pulled')
  await recorder.close()
  t.match(await list(), [{ metadata: { name: event.metadata.name }, count: 2 }])
})

t.test('while the server is away events wait, and are written in order when it is back', async (t) => {
  const clock = createFakeClock()
  const { recorder, list, network, warnings } = await setUp(t, clock)
  network.isDown = true
  for (const reason of ['A', 'B', 'C']) recorder.event(POD, 'Normal', reason, 'message')
  await clock.advance(60_000)
  t.strictSame(await list(), [])
  network.isDown = false
  await clock.advance(10_000)
  await recorder.close()
  t.strictSame((await list()).map(({ reason }) => reason).sort(), ['A', 'B', 'C'])
  t.strictSame(warnings, [])
})

const podNamed = (name: string) => ({ ...POD, metadata: { ...POD.metadata, name, uid: name } })

t.test('a burst about many objects is written side by side, and none is lost', async (t) => {
  const { recorder, list, warnings } = await setUp(t)
  for (let index = 0; index < 300; index++) recorder.event(podNamed(`pod-${index}`), 'Normal', 'Pulled', 'pulled')
  await until(async () => (await list()).length === 300)
  await recorder.close()
  t.strictSame(warnings, [])
})

t.test('too many waiting events are dropped, counted and logged', async (t) => {
  const clock = createFakeClock()
  const { recorder, list, network, warnings } = await setUp(t, clock)
  network.isDown = true
  for (let index = 0; index < 10_108; index++) recorder.event(podNamed(`pod-${index}`), 'Normal', 'Pulled', 'pulled')
  await recorder.close()
  t.strictSame(await list(), [])
  const counted = warnings.reduce((sum, { fields }) => sum + Number(fields.lost ?? fields.dropped ?? 1), 0)
  t.equal(counted, 10_108, 'each is told of')
  t.ok(warnings.some(({ fields }) => fields.dropped === 100))
})

t.test('repetitions that wait are written as one', async (t) => {
  const clock = createFakeClock(Date.parse('2026-01-01T00:00:00Z'))
  const { recorder, list, network } = await setUp(t, clock)
  network.isDown = true
  for (let index = 0; index < 20; index++) recorder.event(POD, 'Warning', 'BackOff', 'Back-off restarting')
  recorder.event(POD, 'Normal', 'Started', 'Started container kubia')
  await settle()
  network.isDown = false
  await clock.advance(10_000)
  await recorder.close()
  const all = (await list()).map(({ reason, count }) => [reason, count])
  t.same(all.sort(), [
    ['BackOff', 20],
    ['Started', 1],
  ])
})

t.test('closing does not wait for ever', async (t) => {
  const clock = createFakeClock()
  const { recorder, network, warnings } = await setUp(t, clock)
  network.isDown = true
  recorder.event(POD, 'Normal', 'A', 'message')
  recorder.event(POD, 'Normal', 'B', 'message')
  await recorder.close()
  t.match(
    warnings,
    ['A', 'B'].map((reason) => ({ fields: { reason }, message: 'Event could not be written' })),
    'each has one last try, and no time passes',
  )
  recorder.event(POD, 'Normal', 'C', 'message')
  await recorder.close()
})

t.test('an event that the server refuses is given up', async (t) => {
  const { recorder, list, warnings, client } = await setUp(t)
  const elsewhere = { ...POD, metadata: { ...POD.metadata, namespace: 'gone' } }
  recorder.event(elsewhere, 'Normal', 'A', 'its namespace is gone: expected now and then')
  recorder.event({ ...POD, metadata: { ...POD.metadata, name: 'bad/name' } }, 'Normal', 'B', 'a defect')
  recorder.event(POD, 'Normal', 'C', 'message')
  await recorder.close()
  t.match(await list(), [{ reason: 'C' }])
  t.match(warnings, [{ fields: { reason: 'B' }, message: 'Event could not be written' }])
  t.ok(await client.get(namespaces, { name: 'default' }))
})
