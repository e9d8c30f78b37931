/** Whether a Job has come to its end, or must, and why. Pure. */
import type { Job } from '../../shared/api/job/job.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { jobCondition } from './conditions.ts'
import { hasFailed, hasLimitPerIndex, isIndexed } from './job-pod.ts'
import { judgeFailure } from './pod-failure-policy.ts'
import { matchSuccessPolicy } from './success-policy.ts'
import type { Tally } from './tally.ts'

/** The Job's pods are stopped now; once they are gone, it is Failed or Complete. */
export interface Verdict {
  type: 'FailureTarget' | 'SuccessCriteriaMet'
  reason: string
  message: string
}

const failure = (reason: string, message: string): Verdict => ({ type: 'FailureTarget', reason, message })

/** A verdict stands once it has been told. */
function earlier(job: Job): Verdict | undefined {
  for (const type of ['SuccessCriteriaMet', 'FailureTarget'] as const) {
    const condition = jobCondition(job, type)
    if (condition !== undefined) return { type, reason: condition.reason ?? '', message: condition.message ?? '' }
  }
  return undefined
}

function byFailurePolicy(job: Job, pods: readonly Pod[]): Verdict | undefined {
  for (const pod of pods) {
    if (!hasFailed(pod, job)) continue
    const verdict = judgeFailure(pod, job.spec.podFailurePolicy)
    if (verdict.action === 'FailJob') return failure('PodFailurePolicy', verdict.message)
  }
  return undefined
}

/** Where containers are restarted in their pods, the restarts count in place of failed pods. */
function restartsExceed({ spec }: Job, active: readonly Pod[]): boolean {
  if (spec.template.spec.restartPolicy !== 'OnFailure') return false
  const restarts = active
    .flatMap(({ status }) => [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0)
  return spec.backoffLimit === 0 ? restarts > 0 : restarts >= spec.backoffLimit
}

function byIndexes(job: Job, { failedIndexes, succeededIndexes }: Tally): Verdict | undefined {
  const { maxFailedIndexes, completions = 0 } = job.spec
  if (!hasLimitPerIndex(job) || failedIndexes.size === 0) return undefined
  if (maxFailedIndexes !== undefined && failedIndexes.size > maxFailedIndexes)
    return failure('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes')
  if (failedIndexes.size + succeededIndexes.size >= completions)
    return failure('FailedIndexes', 'Job has failed indexes')
  return undefined
}

function bySuccessPolicy(job: Job, { succeededIndexes }: Tally): Verdict | undefined {
  if (!isIndexed(job)) return undefined
  const message = matchSuccessPolicy(job.spec.successPolicy, job.spec.completions ?? 0, succeededIndexes)
  return message === undefined ? undefined : { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message }
}

export interface VerdictWorld {
  pods: readonly Pod[]
  tally: Tally
  /** How long the Job may still run; undefined: for ever. */
  remainingMs: number | undefined
}

/** Why the Job must end although there may be work left; undefined: it goes on. */
export function reachVerdict(job: Job, { pods, tally, remainingMs }: VerdictWorld): Verdict | undefined {
  const known = earlier(job) ?? byFailurePolicy(job, pods)
  if (known !== undefined) return known
  if (tally.failed > job.spec.backoffLimit || restartsExceed(job, tally.active))
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  if (remainingMs !== undefined && remainingMs <= 0)
    return failure('DeadlineExceeded', 'Job was active longer than specified deadline')
  return byIndexes(job, tally) ?? bySuccessPolicy(job, tally)
}

/** Whether enough pods have succeeded and none is left. Without a number of completions any success is the sign. */
export function isCompleted({ spec: { completions } }: Job, succeeded: number, active: number): boolean {
  if (active > 0) return false
  return completions === undefined ? succeeded > 0 : succeeded >= completions
}

export const COMPLETIONS_REACHED: Verdict = {
  type: 'SuccessCriteriaMet',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
}
