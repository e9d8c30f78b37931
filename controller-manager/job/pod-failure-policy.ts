/** What a Job's pod failure policy makes of a failed pod: the first rule that matches. Pure. */
import type { PodFailurePolicy, PodFailurePolicyRule } from '../../shared/api/job/job.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'

export type FailureVerdict =
  /** The failure counts, as without a policy. */
  { action: 'Count' } | { action: 'Ignore' } | { action: 'FailIndex' } | { action: 'FailJob'; message: string }

const COUNT: FailureVerdict = { action: 'Count' }

/** The name of the container whose exit code meets the rule. Code 0 is no failure and never does. */
function matchExitCodes(
  pod: Pod,
  rule: NonNullable<PodFailurePolicyRule['onExitCodes']>,
): { name: string; code: number } | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status
  for (const { name, state } of [...containerStatuses, ...initContainerStatuses]) {
    const code = state?.terminated?.exitCode ?? 0
    if (code === 0 || (rule.containerName !== undefined && rule.containerName !== name)) continue
    if (rule.values.includes(code) === (rule.operator === 'In')) return { name, code }
  }
  return undefined
}

const matchConditions = (
  pod: Pod,
  patterns: NonNullable<PodFailurePolicyRule['onPodConditions']>,
): string | undefined =>
  patterns.find((pattern) =>
    pod.status.conditions?.some(({ type, status }) => type === pattern.type && status === pattern.status),
  )?.type

/** Why the rule matches the pod, in upstream's words; undefined: it does not. */
function matchRule(
  pod: Pod,
  { onExitCodes, onPodConditions, action }: PodFailurePolicyRule,
  position: number,
): string | undefined {
  const { name, namespace } = pod.metadata
  if (onExitCodes !== undefined) {
    const match = matchExitCodes(pod, onExitCodes)
    if (match === undefined) return undefined
    return `Container ${match.name} for pod ${namespace}/${name} failed with exit code ${match.code} matching ${action} rule at index ${position}`
  }
  const type = matchConditions(pod, onPodConditions ?? [])
  if (type === undefined) return undefined
  return `Pod ${namespace}/${name} has condition ${type} matching ${action} rule at index ${position}`
}

/** Only pods that have ended as Failed are judged; one that is merely being deleted counts. */
export function judgeFailure(pod: Pod, policy: PodFailurePolicy | undefined): FailureVerdict {
  if (policy === undefined || pod.status.phase !== 'Failed') return COUNT
  for (const [position, rule] of policy.rules.entries()) {
    const message = matchRule(pod, rule, position)
    if (message === undefined) continue
    const { action } = rule
    return action === 'FailJob' ? { action, message } : { action }
  }
  return COUNT
}
