/** What is told about a pod that could not be scheduled, worded and counted as upstream does (`framework.FitError`). Pure. */
import type { Decision, Verdict } from './cycle.ts'
import type { PodInfo } from './framework.ts'

const NO_NODES = 'no nodes available to schedule pods'
const NOT_HELPFUL = 'Preemption is not helpful for scheduling'
const NO_VICTIMS = 'No preemption victims found for incoming pod'

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` Reasons are sorted as texts. */
function summary(nodeCount: number, reasons: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const shown = [...counts].map(([reason, count]) => `${count} ${reason}`).sort()
  return `0/${nodeCount} nodes are available: ${shown.join(', ')}.`
}

/** No pod is ever pushed out for another, so the answer is the one for a cluster without any that could be. */
function preemption(pod: PodInfo, verdicts: readonly Verdict[]): string {
  if (pod.pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const reasons = verdicts.map(({ rejection }) => (rejection?.resolvable === true ? NO_VICTIMS : NOT_HELPFUL))
  return summary(verdicts.length, reasons)
}

/** The message of a FailedScheduling event and of the PodScheduled condition, for a decision that found no node. */
export function explainRejection(pod: PodInfo, { verdicts }: Decision): string {
  if (verdicts.length === 0) return NO_NODES
  const reasons = verdicts.flatMap(({ rejection }) => rejection?.reasons ?? [])
  return `${summary(verdicts.length, reasons)} preemption: ${preemption(pod, verdicts)}`
}
