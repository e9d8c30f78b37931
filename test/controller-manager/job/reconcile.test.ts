import t from 'tap'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { meta } from '../objects.ts'
import { condition, job, jobPod, LABELS, time } from './objects.ts'
import { type Case, counted, failed, NOW, over, plan, running, shown, started, succeeded } from './plans.ts'

const notManual = { manualSelector: true }

const cases: Case[] = [
  ['a new Job', job(), [], { createPods: [{}], updateStatus: { active: 1, terminating: 0 } }],
  ['runs', job({}, running), [jobPod('a')], {}],
  [
    'never more than parallelism',
    job({ completions: 9, parallelism: 2 }, started),
    [],
    { createPods: [{}, {}], updateStatus: { active: 2, terminating: 0 } },
  ],
  [
    'no more than are missing',
    job({ completions: 3, parallelism: 5 }, { ...started, succeeded: 2 }),
    [],
    { createPods: [{}], updateStatus: { active: 1, succeeded: 2, terminating: 0 } },
  ],
  [
    'parallelism of 0 pauses',
    job({ parallelism: 0 }, running),
    [jobPod('a')],
    { withdrawPods: ['a'], updateStatus: { terminating: 1 } },
  ],
  [
    'a success is noted, with the reason why no pod follows',
    job({}, running),
    [succeeded('a')],
    {
      updateStatus: {
        terminating: 0,
        uncounted: { succeeded: ['uid-a'] },
        conditions: ['SuccessCriteriaMet CompletionsReached'],
      },
    },
  ],
  [
    'what is noted is let go',
    job({}, { ...over('SuccessCriteriaMet', 'CompletionsReached'), uncountedTerminatedPods: { succeeded: ['uid-a'] } }),
    [succeeded('a')],
    {
      removeFinalizers: ['a'],
    },
  ],
  [
    'what is let go is counted, and the Job complete',
    job({}, { ...over('SuccessCriteriaMet', 'CompletionsReached'), uncountedTerminatedPods: { succeeded: ['uid-a'] } }),
    [succeeded('a', counted)],
    {
      updateStatus: {
        succeeded: 1,
        terminating: 0,
        completionTime: time(NOW),
        conditions: ['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached'],
        told: ['Completed: Job completed'],
      },
    },
  ],
  [
    'a Job that is over does nothing',
    job({}, { ...started, succeeded: 1, conditions: [condition('Complete', 'CompletionsReached')] }),
    [succeeded('a', counted)],
    {},
  ],
  [
    'but lets pods go',
    job({}, { ...started, succeeded: 1, conditions: [condition('Complete', 'CompletionsReached')] }),
    [succeeded('a')],
    { removeFinalizers: ['a'] },
  ],
  [
    'no completions wanted',
    job({ completions: 0 }, started),
    [],
    {
      updateStatus: {
        terminating: 0,
        completionTime: time(NOW),
        conditions: ['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached'],
        told: ['Completed: Job completed'],
      },
    },
  ],
  [
    'a failure is noted and replaced after a while',
    job({}, running),
    [failed('a', { endedAt: 95 })],
    {
      updateStatus: { terminating: 0, uncounted: { failed: ['uid-a'] } },
    },
  ],
  [
    'replaced in time',
    job({}, { ...started, failed: 1 }),
    [failed('a', counted)],
    { createPods: [{}], updateStatus: { active: 1, failed: 1, terminating: 0 } },
  ],
  [
    'a second failure in a row waits twice as long',
    job({}, { ...started, failed: 2 }),
    [failed('a', counted), failed('b', { ...counted, endedAt: 85 })],
    {},
  ],
  [
    'a success in between forgives',
    job({ completions: 3 }, { ...started, failed: 1, succeeded: 1 }),
    [failed('a', counted), succeeded('b', { ...counted, endedAt: 60 })],
    {
      createPods: [{}],
      updateStatus: { active: 1, failed: 1, succeeded: 1, terminating: 0 },
    },
  ],
  [
    'the last failure',
    job({ backoffLimit: 0 }, running),
    [failed('a')],
    {
      updateStatus: {
        terminating: 0,
        uncounted: { failed: ['uid-a'] },
        conditions: ['FailureTarget BackoffLimitExceeded'],
      },
    },
  ],
  [
    'failed once all is counted',
    job(
      { backoffLimit: 0 },
      { ...over('FailureTarget', 'BackoffLimitExceeded'), uncountedTerminatedPods: { failed: ['uid-a'] } },
    ),
    [failed('a', counted)],
    {
      updateStatus: {
        failed: 1,
        terminating: 0,
        conditions: ['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded'],
        told: ['BackoffLimitExceeded: why'],
      },
    },
  ],
  [
    'the others are stopped with it',
    job({ backoffLimit: 0, completions: 2, parallelism: 2 }, { ...started, active: 2 }),
    [failed('a'), jobPod('b')],
    {
      deletePods: ['b'],
      updateStatus: {
        terminating: 1,
        uncounted: { failed: ['uid-a'] },
        conditions: ['FailureTarget BackoffLimitExceeded'],
      },
    },
  ],
  [
    'not Failed while a pod is going',
    job({}, { ...over('FailureTarget', 'DeadlineExceeded'), terminating: 1, failed: 1 }),
    [jobPod('a', { ...counted, deletedAt: 90 })],
    {},
  ],
  [
    'a deleted pod counts as failed, and is replaced',
    job({}, running),
    [jobPod('a', { deletedAt: 90 })],
    {
      createPods: [{}],
      updateStatus: { active: 1, terminating: 1, uncounted: { failed: ['uid-a'] } },
    },
  ],
  [
    'a pod that was lost with its node is replaced',
    job({}, running),
    [failed('a', { deletedAt: 90, disruption: true })],
    { createPods: [{}], updateStatus: { active: 1, terminating: 0, uncounted: { failed: ['uid-a'] } } },
  ],
  [
    'a deleted pod is not replaced before its end, by policy',
    job({ podReplacementPolicy: 'Failed' }, running),
    [jobPod('a', { deletedAt: 90 })],
    {
      updateStatus: { terminating: 1 },
    },
  ],
  [
    'restarts count where containers are restarted',
    job(
      {
        backoffLimit: 2,
        template: {
          metadata: { labels: LABELS },
          spec: { containers: [], restartPolicy: 'OnFailure' } as unknown as Pod['spec'],
        },
      },
      running,
    ),
    [jobPod('a', { restarts: 2 })],
    {
      deletePods: ['a'],
      updateStatus: { terminating: 1, conditions: ['FailureTarget BackoffLimitExceeded'] },
    },
  ],
  [
    'past its deadline',
    job({ activeDeadlineSeconds: 100 }, running),
    [jobPod('a')],
    {
      deletePods: ['a'],
      updateStatus: { terminating: 1, conditions: ['FailureTarget DeadlineExceeded'] },
    },
  ],
  [
    'a work queue fills up',
    job({ completions: undefined, parallelism: 2 } as never, started),
    [jobPod('a')],
    { createPods: [{}], updateStatus: { active: 2, terminating: 0 } },
  ],
  [
    'a work queue in which one has succeeded drains',
    job({ completions: undefined, parallelism: 2 } as never, { ...started, active: 2 }),
    [succeeded('a'), jobPod('b')],
    {
      updateStatus: { active: 1, terminating: 0, uncounted: { succeeded: ['uid-a'] } },
    },
  ],
  [
    'a drained work queue is complete',
    job({ completions: undefined, parallelism: 2 } as never, { ...started, succeeded: 1, active: 1 }),
    [succeeded('b')],
    {
      updateStatus: {
        succeeded: 1,
        terminating: 0,
        uncounted: { succeeded: ['uid-b'] },
        conditions: ['SuccessCriteriaMet CompletionsReached'],
      },
    },
  ],
  [
    'suspended',
    job({ suspend: true }, running),
    [jobPod('a')],
    {
      withdrawPods: ['a'],
      updateStatus: { terminating: 1, conditions: ['Suspended JobSuspended'], told: ['Suspended: Job suspended'] },
    },
  ],
  [
    'resumed',
    job(
      {},
      { terminating: 0, ready: 0, uncountedTerminatedPods: {}, conditions: [condition('Suspended', 'JobSuspended')] },
    ),
    [],
    {
      createPods: [{}],
      updateStatus: { active: 1, terminating: 0, conditions: ['Suspended JobResumed'], told: ['Resumed: Job resumed'] },
    },
  ],
  [
    'an orphan is adopted first',
    job(notManual, started),
    [{ ...jobPod('a'), metadata: meta('a', { labels: LABELS }) }],
    { adoptPods: ['a'] },
  ],
  [
    'a relabelled pod is let go',
    job({}, running),
    [{ ...jobPod('a'), metadata: { ...jobPod('a').metadata, labels: {} } }],
    {
      releasePods: ['a'],
      createPods: [{}],
    },
  ],
  [
    'a pod whose end would not be counted is withdrawn',
    job({}, running),
    [jobPod('a', counted)],
    { withdrawPods: ['a'], updateStatus: { terminating: 1 } },
  ],
  [
    'a Job that is going lets its pods go',
    job({}, running, { deletionTimestamp: time(1) }),
    [jobPod('a')],
    { removeFinalizers: ['a'] },
  ],
]

t.test('plans', async (t) => {
  for (const [title, owner, pods, wanted] of cases) t.same(shown(plan(owner, pods).actions), wanted, title)
})

t.test('a stale cache is not acted upon', async (t) => {
  t.same(plan(job(), [], { isCacheFresh: false }).actions, [])
  t.same(plan(job({}, running), [succeeded('a')], { isCacheFresh: false }).actions, [])
})

t.test('what does not depend on creating or deleting is done when that fails', async (t) => {
  t.same(shown(plan(job(), [], { maySetPopulation: false }).actions), { updateStatus: { terminating: 0 } })
})

t.test('comes back when time has something to say', async (t) => {
  t.equal(plan(job({ activeDeadlineSeconds: 130 }, running), [jobPod('a')]).requeueAfterMs, 30_000)
  t.equal(plan(job({}, { ...started, failed: 1 }), [failed('a', { ...counted, endedAt: 97 })]).requeueAfterMs, 7_000)
  t.equal(plan(job({ suspend: true, activeDeadlineSeconds: 130 }, running), []).requeueAfterMs, undefined)
  const both = job({ activeDeadlineSeconds: 102 }, { ...started, failed: 1 })
  t.equal(plan(both, [failed('a', { ...counted, endedAt: 97 })]).requeueAfterMs, 2_000)
})
