import pino from 'pino'
import t from 'tap'
import { runController } from '../../../shared/controller/run-controller.ts'
import { createWorkQueue } from '../../../shared/controller/work-queue.ts'
import { conflict } from '../../../shared/errors.ts'
import { createFakeClock, settle } from '../../support/fake-clock.ts'

t.test('works, tries again after a failure, looks again when a plan says so, and stops', async (t) => {
  const clock = createFakeClock(0)
  const queue = createWorkQueue({ clock })
  const stop = new AbortController()
  const seen: [string, number][] = []
  const script: Record<string, (() => { requeueAfterMs?: number })[]> = {
    fails: [
      () => {
        throw new Error('once')
      },
      () => {
        throw conflict({ group: '', resource: 'pods', name: 'x' }, 'twice')
      },
      () => ({}),
    ],
    waits: [() => ({ requeueAfterMs: 1_000 }), () => ({})],
  }
  const done = runController({
    name: 'test',
    queue,
    sync: async (key) => {
      seen.push([key, clock.nowMs()])
      return script[key]!.shift()!()
    },
    workers: 2,
    logger: pino({ enabled: false }),
    signal: stop.signal,
  })
  queue.add('fails')
  queue.add('waits')
  await settle()
  await clock.advance(1_000)
  t.same(seen, [
    ['fails', 0],
    ['waits', 0],
    ['fails', 5],
    ['fails', 15],
    ['waits', 1_000],
  ])
  queue.addAfter('late', 10)
  stop.abort()
  await done
  t.equal(clock.pending, 0, 'nothing is left behind')
})
