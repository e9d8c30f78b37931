/** Jobs whose pods have indexes, and Jobs with policies. */
import t from 'tap'
import { job, jobPod } from './objects.ts'
import { type Case, failed, plan, running, shown, started, succeeded } from './plans.ts'

const indexed = { completionMode: 'Indexed' as const, completions: 3, parallelism: 3 }
const ignoreDisruption = {
  rules: [{ action: 'Ignore' as const, onPodConditions: [{ type: 'DisruptionTarget', status: 'True' as const }] }],
}
const onCode42 = (action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count') => ({
  rules: [{ action, onExitCodes: { operator: 'In' as const, values: [42] } }],
})

const cases: Case[] = [
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
]

t.test('plans', async (t) => {
  for (const [title, owner, pods, wanted] of cases) t.same(shown(plan(owner, pods).actions), wanted, title)
})

t.test('the message of a FailJob rule', async (t) => {
  const { actions } = plan(job({ podFailurePolicy: onCode42('FailJob') }, running), [failed('a', { exitCode: 42 })])
  const status = actions.find((action) => action.do === 'updateStatus')?.status
  t.equal(
    status?.conditions?.[0]?.message,
    'Container main for pod default/a failed with exit code 42 matching FailJob rule at index 0',
  )
})
