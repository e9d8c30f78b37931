import t from 'tap'
import {
  pauseConditions,
  progressConditions,
  withCondition,
} from '../../../controller-manager/deployment/conditions.ts'
import type { DeploymentCondition, DeploymentStatus } from '../../../shared/api/deployment.ts'
import { at, START_MS } from '../objects.ts'
import { deployment } from './simulated-rollout.ts'

const progressing = (reason: string, status: 'True' | 'False' | 'Unknown', seconds: number): DeploymentCondition => ({
  type: 'Progressing',
  status,
  reason,
  message: '',
  lastUpdateTime: at(seconds),
  lastTransitionTime: at(0),
})
const DONE = progressing('NewReplicaSetAvailable', 'True', 0)
const UPDATED = progressing('ReplicaSetUpdated', 'True', 100)
const TIMED_OUT = progressing('ProgressDeadlineExceeded', 'False', 100)
const NOW = 200

type Counts = Pick<DeploymentStatus, 'availableReplicas' | 'readyReplicas' | 'replicas' | 'updatedReplicas'>
const all: Counts = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 }
const half: Counts = { replicas: 4, updatedReplicas: 2, readyReplicas: 3, availableReplicas: 3 }

const cases: [
  title: string,
  before: { counts: Counts; condition?: DeploymentCondition },
  now: Counts,
  deadlineSeconds: number,
  wanted: Partial<DeploymentCondition> | undefined,
][] = [
  [
    'done',
    { counts: half, condition: UPDATED },
    all,
    60,
    { reason: DONE.reason!, lastUpdateTime: at(NOW), lastTransitionTime: at(0) },
  ],
  ['done and disturbed: no rollout', { counts: all, condition: DONE }, { ...all, availableReplicas: 1 }, 60, DONE],
  [
    'one more is updated',
    { counts: { ...half, updatedReplicas: 1 }, condition: UPDATED },
    half,
    60,
    { reason: 'ReplicaSetUpdated', lastUpdateTime: at(NOW) },
  ],
  ['one old less', { counts: { ...half, replicas: 5 }, condition: UPDATED }, half, 60, { lastUpdateTime: at(NOW) }],
  [
    'one more is ready',
    { counts: { ...half, readyReplicas: 2 }, condition: UPDATED },
    half,
    60,
    { lastUpdateTime: at(NOW) },
  ],
  ['stands still for a while', { counts: half, condition: UPDATED }, half, 100, UPDATED],
  [
    'stands still for too long',
    { counts: half, condition: UPDATED },
    half,
    99,
    { reason: 'ProgressDeadlineExceeded', status: 'False', lastTransitionTime: at(NOW) },
  ],
  ['stays timed out', { counts: half, condition: TIMED_OUT }, half, 1, TIMED_OUT],
  [
    'gets on after all',
    { counts: { ...half, updatedReplicas: 1 }, condition: TIMED_OUT },
    half,
    1,
    { reason: 'ReplicaSetUpdated', status: 'True' },
  ],
  ['no deadline: nothing is told', { counts: half, condition: UPDATED }, half, 2 ** 31 - 1, undefined],
]

t.test('progress', async (t) => {
  for (const [title, { counts, condition }, now, progressDeadlineSeconds, wanted] of cases) {
    const conditions = condition === undefined ? [] : [condition]
    const web = { ...deployment({ progressDeadlineSeconds }), status: { ...counts, conditions } }
    const status = { ...now, observedGeneration: 1, conditions }
    const rollout = { deployment: web, newSet: undefined, oldSets: [] }
    const [told] = progressConditions(rollout, status, START_MS + NOW * 1_000)
    if (wanted === undefined) t.equal(told, undefined, title)
    else t.match(told, wanted, title)
  }
})

t.test('pauses', async (t) => {
  const reasons = (paused: boolean, condition: DeploymentCondition) =>
    pauseConditions({ ...deployment({ paused }), status: { conditions: [condition] } }, START_MS).map(
      ({ reason }) => reason,
    )
  t.same(reasons(true, UPDATED), ['DeploymentPaused'])
  t.same(reasons(false, progressing('DeploymentPaused', 'Unknown', 0)), ['DeploymentResumed'])
  t.same(reasons(false, UPDATED), ['ReplicaSetUpdated'])
  t.same(reasons(true, TIMED_OUT), ['ProgressDeadlineExceeded'], 'what has failed stays told')
})

t.test('a condition that says the same stays as it is', async (t) => {
  const conditions = [DONE]
  t.equal(
    withCondition(conditions, { type: 'Progressing', status: 'True', reason: DONE.reason!, message: 'new' }, START_MS),
    conditions,
  )
})
