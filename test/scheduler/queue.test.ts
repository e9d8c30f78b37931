import t from 'tap'
import { createQueue, type QueuedPod } from '../../scheduler/queue.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { podInfo } from './objects.ts'

const NOWHERE: ReadonlySet<string> = new Set(['NodeResourcesFit'])
const always = () => true

function setUp() {
  const clock = createFakeClock()
  const ready = { count: 0 }
  const queue = createQueue({
    clock,
    onReady: () => {
      ready.count++
    },
    backOffMinMs: 1_000,
    backOffMaxMs: 10_000,
    unschedulableMaxMs: 300_000,
  })
  const add = (name: string, priority = 0) => queue.add(podInfo({ name, priority }))
  const name = (pod: QueuedPod | undefined) => pod?.info.pod.metadata.name
  /** Takes the next pod and finds no node for it. */
  const popAndReject = () => {
    const pod = queue.pop()
    if (pod !== undefined) queue.reject(pod, NOWHERE)
    return name(pod)
  }
  /** Takes the next pod and fails to bind it. */
  const popAndRetry = () => {
    const pod = queue.pop()
    if (pod !== undefined) queue.retry(pod)
    return name(pod)
  }
  return { clock, queue, ready, add, name, popAndReject, popAndRetry, pop: () => name(queue.pop()) }
}

t.test('by priority, then in order of arrival', async (t) => {
  const { add, pop, ready } = setUp()
  add('a')
  add('b', 10)
  add('c')
  add('d', 10)
  t.equal(ready.count, 4)
  t.strictSame([pop(), pop(), pop(), pop(), pop()], ['b', 'd', 'a', 'c', undefined])
})

t.test('a pod that was rejected rests until something may help it', async (t) => {
  const { add, queue, popAndReject, pop, clock } = setUp()
  add('a')
  add('b')
  popAndReject()
  popAndReject()
  await clock.advance(60_000)
  t.equal(pop(), undefined)
  queue.wake(({ info }) => info.pod.metadata.name === 'b')
  t.equal(pop(), 'b')
  t.equal(pop(), undefined)
})

t.test('a woken pod is tried before its back-off is over only if there is nothing else to do', async (t) => {
  const { add, queue, popAndReject, pop, clock, ready } = setUp()
  add('a')
  popAndReject()
  queue.wake(always)
  const readyBefore = ready.count
  add('b')
  t.ok(ready.count > readyBefore)
  t.strictSame([pop(), pop()], ['b', 'a'])
  await clock.advance(1_000)
  t.equal(pop(), undefined, 'it was taken out of the back-off')
})

t.test('the back-off doubles up to its maximum', async (t) => {
  const { add, popAndRetry, clock } = setUp()
  add('a')
  popAndRetry()
  for (const waitMs of [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
    await clock.advance(waitMs - 1)
    t.equal(popAndRetry(), undefined, `not before ${waitMs} ms`)
    await clock.advance(1)
    t.equal(popAndRetry(), 'a', `after ${waitMs} ms`)
  }
})

t.test('after five minutes a pod is tried again in any case', async (t) => {
  const { add, popAndReject, clock, queue } = setUp()
  add('a')
  popAndReject()
  await clock.advance(200_000)
  add('b')
  popAndReject()
  await clock.advance(99_999)
  t.equal(popAndReject(), undefined)
  await clock.advance(1)
  t.equal(popAndReject(), 'a')
  await clock.advance(200_000)
  t.equal(popAndReject(), 'b')
  t.equal(queue.size, 2)
})

t.test('a changed pod is woken only if the change may help', async (t) => {
  const { queue, add, popAndReject, pop } = setUp()
  add('a')
  popAndReject()
  t.equal(queue.update(podInfo({ name: 'a' }), false), true)
  t.equal(pop(), undefined)
  t.equal(queue.update(podInfo({ name: 'a', priority: 7 }), true), true)
  const pod = queue.pop()
  t.equal(pop(), undefined)
  t.equal(pod?.info.priority, 7, 'with what it now is')
  t.equal(queue.update(podInfo({ name: 'x' }), true), false, 'one that the queue does not have')
})

t.test('a pod that is gone is forgotten wherever it is', async (t) => {
  const { queue, add, popAndReject, pop, clock } = setUp()
  add('active')
  queue.remove('uid-active')
  t.equal(pop(), undefined)

  add('unschedulable')
  popAndReject()
  queue.remove('uid-unschedulable')
  queue.wake(always)
  t.equal(pop(), undefined)

  add('in-hand')
  const inHand = queue.pop()!
  queue.remove('uid-in-hand')
  queue.retry(inHand)
  queue.reject(inHand, NOWHERE)
  await clock.advance(600_000)
  t.equal(pop(), undefined)

  add('waiting')
  const waiting = queue.pop()!
  queue.retry(waiting)
  queue.remove('uid-waiting')
  await clock.advance(600_000)
  t.equal(pop(), undefined)

  add('bound')
  queue.done(queue.pop()!)
  t.equal(queue.size, 0)
  queue.close()
  t.equal(clock.pending, 0, 'no timer is left')
})
