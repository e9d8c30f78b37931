import t from 'tap'
import { toTime } from '../../../shared/clock.ts'
import { createCorrelator, type EventDraft } from '../../../shared/events/correlator.ts'
import { createLru } from '../../../shared/events/lru.ts'

const START_MS = Date.parse('2026-01-01T00:00:00Z')
const MINUTE_MS = 60_000

interface Happening {
  /** Default: kubia-x. */
  pod?: string
  reason?: string
  message?: string
  fieldPath?: string
}

/** A correlator and a series of events numbered by their names. */
function createSeries() {
  const correlator = createCorrelator()
  let number = 0
  return (atMs: number, { pod = 'kubia-x', reason = 'Pulled', message = 'pulled', fieldPath }: Happening = {}) => {
    const nowMs = START_MS + atMs
    const event: EventDraft = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${pod}.${++number}`, namespace: 'default' },
      involvedObject: { kind: 'Pod', namespace: 'default', name: pod, uid: `uid-${pod}`, apiVersion: 'v1', fieldPath },
      reason,
      message,
      type: 'Normal',
      source: { component: 'kubelet', host: 'node-1' },
      firstTimestamp: toTime(nowMs),
      lastTimestamp: toTime(nowMs),
      count: 1,
    }
    return correlator.correlate(event, nowMs)
  }
}

t.test('the same event again raises the count of the first', async (t) => {
  const happen = createSeries()
  t.match(happen(0), { write: 'create', event: { metadata: { name: 'kubia-x.1' }, count: 1 } })
  t.match(happen(5_000), {
    write: 'patch',
    event: { metadata: { name: 'kubia-x.1' }, count: 2, firstTimestamp: toTime(START_MS) },
    patch: { count: 2, lastTimestamp: toTime(START_MS + 5_000), message: 'pulled' },
  })
  t.match(happen(6_000), { write: 'patch', patch: { count: 3 } })
})

t.test('another object, reason, message or field is another event', async (t) => {
  const happen = createSeries()
  happen(0)
  t.match(happen(0, { pod: 'kubia-y' }), { write: 'create' })
  t.match(happen(0, { reason: 'Created' }), { write: 'create' })
  t.match(happen(0, { message: 'other' }), { write: 'create' })
  t.match(happen(0, { fieldPath: 'spec.containers{c}' }), { write: 'create' })
})

t.test('from ten different messages on, similar events are combined', async (t) => {
  const happen = createSeries()
  for (let index = 1; index < 10; index++) t.match(happen(index, { message: `m${index}` }), { write: 'create' })
  t.match(happen(1_000, { message: 'm10' }), {
    write: 'create',
    event: { message: '(combined from similar events): m10', count: 1 },
  })
  t.match(happen(2_000, { message: 'm11' }), {
    write: 'patch',
    event: { metadata: { name: 'kubia-x.10' } },
    patch: { count: 2, message: '(combined from similar events): m11' },
  })
  t.match(happen(2_000, { reason: 'Created', message: 'm12' }), { write: 'create', event: { message: 'm12' } })
})

t.test('ten quiet minutes begin a new series of similar events', async (t) => {
  const happen = createSeries()
  for (let index = 1; index < 10; index++) happen(index, { message: `m${index}` })
  t.match(happen(10 * MINUTE_MS + 10, { message: 'm10' }), { write: 'create', event: { message: 'm10' } })
})

t.test('a source may write 25 events about one object, then one in five minutes', async (t) => {
  const happen = createSeries()
  for (let index = 0; index < 25; index++) t.ok(happen(0), `event ${index + 1}`)
  t.equal(happen(0), undefined)
  t.ok(happen(0, { pod: 'kubia-y' }), 'other objects are not concerned')
  t.equal(happen(4 * MINUTE_MS), undefined)
  t.match(happen(5 * MINUTE_MS), { write: 'patch', patch: { count: 28 } }, 'refused ones are counted')
  t.equal(happen(5 * MINUTE_MS), undefined)
})

t.test('the memory forgets what was unused for longest', async (t) => {
  const lru = createLru<number>(2)
  lru.set('a', 1)
  lru.set('b', 2)
  lru.get('a')
  lru.set('c', 3)
  t.equal(lru.get('b'), undefined)
  t.equal(lru.get('a'), 1)
  t.equal(lru.get('c'), 3)
})
