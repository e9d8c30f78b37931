import t from 'tap'
import type { JobStatus } from '../../../../shared/api/job/job.ts'
import { validateJobStatusUpdate } from '../../../../shared/api/job/validate-job-status.ts'
import { shown } from '../../../support/kind-objects.ts'
import { newJob } from './job-objects.ts'

const yes = (...types: string[]) => types.map((type) => ({ type, status: 'True' }))
const START = '2026-01-01T00:00:00Z'
const END = '2026-01-01T00:01:00Z'

const running: JobStatus = { startTime: START, active: 2, ready: 1 }
const complete: JobStatus = {
  startTime: START,
  completionTime: END,
  succeeded: 1,
  conditions: yes('SuccessCriteriaMet', 'Complete'),
}
const failed: JobStatus = { startTime: START, failed: 1, conditions: yes('FailureTarget', 'Failed') }

type Row = [title: string, old: JobStatus, status: JobStatus, wanted: string[], spec?: object]

const rows: Row[] = [
  ['starting', {}, running, []],
  ['completing', running, complete, []],
  ['failing', running, failed, []],
  ['counting in steps', running, { ...running, uncountedTerminatedPods: { succeeded: ['a'], failed: ['b'] } }, []],
  [
    'counting twice',
    {},
    { uncountedTerminatedPods: { succeeded: ['a', ''], failed: ['a'] } },
    [
      'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty',
      'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
    ],
  ],
  [
    'negative counts',
    {},
    { active: -1, terminating: -1 },
    [
      'status.active: Invalid value: -1: must be greater than or equal to 0',
      'status.terminating: Invalid value: -1: must be greater than or equal to 0',
      'status.ready: Invalid value: 0: cannot set more ready pods than active',
    ],
  ],
  [
    'running on after the end',
    complete,
    running,
    [
      'status.conditions: Invalid value: cannot disable the terminal Complete=True condition',
      'status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition',
      'status.succeeded: Invalid value: 0: cannot decrease the succeeded counter',
    ],
  ],
  [
    'both ends',
    complete,
    { ...complete, failed: 1, conditions: yes('SuccessCriteriaMet', 'Complete', 'Failed') },
    [
      'status.conditions: Invalid value: cannot set Complete=True and Failed=true conditions',
      'status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and Failed=true conditions',
      'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition',
    ],
  ],
  [
    'an end that nothing announced',
    running,
    { startTime: START, completionTime: END, conditions: yes('Complete') },
    [
      'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    ],
  ],
  [
    'an end without times, with pods',
    {},
    {
      active: 1,
      terminating: 1,
      uncountedTerminatedPods: { failed: ['a'] },
      conditions: yes('SuccessCriteriaMet', 'Complete'),
    },
    [
      'status.completionTime: Required value: completionTime is required for Complete jobs',
      'status.startTime: Required value: startTime is required for finished job',
      'status.active: Invalid value: 1: active>0 is invalid for finished job',
      'status.uncountedTerminatedPods: Invalid value: {"failed":["a"]}: uncountedTerminatedPods needs to be empty for finished job',
      'status.terminating: Invalid value: 1: terminating>0 is invalid for finished job',
    ],
  ],
  [
    'times in the wrong order',
    running,
    { ...complete, startTime: END, completionTime: START },
    [
      `status.completionTime: Invalid value: "${START}": completionTime cannot be set before startTime`,
      'status.startTime: Required value: startTime cannot be removed for unsuspended job',
    ],
  ],
  ['starting again after a pause', running, { startTime: END }, [], { suspend: true }],
  [
    'indexes of a job without',
    {},
    { completedIndexes: '0', failedIndexes: '' },
    [
      'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
      'status.failedIndexes: Invalid value: "": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
    ],
  ],
  [
    'indexes that are in both lists, and beyond the end',
    {},
    { completedIndexes: '0-3', failedIndexes: '2,3' },
    ['status.failedIndexes: Invalid value: "2,3": failedIndexes and completedIndexes overlap at index: 2'],
    { completionMode: 'Indexed', completions: 5, backoffLimitPerIndex: 1 },
  ],
  [
    'indexes beyond the end',
    {},
    { completedIndexes: '0-5' },
    ['status.completedIndexes: Invalid value: "0-5": error parsing completedIndexes: too large index: "5"'],
    { completionMode: 'Indexed', completions: 5 },
  ],
  [
    'fewer successes of a smaller job',
    { succeeded: 5 },
    { succeeded: 3 },
    [],
    { completionMode: 'Indexed', completions: 3, parallelism: 3 },
  ],
]

t.test('changes of the status', async (t) => {
  for (const [title, oldStatus, status, wanted, spec] of rows) {
    const old = { ...newJob(spec), status: oldStatus }
    t.same(shown(validateJobStatusUpdate({ ...old, status }, old)), wanted, title)
  }
})

t.test('a status that was bad before may change elsewhere', async (t) => {
  const old = { ...newJob(), status: { conditions: yes('Complete'), active: 1 } }
  t.same(validateJobStatusUpdate({ ...old, status: { ...old.status, terminating: 0 } }, old), [])
})
