import t, { type Test } from 'tap'
import { startCronJobController } from '../../../controller-manager/cronjob/controller.ts'
import { startGarbageCollector } from '../../../controller-manager/garbagecollector/controller.ts'
import { startJobController } from '../../../controller-manager/job/controller.ts'
import type { CronJob } from '../../../shared/api/cron-job.ts'
import type { Draft } from '../../../shared/api/kind.ts'
import type { Client } from '../../../shared/client/client.ts'
import { cronJobs, jobs, namespaces } from '../../../shared/client/resources.ts'
import { type Cut, createCutClient, cutEachWrite } from '../../support/cut-client.ts'
import { until } from '../../support/until.ts'
import { jobWorld, work } from '../job/running-jobs.ts'
import { inDefault, revision, startManager } from '../running-controllers.ts'

const CONTROLLERS = [startCronJobController, startJobController, startGarbageCollector]
const MINUTE_MS = 60_000

const tick = (spec: object = {}, namespace = 'default'): Draft<CronJob> =>
  ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick', namespace },
    spec: { schedule: '* * * * *', jobTemplate: { spec: work().spec }, ...spec },
  }) as unknown as Draft<CronJob>

async function cronWorld(test: Test) {
  const world = await jobWorld(test, CONTROLLERS)
  const { client, clock } = world
  return {
    ...world,
    start: (spec: object = {}) => client.create(cronJobs, tick(spec)),
    get: () => client.get(cronJobs, inDefault('tick')),
    listJobs: async () => (await client.list(jobs)).items,
    /** Goes on to a second of the next minute, so that real time, from which objects have their ages, stays behind. */
    nextMinute: (seconds = 1) => clock.advance(MINUTE_MS - (clock.nowMs() % MINUTE_MS) + seconds * 1_000),
    cronStatus: (check: (status: CronJob['status']) => unknown) =>
      until(
        async () => {
          const { status } = await client.get(cronJobs, inDefault('tick'))
          return check(status) ? status : undefined
        },
        { describe: async () => [await client.get(cronJobs, inDefault('tick')), await world.told()] },
      ),
  }
}

const activeCount = (count: number) => (status: CronJob['status']) => (status.active?.length ?? 0) === count

t.test('the life of a CronJob', async (t) => {
  const world = await cronWorld(t)
  world.manage()
  await world.start({ successfulJobsHistoryLimit: 1 })
  await world.nextMinute()
  const status = await world.cronStatus(activeCount(1))
  const minutes = Math.floor(world.clock.nowMs() / MINUTE_MS)
  t.equal(Date.parse(status.lastScheduleTime!), minutes * MINUTE_MS)
  const [job] = await world.listJobs()
  t.equal(job?.metadata.name, `tick-${minutes}`)
  t.match(status.active, [{ kind: 'Job', name: `tick-${minutes}`, uid: job?.metadata.uid }])
  world.decide(() => 0)
  await world.cronStatus(({ active, lastSuccessfulTime }) => active === undefined && lastSuccessfulTime !== undefined)
  await world.nextMinute()
  await world.cronStatus(({ lastScheduleTime }) => Date.parse(lastScheduleTime!) === (minutes + 1) * MINUTE_MS)
  await until(async () => {
    await world.clock.advance(1_000)
    const left = await world.listJobs()
    return left.length === 1 && left[0]?.metadata.name === `tick-${minutes + 1}`
  })
  const told = await until(async () => {
    const all = (await world.told()).filter((line) => line.endsWith('cronjob-controller'))
    return all.length === 5 && all
  })
  const wanted = [
    `Normal SawCompletedJob Saw completed job: tick-${minutes + 1}, condition: Complete cronjob-controller`,
    `Normal SawCompletedJob Saw completed job: tick-${minutes}, condition: Complete cronjob-controller`,
    `Normal SuccessfulCreate Created job tick-${minutes + 1} cronjob-controller`,
    `Normal SuccessfulCreate Created job tick-${minutes} cronjob-controller`,
    `Normal SuccessfulDelete Deleted job tick-${minutes} cronjob-controller`,
  ]
  t.same(told.toSorted(), wanted.toSorted())
})

t.test('Forbid waits, Replace does not', async (t) => {
  const world = await cronWorld(t)
  world.manage()
  await world.start({ concurrencyPolicy: 'Forbid' })
  await world.nextMinute()
  const [first] = (await world.cronStatus(activeCount(1))).active!
  await world.nextMinute()
  await until(async () => (await world.told()).some((line) => line.includes('JobAlreadyActive')))
  t.equal((await world.listJobs()).length, 1)
  await world.client.patch(cronJobs, inDefault('tick'), {
    type: 'merge',
    body: { spec: { concurrencyPolicy: 'Replace' } },
  })
  const { active } = await world.cronStatus(({ active = [] }) => active.length === 1 && active[0]?.uid !== first?.uid)
  await until(async () => {
    await world.clock.advance(1_000)
    return (await world.listJobs()).every(({ metadata }) => metadata.uid === active![0]!.uid)
  })
  t.notOk((await world.told()).some((line) => line.includes('MissingJob')))
})

t.test('downtime: one run makes up for all; a Job by hand is none of its runs', async (t) => {
  const world = await cronWorld(t)
  const first = world.manage()
  await world.start()
  await first.synced
  await first.close()
  await world.clock.advance(200 * MINUTE_MS)
  world.manage()
  await world.cronStatus(activeCount(1))
  t.equal((await world.listJobs()).length, 1)
  await until(async () => (await world.told()).some((line) => line.includes('TooManyMissedTimes')))
  const owner = await world.get()
  await world.client.create(jobs, {
    ...work({}, { name: 'manual', annotations: { 'cronjob.kubernetes.io/instantiate': 'manual' } }),
    metadata: {
      name: 'manual',
      namespace: 'default',
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'CronJob', name: 'tick', uid: owner.metadata.uid, controller: true },
      ],
    },
  })
  await until(async () => (await world.told()).some((line) => line.includes('UnexpectedJob')))
  t.equal((await world.get()).status.active?.length, 1)
})

t.test('a settled CronJob is quiet', async (t) => {
  const world = await cronWorld(t)
  world.decide(() => 0)
  const first = world.manage()
  await world.start({ schedule: '0 0 1 1 *', suspend: false })
  await first.synced
  const before = await until(async () => (await world.get()).metadata.uid && revision(world.client))
  await world.clock.advance(20 * MINUTE_MS)
  await first.close()
  await world.manage().synced
  await world.clock.advance(20 * MINUTE_MS)
  t.equal(await revision(world.client), before)
})

t.test('cut off at any write, each time has one Job', async (t) => {
  const world = await cronWorld(t)
  let run = 0
  await cutEachWrite((cut, title) => play(world, { cut, title, namespace: `run-${++run}` }, t))
})

/** Two runs, of which the second replaces the first, with the controller cut off at one of its writes. */
async function play(
  { client, clock, server, nextMinute }: Awaited<ReturnType<typeof cronWorld>>,
  { cut, title, namespace }: { cut: Cut; title: string; namespace: string },
  t: Test,
): Promise<boolean> {
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  let counting: ReturnType<typeof createCutClient> | undefined
  const wrap = (inner: Client) => {
    counting = createCutClient(inner, cut)
    return counting.client
  }
  const managers = [startManager(server, [startCronJobController], { clock, wrap })]
  await managers[0]!.synced
  counting!.cut.then(() => {
    if (cut.fate === 'dies') managers.push(startManager(server, [startCronJobController], { clock }))
  })
  await client.create(cronJobs, tick({ concurrencyPolicy: 'Replace' }, namespace))
  const seen = new Set<string>()
  const settled = (dueMs: number) =>
    until(
      async () => {
        const { items } = await client.list(jobs, { namespace })
        for (const { metadata } of items) seen.add(metadata.name)
        const { status } = await client.get(cronJobs, { namespace, name: 'tick' })
        if (items.length === 1 && status.active?.[0]?.uid === items[0]?.metadata.uid) {
          if (Date.parse(status.lastScheduleTime!) === dueMs) return true
        }
        await clock.advance(100)
        return false
      },
      { describe: async () => [title, await client.get(cronJobs, { namespace, name: 'tick' })] },
    )
  await nextMinute()
  const dueMs = clock.nowMs() - (clock.nowMs() % MINUTE_MS)
  await settled(dueMs)
  await nextMinute()
  await settled(dueMs + MINUTE_MS)
  t.equal(seen.size, 2, `${title}: one Job for each time`)
  for (const manager of managers) await manager.close()
  await client.delete(cronJobs, { namespace, name: 'tick' })
  return counting!.isCut
}
