/** What the server decides about a pod when it is written (upstream's pod strategy). */
import type { LabelSelectorRequirement } from '../meta.ts'
import type { Affinity, Pod, PodAffinityTerm, PodCondition, PodStatus } from './pod.ts'
import { qosClassOf } from './qos-class.ts'

const GATED: PodCondition = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
}

function podAffinityTerms({ podAffinity, podAntiAffinity }: Affinity): PodAffinityTerm[] {
  return [podAffinity, podAntiAffinity].flatMap((affinity) => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ podAffinityTerm }) =>
      podAffinityTerm === undefined ? [] : [podAffinityTerm],
    ),
  ])
}

/** Turns label keys of a term into conditions on the values that the pod itself has. */
function resolveLabelKeys(term: PodAffinityTerm, labels: Readonly<Record<string, string>>): void {
  const conditions = (keys: readonly string[] | undefined, operator: 'In' | 'NotIn'): LabelSelectorRequirement[] =>
    (keys ?? []).filter((key) => Object.hasOwn(labels, key)).map((key) => ({ key, operator, values: [labels[key]!] }))
  const added = [...conditions(term.matchLabelKeys, 'In'), ...conditions(term.mismatchLabelKeys, 'NotIn')]
  if (term.labelSelector === undefined || added.length === 0) return
  term.labelSelector.matchExpressions = [...(term.labelSelector.matchExpressions ?? []), ...added]
}

/** A new pod is pending, whatever status the client sent. */
export function prepareForCreate(pod: Pod): void {
  const isGated = (pod.spec.schedulingGates ?? []).length > 0
  pod.status = { phase: 'Pending', ...(isGated && { conditions: [{ ...GATED }] }), qosClass: qosClassOf(pod.spec) }
  for (const term of podAffinityTerms(pod.spec.affinity ?? {})) resolveLabelKeys(term, pod.metadata.labels ?? {})
}

/** Conditions that lost their `observedGeneration` keep the one they had: the client does not know the field. */
function keepObservedGenerations(status: PodStatus, old: PodStatus): void {
  status.observedGeneration ||= old.observedGeneration
  for (const condition of status.conditions ?? []) {
    const before = old.conditions?.find(({ type }) => type === condition.type)
    if (!condition.observedGeneration && before?.observedGeneration)
      condition.observedGeneration = before.observedGeneration
  }
}

/** The class never changes: a client that leaves it out means no change. */
export function prepareForStatusUpdate(pod: Pod, old: Pod): void {
  pod.status ??= {}
  pod.status.qosClass ||= old.status?.qosClass
  keepObservedGenerations(pod.status, old.status ?? {})
}
