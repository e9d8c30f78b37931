import t from 'tap'
import { startGarbageCollector } from '../../../controller-manager/garbagecollector/controller.ts'
import { startJobController } from '../../../controller-manager/job/controller.ts'
import { startTtlAfterFinishedController } from '../../../controller-manager/ttlafterfinished/controller.ts'
import { jobs } from '../../../shared/client/resources.ts'
import { unavailable } from '../../../shared/errors.ts'
import { until } from '../../support/until.ts'
import { jobWorld } from '../job/running-jobs.ts'

const CONTROLLERS = [startJobController, startTtlAfterFinishedController, startGarbageCollector]

t.test('a finished Job goes in time, and its pods with it', async (t) => {
  const world = await jobWorld(t, CONTROLLERS)
  world.fateOf = () => 0
  world.manage()
  await world.create({ ttlSecondsAfterFinished: 30 })
  await world.create({}, { name: 'kept' })
  await world.finished()
  await world.clock.advance(29_000)
  t.equal((await world.get()).metadata.deletionTimestamp, undefined)
  await world.clock.advance(1_000)
  await until(async () => {
    await world.clock.advance(1_000)
    const { items } = await world.client.list(jobs)
    return items.length === 1
  })
  await until(async () => (await world.listPods()).every(({ metadata }) => metadata.name.startsWith('kept-')))
})

t.test('a Job that is given more time stays, whatever the cache says', async (t) => {
  const world = await jobWorld(t, CONTROLLERS.slice(0, 2))
  world.fateOf = () => 0
  const gate = Promise.withResolvers<void>()
  let isBehind = false
  world.manage({
    wrap: (inner) => ({
      ...inner,
      watch: ((resource, options, signal) =>
        resource.plural === 'jobs'
          ? held(inner.watch(resource, options, signal), () => isBehind, gate.promise)
          : inner.watch(resource, options, signal)) as typeof inner.watch,
      delete: (resource, key, options) => {
        if (resource.plural === 'jobs') deletions++
        return inner.delete(resource, key, options)
      },
    }),
  })
  let deletions = 0
  await world.create({ ttlSecondsAfterFinished: 30 })
  await world.finished()
  isBehind = true
  await world.change({ ttlSecondsAfterFinished: 300 })
  await world.clock.advance(60_000)
  gate.resolve()
  isBehind = false
  t.equal((await world.get()).metadata.deletionTimestamp, undefined)
  t.equal(deletions, 0)
})

/** Passes events on, those that come while `isHeld` only after the gate. */
async function* held<Event>(events: AsyncIterable<Event>, isHeld: () => boolean, gate: Promise<void>) {
  for await (const event of events) {
    if (isHeld()) await gate
    yield event
  }
}

t.test('a deletion that fails is tried again', async (t) => {
  const world = await jobWorld(t, CONTROLLERS.slice(0, 2))
  world.fateOf = () => 0
  let failures = 2
  world.manage({
    wrap: (inner) => ({
      ...inner,
      delete: (resource, key, options) =>
        resource.plural === 'jobs' && failures-- > 0
          ? Promise.reject(unavailable('no answer'))
          : inner.delete(resource, key, options),
    }),
  })
  await world.create({ ttlSecondsAfterFinished: 0 })
  await until(async () => {
    await world.clock.advance(1_000)
    return (await world.client.list(jobs)).items.every(({ metadata }) => metadata.deletionTimestamp !== undefined)
  })
  t.ok(failures < 0)
})
