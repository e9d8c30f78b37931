import fc from 'fast-check'
import t from 'tap'
import { createRetryLimit } from '../../../shared/controller/rate-limit.ts'
import { createWorkQueue } from '../../../shared/controller/work-queue.ts'
import { createFakeClock } from '../../support/fake-clock.ts'

const never = new AbortController().signal

t.test('a key waits once, and once more while it is being worked on', async (t) => {
  const queue = createWorkQueue({ clock: createFakeClock() })
  for (const key of ['a', 'b', 'a']) queue.add(key)
  t.equal(queue.length, 2)
  t.equal(await queue.take(never), 'a')
  queue.add('a')
  queue.add('a')
  t.equal(await queue.take(never), 'b', 'a is held')
  t.equal(queue.length, 0)
  queue.done('b')
  queue.done('a')
  t.equal(await queue.take(never), 'a', 'what came meanwhile comes back')
  queue.done('a')
  t.equal(queue.length, 0)
})

t.test('takers wait for keys and end with the signal', async (t) => {
  const queue = createWorkQueue({ clock: createFakeClock() })
  const stop = new AbortController()
  const takers = [queue.take(stop.signal), queue.take(stop.signal), queue.take(stop.signal)]
  queue.add('a')
  queue.add('b')
  t.same(await Promise.all(takers.slice(0, 2)), ['a', 'b'])
  stop.abort()
  t.equal(await takers[2], undefined)
  t.equal(await queue.take(stop.signal), undefined)
})

t.test('later: the earliest time stands', async (t) => {
  const clock = createFakeClock()
  const queue = createWorkQueue({ clock })
  queue.addAfter('a', 100)
  queue.addAfter('a', 50)
  queue.addAfter('a', 200)
  queue.addAfter('now', 0)
  t.equal(queue.length, 1)
  await clock.advance(49)
  t.equal(queue.length, 1)
  await clock.advance(1)
  t.equal(queue.length, 2)
  t.equal(clock.pending, 0)
  queue.addAfter('b', 10)
  queue.close()
  t.equal(clock.pending, 0, 'close cancels')
})

t.test('a failing key waits ever longer, a forgotten one starts anew', async (t) => {
  const clock = createFakeClock()
  const limit = createRetryLimit({ clock })
  const waits = Array.from({ length: 20 }, () => limit.nextMs('a'))
  t.same(waits.slice(0, 5), [5, 10, 20, 40, 80])
  t.equal(waits.at(-1), 1_000_000)
  t.equal(limit.nextMs('b'), 5, 'each key for itself')
  t.equal(limit.failures('a'), 20)
  limit.forget('a')
  t.equal(limit.failures('a'), 0)
  t.equal(limit.nextMs('a'), 5)
})

t.test('all keys together are limited', async (t) => {
  const clock = createFakeClock()
  const limit = createRetryLimit({ clock, perSecond: 10, burstMax: 3 })
  t.same(
    ['a', 'b', 'c', 'd', 'e'].map((key) => limit.nextMs(key)),
    [5, 5, 5, 100, 200],
  )
  await clock.advance(1_000)
  t.equal(limit.nextMs('f'), 5, 'the bucket fills again')
})

t.test('property: no key is held twice, none is lost', async (t) => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), key: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ do: fc.constant('take' as const) }),
    fc.record({ do: fc.constant('done' as const) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const queue = createWorkQueue({ clock: createFakeClock() })
      const held: string[] = []
      /** Keys added after they were last taken. */
      const owed = new Set<string>()
      const take = async () => {
        const key = (await queue.take(never))!
        if (held.includes(key)) throw new Error(`${key} is held twice`)
        if (!owed.delete(key)) throw new Error(`${key} came without being added`)
        held.push(key)
      }
      for (const step of steps) {
        if (step.do === 'add') {
          queue.add(step.key)
          owed.add(step.key)
        } else if (step.do === 'done') {
          const key = held.shift()
          if (key !== undefined) queue.done(key)
        } else if (queue.length > 0) await take()
      }
      for (const key of held.splice(0)) queue.done(key)
      while (queue.length > 0) await take()
      return owed.size === 0
    }),
    { numRuns: 200 },
  )
  t.pass()
})

t.test('no wait is longer than a timer can hold', async (t) => {
  const clock = createFakeClock()
  const queue = createWorkQueue({ clock })
  queue.addAfter('far', 40 * 86_400_000)
  await clock.advance(86_400_000)
  t.equal(queue.length, 1, 'it is looked at after a day, and found to have time yet')
})
