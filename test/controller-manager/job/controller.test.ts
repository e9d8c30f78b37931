import t from 'tap'
import { COMPLETION_INDEX, TRACKING_FINALIZER } from '../../../controller-manager/job/job-pod.ts'
import { jobs, pods } from '../../../shared/client/resources.ts'
import { controllerOf } from '../../../shared/controller/indexes.ts'
import { until } from '../../support/until.ts'
import { inDefault, plainPod, revision } from '../running-controllers.ts'
import { jobWorld } from './running-jobs.ts'

const conditionsOf = (job: { status: { conditions?: { type: string; status: string; reason?: string }[] } }) =>
  job.status.conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`)

t.test('the life of a Job', async (t) => {
  const world = await jobWorld(t)
  world.manage()
  const created = await world.create({ completions: 3, parallelism: 2 })
  await world.active(2)
  const [pod] = await world.listPods()
  t.match(pod?.metadata.name, /^work-[a-z0-9]{5}$/)
  t.same(pod?.metadata.finalizers, [TRACKING_FINALIZER])
  t.same(pod?.metadata.labels, {
    'batch.kubernetes.io/controller-uid': created.metadata.uid,
    'batch.kubernetes.io/job-name': 'work',
    'controller-uid': created.metadata.uid,
    'job-name': 'work',
  })
  t.match(controllerOf(pod!), { apiVersion: 'batch/v1', kind: 'Job', name: 'work', uid: created.metadata.uid })
  await world.clock.advance(5_000)
  world.decide(() => 0)
  const { status } = await world.finished()
  t.same(
    { ...status, conditions: [] },
    {
      conditions: [],
      startTime: status.startTime,
      completionTime: status.completionTime,
      succeeded: 3,
      terminating: 0,
      uncountedTerminatedPods: {},
      ready: 0,
    },
  )
  t.equal(Date.parse(status.completionTime!) - Date.parse(status.startTime!), 5_000)
  t.same(conditionsOf({ status }), ['SuccessCriteriaMet True CompletionsReached', 'Complete True CompletionsReached'])
  t.equal((await world.listPods()).length, 3)
  await world.released()
  await until(async () => (await world.told()).length === 4)
  t.same((await world.told()).toSorted(), [
    'Normal Completed Job completed job-controller',
    ...Array(3).fill('Normal SuccessfulCreate Created pod: work-* job-controller'),
  ])
})

t.test('failures wait longer and longer, until it is enough', async (t) => {
  const world = await jobWorld(t)
  world.fateOf = () => 3
  world.manage()
  await world.create({ backoffLimit: 2 })
  const failed = (count: number) => world.status((status) => status.failed === count)
  await failed(1)
  await world.clock.advance(9_000)
  t.equal((await world.listPods()).length, 1)
  await world.clock.advance(1_000)
  await failed(2)
  await world.clock.advance(19_000)
  t.equal((await world.listPods()).length, 2)
  await world.clock.advance(1_000)
  const job = await world.finished()
  t.equal(job.status.failed, 3)
  t.same(conditionsOf(job), ['FailureTarget True BackoffLimitExceeded', 'Failed True BackoffLimitExceeded'])
  t.equal((await world.listPods()).length, 3, 'the failed pods are kept')
  await until(async () =>
    (await world.told()).includes(
      'Warning BackoffLimitExceeded Job has reached the specified backoff limit job-controller',
    ),
  )
})

t.test('an Indexed Job tells its pods who they are', async (t) => {
  const world = await jobWorld(t)
  world.manage()
  await world.create({ completions: 2, parallelism: 2, completionMode: 'Indexed' })
  await world.active(2)
  const second = (await world.listPods()).find(({ metadata }) => metadata.annotations?.[COMPLETION_INDEX] === '1')
  t.match(second?.metadata.name, /^work-1-[a-z0-9]{5}$/)
  t.equal(second?.metadata.labels?.[COMPLETION_INDEX], '1')
  t.equal(second?.spec.hostname, 'work-1')
  t.same(second?.spec.containers[0]?.env, [
    {
      name: 'JOB_COMPLETION_INDEX',
      valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${COMPLETION_INDEX}']` } },
    },
  ])
  world.decide(() => 0)
  const { status } = await world.finished()
  t.match(status, { succeeded: 2, completedIndexes: '0,1' })
})

t.test('past its deadline', async (t) => {
  const world = await jobWorld(t)
  world.manage()
  await world.create({ activeDeadlineSeconds: 5 })
  await world.active(1)
  await world.clock.advance(5_000)
  const job = await world.finished()
  t.match(job.status, { failed: 1, terminating: 0 })
  t.same(conditionsOf(job), ['FailureTarget True DeadlineExceeded', 'Failed True DeadlineExceeded'])
  t.same(await world.listPods(), [], 'its pods are gone')
  await until(async () => (await world.told()).length === 3)
  t.same((await world.told()).toSorted(), [
    'Normal SuccessfulCreate Created pod: work-* job-controller',
    'Normal SuccessfulDelete Deleted pod: work-* job-controller',
    'Warning DeadlineExceeded Job was active longer than specified deadline job-controller',
  ])
})

t.test('suspended and resumed', async (t) => {
  const world = await jobWorld(t)
  world.manage()
  await world.create({ activeDeadlineSeconds: 60 })
  await world.active(1)
  await world.change({ suspend: true })
  const suspended = await world.status(({ active, terminating }) => active === undefined && terminating === 0)
  t.same(conditionsOf(suspended), ['Suspended True JobSuspended'])
  t.match(suspended.status, { startTime: undefined, failed: undefined }, 'its pod did not fail')
  await until(async () => (await world.listPods()).length === 0)
  await world.clock.advance(120_000)
  await world.change({ suspend: false })
  const resumed = await world.active(1)
  t.same(conditionsOf(resumed), ['Suspended False JobResumed'])
  t.equal(Date.parse(resumed.status.startTime!), world.clock.nowMs(), 'the deadline counts from here')
  world.decide(() => 0)
  await world.finished()
  const told = await until(async () => {
    const all = await world.told()
    return all.length === 6 && all
  })
  t.ok(told.includes('Normal Suspended Job suspended job-controller'))
  t.ok(told.includes('Normal Resumed Job resumed job-controller'))
})

t.test('a pod that is deleted is replaced and counted', async (t) => {
  const world = await jobWorld(t)
  world.manage()
  await world.create()
  await world.active(1)
  const [first] = await world.listPods()
  await world.client.delete(pods, inDefault(first!.metadata.name))
  await world.status(({ failed, active }) => failed === 1 && active === 1)
  world.decide(() => 0)
  t.match((await world.finished()).status, { succeeded: 1, failed: 1 })
})

t.test('pods outlive their Job only as long as they must', async (t) => {
  const world = await jobWorld(t)
  world.manage()
  await world.create({ parallelism: 2, completions: 2 })
  await world.active(2)
  await world.client.delete(jobs, inDefault('work'), { propagationPolicy: 'Background' })
  await world.released()
  t.equal((await world.listPods()).length, 2, 'what becomes of them is for the garbage collector to say')
})

t.test('a selector of its own: orphans are adopted, and strangers let go', async (t) => {
  const world = await jobWorld(t)
  const labels = { app: 'mine' }
  await world.client.create(pods, plainPod('stray', { labels }, { restartPolicy: 'Never' }))
  world.manage()
  const template = {
    metadata: { labels },
    spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'work' }] },
  }
  await world.create({ manualSelector: true, selector: { matchLabels: labels }, template })
  await world.active(1)
  const [stray] = await world.listPods()
  t.equal(stray?.metadata.name, 'stray')
  t.same(stray?.metadata.finalizers, [TRACKING_FINALIZER])
  await world.client.patch(pods, inDefault('stray'), {
    type: 'merge',
    body: { metadata: { labels: { app: 'other' } } },
  })
  const released = await until(async () => {
    const pod = await world.client.get(pods, inDefault('stray'))
    return controllerOf(pod) === undefined && pod
  })
  t.same(released.metadata.finalizers ?? [], [])
  await until(async () => (await world.listPods()).length === 2)
})

t.test('what cannot be created is told, and the rest of the status kept', async (t) => {
  const world = await jobWorld(t)
  let isBroken = true
  world.manage({
    wrap: (inner) => ({
      ...inner,
      create: (resource, object) =>
        (object as { kind: string }).kind === 'Pod' && isBroken
          ? Promise.reject(new Error('pods "work-" is forbidden: exceeded quota'))
          : inner.create(resource, object),
    }),
  })
  await world.create()
  await world.status(({ startTime, active }) => startTime !== undefined && active === undefined)
  await until(async () =>
    (await world.told()).includes(
      'Warning FailedCreate Error creating: pods "work-" is forbidden: exceeded quota job-controller',
    ),
  )
  isBroken = false
  t.equal((await world.status(({ active }) => active === 1, 1_000)).status.failed, undefined)
})

t.test('settled Jobs are quiet, also for a controller that starts anew', async (t) => {
  const world = await jobWorld(t)
  const first = world.manage()
  await world.create({ completions: 2, parallelism: 2 })
  await world.active(2)
  await until(async () => (await world.told()).length === 2)
  const running = await revision(world.client)
  await world.clock.advance(20 * 60_000)
  await first.close()
  const second = world.manage()
  await second.synced
  await world.clock.advance(20 * 60_000)
  t.equal(await revision(world.client), running, 'no write while pods run')
  world.decide(() => 0)
  await world.finished()
  await until(async () => (await world.told()).length === 3)
  const done = await revision(world.client)
  await second.close()
  await world.manage().synced
  await world.clock.advance(20 * 60_000)
  t.equal(await revision(world.client), done, 'no write when all is done')
})
