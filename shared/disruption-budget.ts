/** What the API server's evictions and the disruption controller both know of a PodDisruptionBudget. Pure. */
import type { Pod } from './api/pod/pod.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from './api/pod-disruption-budget.ts'
import { toTime } from './clock.ts'
import { matchesSelector, selectorFromLabelSelector } from './labels.ts'

type Condition = NonNullable<PodDisruptionBudgetStatus['conditions']>[number]

/** The condition that says whether a budget allows evictions. */
export const DISRUPTION_ALLOWED = 'DisruptionAllowed'

/** Whether a budget protects a pod of its namespace. */
export const protects = ({ spec }: PodDisruptionBudget, { metadata }: Pod): boolean =>
  matchesSelector(selectorFromLabelSelector(spec.selector), metadata.labels)

export interface BudgetVerdict {
  status: 'True' | 'False'
  reason: 'InsufficientPods' | 'SufficientPods' | 'SyncFailed'
  message: string
}

/** What the condition says for a number of allowed disruptions. */
export const verdictOn = (disruptionsAllowed: number): BudgetVerdict =>
  disruptionsAllowed > 0
    ? { status: 'True', reason: 'SufficientPods', message: '' }
    : { status: 'False', reason: 'InsufficientPods', message: '' }

/** The conditions with the verdict in them; the time of the transition stays where the answer is the same as before. */
export function withVerdict(
  { metadata, status }: PodDisruptionBudget,
  verdict: BudgetVerdict,
  nowMs: number,
): Condition[] {
  const known = status.conditions?.find(({ type }) => type === DISRUPTION_ALLOWED)
  const lastTransitionTime = known?.status === verdict.status ? known.lastTransitionTime : toTime(nowMs)
  const condition: Condition = {
    type: DISRUPTION_ALLOWED,
    ...verdict,
    observedGeneration: metadata.generation ?? 0,
    lastTransitionTime,
  }
  if (known === undefined) return [...(status.conditions ?? []), condition]
  return (status.conditions ?? []).map((other) => (other === known ? condition : other))
}
