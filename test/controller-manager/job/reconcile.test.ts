import t from 'tap'
import { type JobAction, reconcileJob } from '../../../controller-manager/job/reconcile.ts'
import type { Job } from '../../../shared/api/job/job.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { selectorFromLabelSelector } from '../../../shared/labels.ts'
import { meta, START_MS } from '../objects.ts'
import { condition, job, jobPod, LABELS, time } from './objects.ts'

const NOW = 100

function plan(owner: Job, candidates: Pod[], { isCacheFresh = true, maySetPopulation = true } = {}) {
  return reconcileJob(owner, {
    selector: selectorFromLabelSelector(owner.spec.selector),
    candidates,
    isCacheFresh,
    maySetPopulation,
    nowMs: START_MS + NOW * 1_000,
  })
}

/** Actions in a form that a table can hold: pods by name, requests by what distinguishes them. */
const shown = (actions: readonly JobAction[]): Record<string, unknown> =>
  Object.fromEntries(
    actions.map((action) => {
      if (action.do === 'createPods') return [action.do, action.requests]
      if (action.do === 'updateStatus') {
        const { uncountedTerminatedPods = {}, conditions = [], startTime: _, ready: __, ...rest } = action.status
        const told = action.events.map(({ reason, message }) => `${reason}: ${message}`)
        return [
          action.do,
          {
            ...rest,
            ...(Object.keys(uncountedTerminatedPods).length > 0 && { uncounted: uncountedTerminatedPods }),
            ...(conditions.length > 0 && { conditions: conditions.map(({ type, reason }) => `${type} ${reason}`) }),
            ...(told.length > 0 && { told }),
          },
        ]
      }
      return [action.do, action.pods.map(({ metadata }) => metadata.name)]
    }),
  )

const started = { startTime: time(0), terminating: 0, ready: 0, uncountedTerminatedPods: {} }
const running = { ...started, active: 1 }
const succeeded = (name: string, more = {}) => jobPod(name, { phase: 'Succeeded', endedAt: 50, ...more })
const failed = (name: string, more = {}) => jobPod(name, { phase: 'Failed', endedAt: 50, ...more })
const counted = { isUntracked: true }
const indexed = { completionMode: 'Indexed' as const, completions: 3, parallelism: 3 }
const ignoreDisruption = {
  rules: [{ action: 'Ignore' as const, onPodConditions: [{ type: 'DisruptionTarget', status: 'True' as const }] }],
}
const onCode42 = (action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count') => ({
  rules: [{ action, onExitCodes: { operator: 'In' as const, values: [42] } }],
})
const over = (type: 'SuccessCriteriaMet' | 'FailureTarget', reason: string) => ({
  ...started,
  conditions: [condition(type, reason)],
})
const notManual = { manualSelector: true }

const cases: [title: string, job: Job, pods: Pod[], wanted: Record<string, unknown>][] = [
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
    'indexes',
    job(indexed, started),
    [],
    {
      createPods: [{ index: 0 }, { index: 1 }, { index: 2 }],
      updateStatus: { active: 3, terminating: 0 },
    },
  ],
  [
    'indexes that are open',
    job({ ...indexed, completions: 5 }, { ...started, completedIndexes: '0,2', succeeded: 2 }),
    [jobPod('a', { index: 1 })],
    {
      createPods: [{ index: 3 }, { index: 4 }],
      updateStatus: { active: 3, succeeded: 2, completedIndexes: '0,2', terminating: 0 },
    },
  ],
  [
    'two pods of one index',
    job(indexed, { ...started, active: 3 }),
    [jobPod('a', { index: 0, isReady: true }), jobPod('b', { index: 0 }), jobPod('c', { index: 1 })],
    {
      withdrawPods: ['b'],
      updateStatus: { active: 2, terminating: 1 },
    },
  ],
  [
    'an index is completed without a note of its pod',
    job(indexed, { ...started, active: 2, completedIndexes: '2', succeeded: 1 }),
    [succeeded('a', { index: 0 }), jobPod('b', { index: 1 })],
    {
      updateStatus: { active: 1, completedIndexes: '0,2', succeeded: 2, terminating: 0 },
    },
  ],
  [
    'and its pod let go',
    job(indexed, { ...running, completedIndexes: '0,2', succeeded: 2 }),
    [succeeded('a', { index: 0 }), jobPod('b', { index: 1 })],
    { removeFinalizers: ['a'] },
  ],
  [
    'an index that the Job has no more',
    job({ ...indexed, completions: 1, parallelism: 1 }, { ...started, active: 2 }),
    [jobPod('a', { index: 0 }), jobPod('b', { index: 1 })],
    {
      withdrawPods: ['b'],
      updateStatus: { active: 1, terminating: 1 },
    },
  ],
  [
    'a failed index waits for its replacement',
    job({ ...indexed, completions: 1, backoffLimitPerIndex: 1 }, { ...running, failedIndexes: '' }),
    [failed('a', { index: 0, failures: 0, endedAt: 95 })],
    {
      updateStatus: { terminating: 0, failedIndexes: '' },
    },
  ],
  [
    'its replacement takes over the count',
    job({ ...indexed, completions: 1, backoffLimitPerIndex: 1 }, { ...started, failedIndexes: '' }),
    [failed('a', { index: 0, failures: 0 })],
    {
      createPods: [{ index: 0, failures: 1, ignoredFailures: 0 }],
      updateStatus: { active: 1, terminating: 0, failedIndexes: '' },
    },
  ],
  [
    'and only then the failure is noted',
    job({ ...indexed, completions: 1, backoffLimitPerIndex: 1 }, { ...running, failedIndexes: '' }),
    [failed('a', { index: 0, failures: 0 }), jobPod('b', { index: 0, failures: 1 })],
    {
      updateStatus: { active: 1, terminating: 0, failedIndexes: '', uncounted: { failed: ['uid-a'] } },
    },
  ],
  [
    'an index out of tries',
    job(
      { ...indexed, completions: 2, parallelism: 2, backoffLimitPerIndex: 1 },
      { ...started, active: 2, failedIndexes: '' },
    ),
    [failed('a', { index: 0, failures: 1 }), jobPod('b', { index: 1, failures: 0 })],
    {
      updateStatus: { active: 1, terminating: 0, failedIndexes: '0', uncounted: { failed: ['uid-a'] } },
    },
  ],
  [
    'all indexes done, one of them failed',
    job({ ...indexed, completions: 2, backoffLimitPerIndex: 0 }, { ...running, failedIndexes: '0', failed: 1 }),
    [succeeded('b', { index: 1, failures: 0 })],
    {
      updateStatus: {
        failed: 1,
        succeeded: 1,
        completedIndexes: '1',
        terminating: 0,
        failedIndexes: '0',
        conditions: ['FailureTarget FailedIndexes'],
      },
    },
  ],
  [
    'too many failed indexes',
    job({ ...indexed, backoffLimitPerIndex: 0, maxFailedIndexes: 0 }, { ...running, failedIndexes: '' }),
    [failed('a', { index: 0, failures: 0 }), jobPod('b', { index: 1, failures: 0 })],
    {
      deletePods: ['b'],
      updateStatus: {
        terminating: 1,
        failedIndexes: '0',
        uncounted: { failed: ['uid-a'] },
        conditions: ['FailureTarget MaxFailedIndexesExceeded'],
      },
    },
  ],
  [
    'FailIndex',
    job(
      { ...indexed, completions: 2, backoffLimitPerIndex: 5, podFailurePolicy: onCode42('FailIndex') },
      { ...started, active: 2, failedIndexes: '' },
    ),
    [failed('a', { index: 0, failures: 0, exitCode: 42 }), jobPod('b', { index: 1, failures: 0 })],
    {
      updateStatus: { active: 1, terminating: 0, failedIndexes: '0', uncounted: { failed: ['uid-a'] } },
    },
  ],
  [
    'FailJob',
    job({ podFailurePolicy: onCode42('FailJob') }, running),
    [failed('a', { exitCode: 42 })],
    {
      updateStatus: {
        terminating: 0,
        uncounted: { failed: ['uid-a'] },
        conditions: ['FailureTarget PodFailurePolicy'],
      },
    },
  ],
  [
    'Ignore',
    job({ backoffLimit: 0, podFailurePolicy: ignoreDisruption }, running),
    [failed('a', { disruption: true })],
    {
      createPods: [{}],
      removeFinalizers: ['a'],
    },
  ],
  [
    'a success policy is met',
    job(
      { ...indexed, successPolicy: { rules: [{ succeededIndexes: '1-2', succeededCount: 1 }] } },
      { ...started, active: 3 },
    ),
    [jobPod('a', { index: 0 }), succeeded('b', { index: 1 }), jobPod('c', { index: 2 })],
    {
      deletePods: ['a', 'c'],
      updateStatus: {
        succeeded: 1,
        completedIndexes: '1',
        terminating: 2,
        conditions: ['SuccessCriteriaMet SuccessPolicy'],
      },
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

t.test('the message of a FailJob rule', async (t) => {
  const { actions } = plan(job({ podFailurePolicy: onCode42('FailJob') }, running), [failed('a', { exitCode: 42 })])
  const status = actions.find((action) => action.do === 'updateStatus')?.status
  t.equal(
    status?.conditions?.[0]?.message,
    'Container main for pod default/a failed with exit code 42 matching FailJob rule at index 0',
  )
})
