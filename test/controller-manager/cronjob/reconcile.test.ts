import t from 'tap'
import {
  type CronJobAction,
  type CronJobWorld,
  reconcileCronJob,
} from '../../../controller-manager/cronjob/reconcile.ts'
import { jobFromTemplate } from '../../../controller-manager/cronjob/scheduled-job.ts'
import type { CronJob } from '../../../shared/api/cron-job.ts'
import type { Job } from '../../../shared/api/job/job.ts'
import { parseSchedule, type Schedule } from '../../../shared/cron.ts'
import { time } from '../job/objects.ts'
import { START_MS } from '../objects.ts'
import { cronJob, reference, run, START_MINUTES } from './objects.ts'

function plan(owner: CronJob, jobs: Job[], nowSeconds: number, more: Partial<CronJobWorld> = {}) {
  const parsed = parseSchedule(owner.spec.schedule) as Schedule
  return reconcileCronJob(owner, {
    jobs,
    deleted: new Set(),
    missing: new Set(),
    schedule: (afterMs) => parsed.next(afterMs, owner.spec.timeZone),
    nowMs: START_MS + nowSeconds * 1_000,
    ...more,
  })
}

const shown = (actions: readonly CronJobAction[]): unknown[] =>
  actions.map((action) => {
    if (action.do === 'tell') return `${action.event.reason}: ${action.event.message}`
    if (action.do === 'deleteJob') return `delete ${action.job.metadata.name}`
    if (action.do === 'createJob') return `create ${(action.scheduledMs - START_MS) / 60_000}`
    const { active = [], ...times } = action.status
    const told = action.events.map(({ reason, message }) => `${reason}: ${message}`)
    return {
      active: active.map(({ name }) => Number(name?.replace('tick-', '')) - START_MINUTES),
      ...times,
      ...(told.length > 0 && { told }),
    }
  })

const active = (...runs: Job[]) => ({ active: runs.map(reference), lastScheduleTime: time(60) })
const last = { lastScheduleTime: time(60) }

const cases: [
  title: string,
  owner: CronJob,
  jobs: Job[],
  nowSeconds: number,
  wanted: unknown[],
  more?: Partial<CronJobWorld>,
][] = [
  ['not due', cronJob(), [], 59, []],
  ['due', cronJob(), [], 60, ['create 1']],
  ['its run is reported', cronJob(), [run(1)], 60, [{ active: [1], lastScheduleTime: time(60) }]],
  ['runs', cronJob({}, active(run(1))), [run(1)], 61, []],
  ['due again, beside the first', cronJob({}, active(run(1))), [run(1)], 120, ['create 2']],
  ['one catch-up run after a long sleep', cronJob({}, last), [], 10 * 60 + 5, ['create 10']],
  [
    'Forbid: one at a time',
    cronJob({ concurrencyPolicy: 'Forbid' }, active(run(1))),
    [run(1)],
    120,
    ['JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid'],
  ],
  [
    'Forbid: made up for',
    cronJob({ concurrencyPolicy: 'Forbid' }, { ...last, lastSuccessfulTime: time(130) }),
    [run(1, 'Complete', 130)],
    135,
    ['create 2'],
  ],
  [
    'Replace',
    cronJob({ concurrencyPolicy: 'Replace' }, active(run(1))),
    [run(1)],
    120,
    [`delete tick-${START_MINUTES + 1}`, 'create 2'],
  ],
  [
    'a deleted run is active no more',
    cronJob({}, active(run(1))),
    [run(1)],
    61,
    [{ active: [], lastScheduleTime: time(60) }],
    { deleted: new Set([run(1).metadata.uid]) },
  ],
  ['suspended', cronJob({ suspend: true }), [], 600, []],
  [
    'a run has succeeded',
    cronJob({}, active(run(1))),
    [run(1, 'Complete', 70)],
    80,
    [
      {
        active: [],
        lastScheduleTime: time(60),
        lastSuccessfulTime: time(70),
        told: [`SawCompletedJob: Saw completed job: tick-${START_MINUTES + 1}, condition: Complete`],
      },
    ],
  ],
  [
    'a run has failed',
    cronJob({}, active(run(1))),
    [run(1, 'Failed', 70)],
    80,
    [
      {
        active: [],
        lastScheduleTime: time(60),
        told: [`SawCompletedJob: Saw completed job: tick-${START_MINUTES + 1}, condition: Failed`],
      },
    ],
  ],
  [
    'a run is missing',
    cronJob({}, active(run(1))),
    [],
    80,
    [
      {
        active: [],
        lastScheduleTime: time(60),
        told: [`MissingJob: Active job went missing: tick-${START_MINUTES + 1}`],
      },
    ],
    { missing: new Set([run(1).metadata.uid]) },
  ],
  ['a run that the cache does not show yet', cronJob({}, active(run(1))), [], 80, []],
  [
    'a Job by hand is none of its runs',
    cronJob({}, last),
    [run('manual')],
    80,
    ['UnexpectedJob: Saw a job that the controller did not create or forgot: manual'],
  ],
  [
    'history',
    cronJob(
      { successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 },
      { lastScheduleTime: time(240), lastSuccessfulTime: time(190) },
    ),
    [run(1, 'Complete', 70), run(2, 'Failed', 130), run(3, 'Complete', 190), run(4, 'Failed', 250)],
    299,
    [`delete tick-${START_MINUTES + 2}`, `delete tick-${START_MINUTES + 4}`, `delete tick-${START_MINUTES + 1}`],
  ],
  [
    'too late',
    cronJob({ startingDeadlineSeconds: 10 }),
    [],
    75,
    ['MissSchedule: Missed scheduled time to start a job: Thu, 01 Jan 2026 00:01:00 +0000'],
  ],
  ['late, but not too late', cronJob({ startingDeadlineSeconds: 20 }), [], 75, ['create 1']],
  [
    'too many missed, and still not dead',
    cronJob(),
    [],
    200 * 60,
    [
      'TooManyMissedTimes: too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
      'create 200',
    ],
  ],
  [
    'an unusable schedule',
    cronJob(),
    [],
    60,
    ['UnparseableSchedule: no'],
    { schedule: { reason: 'UnparseableSchedule', message: 'no' } },
  ],
  ['on its way out', cronJob({}, {}, { deletionTimestamp: time(1) }), [], 60, []],
]

t.test('plans', async (t) => {
  for (const [title, owner, jobs, nowSeconds, wanted, more] of cases) {
    t.same(shown(plan(owner, jobs, nowSeconds, more).actions), wanted, title)
  }
})

t.test('comes back when the next run is due', async (t) => {
  t.equal(plan(cronJob(), [], 59).requeueAfterMs, 1_000)
  t.equal(plan(cronJob({ concurrencyPolicy: 'Forbid' }, active(run(1))), [run(1)], 130).requeueAfterMs, 50_000)
  t.equal(plan(cronJob({ suspend: true }), [], 59).requeueAfterMs, undefined)
})

t.test('the Job of a run', async (t) => {
  const at = START_MS + 60_000
  t.match(jobFromTemplate(cronJob(), at), {
    metadata: {
      name: `tick-${START_MINUTES + 1}`,
      namespace: 'default',
      labels: { app: 'tick' },
      annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:01:00Z' },
      ownerReferences: [{ kind: 'CronJob', name: 'tick', controller: true }],
    },
  })
  const zoned = (timeZone: string) =>
    jobFromTemplate(cronJob({ timeZone }), at).metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp']
  t.equal(zoned('Asia/Kolkata'), '2026-01-01T05:31:00+05:30')
  t.equal(zoned('America/New_York'), '2025-12-31T19:01:00-05:00')
})

/** A world without a server, in which runs end half a minute after they began. */
interface World {
  owner: CronJob
  jobs: Job[]
  started: number[]
}

const minuteOf = ({ metadata }: Job) => Number(metadata.name.replace('tick-', '')) - START_MINUTES

function applied({ owner, jobs, started }: World, action: CronJobAction): World {
  switch (action.do) {
    case 'createJob': {
      const minute = (action.scheduledMs - START_MS) / 60_000
      return { owner, jobs: [...jobs, run(minute)], started: [...started, minute] }
    }
    case 'deleteJob':
      return { owner, jobs: jobs.filter((job) => job !== action.job), started }
    case 'updateStatus':
      return { owner: { ...owner, status: action.status }, jobs, started }
    case 'tell':
      return { owner, jobs, started }
  }
}

function settled(world: World, second: number): World {
  let now = world
  for (let round = 0; round < 5; round++) {
    const { actions } = plan(now.owner, now.jobs, second)
    if (actions.length === 0) return now
    for (const action of actions) now = applied(now, action)
  }
  throw new Error('not at rest')
}

t.test('minute by minute, each has one run, and the history is kept', async (t) => {
  let world: World = { owner: cronJob({ successfulJobsHistoryLimit: 2 }), jobs: [], started: [] }
  for (let second = 0; second <= 600; second += 5) {
    const jobs = world.jobs.map((job) =>
      job.status.conditions === undefined && second % 60 === 30 ? run(minuteOf(job), 'Complete', second) : job,
    )
    world = settled({ ...world, jobs }, second)
  }
  t.same(world.started, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  t.equal(world.jobs.length, 3, 'two that are over and one that runs')
})
