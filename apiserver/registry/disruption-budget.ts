/** What a disruption budget says to one eviction. Pure. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { PodDisruptionBudget } from '../../shared/api/pod-disruption-budget.ts'
import { toTime } from '../../shared/clock.ts'
import { verdictOn, withVerdict } from '../../shared/disruption-budget.ts'
import { ApiError, forbidden } from '../../shared/errors.ts'

/** Evictions that were granted and whose pods are not seen to be gone. Beyond it the budget's controller is too far behind. */
const DISRUPTED_PODS_MAX = 2_000
/** When to come back to a budget whose numbers are not computed yet. */
const UNPROCESSED_RETRY_SECONDS = 10

const isReady = ({ status }: Pod) =>
  status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true

/**
 * Whether a pod that is not ready may go without the budget being charged: it is none of the healthy pods that the
 * budget counts.
 */
export function isFreeOfCharge({ spec, status }: PodDisruptionBudget, pod: Pod): boolean {
  if (isReady(pod)) return false
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  return status.desiredHealthy > 0 && status.currentHealthy >= status.desiredHealthy
}

function refusal(explanation: string, retryAfterSeconds?: number): ApiError {
  const causes = [{ reason: 'DisruptionBudget', message: `The disruption budget ${explanation}` }]
  const details = { causes, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }
  const message = "Cannot evict pod as it would violate the pod's disruption budget."
  return new ApiError(429, 'TooManyRequests', message, details)
}

const subjectOf = ({ metadata: { name } }: PodDisruptionBudget) => ({
  group: 'policy',
  resource: 'poddisruptionbudget',
  name,
})

/**
 * The budget after one more pod was granted its eviction. Throws TooManyRequests where the budget does not allow it, or
 * does not know yet.
 */
export function charged(budget: PodDisruptionBudget, podName: string, nowMs: number): PodDisruptionBudget {
  const { metadata, status } = budget
  const { name } = metadata
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0))
    throw refusal(`${name} is still being processed by the server.`, UNPROCESSED_RETRY_SECONDS)
  if (status.disruptionsAllowed < 0) throw forbidden(subjectOf(budget), 'pdb disruptions allowed is negative')
  if (Object.keys(status.disruptedPods ?? {}).length > DISRUPTED_PODS_MAX)
    throw forbidden(subjectOf(budget), 'DisruptedPods map too big - too many evictions not confirmed by PDB controller')
  if (status.disruptionsAllowed === 0)
    throw refusal(`${name} needs ${status.desiredHealthy} healthy pods and has ${status.currentHealthy} currently`)
  const disruptionsAllowed = status.disruptionsAllowed - 1
  return {
    ...structuredClone(budget),
    status: {
      ...structuredClone(status),
      disruptionsAllowed,
      disruptedPods: { ...status.disruptedPods, [podName]: toTime(nowMs) },
      ...(disruptionsAllowed === 0 && { conditions: withVerdict(budget, verdictOn(0), nowMs) }),
    },
  }
}
