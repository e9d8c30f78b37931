/** What may change of a pod (upstream's `ValidatePodUpdate`). */
import { at, type FieldError, forbidden, invalid } from '../../../field-errors.ts'
import type { Container, NodeAffinity, Pod, PodSpec, Toleration } from '../pod.ts'
import { isInRange, MAX_INT32 } from './rules.ts'
import { sameSpec } from './same-spec.ts'

const CHANGEABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
]

const CONTAINER_LISTS = ['containers', 'initContainers'] as const

const hasOtherCount = (list: 'containers' | 'initContainers', spec: PodSpec, old: PodSpec) =>
  (spec[list] ?? []).length !== (old[list] ?? []).length

function validateDeadline({ activeDeadlineSeconds: deadline }: PodSpec, old: PodSpec): FieldError[] {
  const path = 'spec.activeDeadlineSeconds'
  const before = old.activeDeadlineSeconds
  if (deadline === undefined)
    return before === undefined
      ? []
      : [invalid(path, undefined, 'must not update from a positive integer to nil value')]
  const errors = isInRange(path, deadline, 0, MAX_INT32)
  if (errors.length === 0 && before !== undefined && before < deadline)
    errors.push(invalid(path, deadline, 'must be less than or equal to previous value'))
  return errors
}

/** Tolerations can be added, and the seconds of a toleration changed. */
function validateAddedTolerations(tolerations: readonly Toleration[], old: readonly Toleration[]): FieldError[] {
  const lacks = old.some(
    (before) => !tolerations.some((now) => sameSpec({ ...before, tolerationSeconds: now.tolerationSeconds }, now)),
  )
  return lacks
    ? [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')]
    : []
}

function validateRemovedGates({ schedulingGates: gates = [] }: PodSpec, old: PodSpec): FieldError[] {
  const before = new Set((old.schedulingGates ?? []).map(({ name }) => name))
  return gates.flatMap(({ name }, index) => {
    if (before.has(name)) return []
    const detail = `only deletion is allowed, but found new scheduling gate '${name}'`
    return [forbidden(`${at('spec.schedulingGates', index)}.name`, detail)]
  })
}

/** A gated pod can be steered: labels of nodes can be added, none taken away. */
function validateNodeSelector({ nodeSelector: now = {} }: PodSpec, { nodeSelector: before = {} }: PodSpec) {
  return Object.entries(before).every(([key, value]) => now[key] === value)
    ? []
    : [invalid('spec.nodeSelector', now, 'only additions to spec.nodeSelector are allowed (no mutations or deletions)')]
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'

/** The required terms of a gated pod can only become narrower; there may be none before. */
function validateNodeAffinity(now: NodeAffinity | undefined, before: NodeAffinity | undefined): FieldError[] {
  const terms = before?.[REQUIRED]?.nodeSelectorTerms
  if (terms === undefined || terms.length === 0) return []
  const path = `spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms`
  const newTerms = now?.[REQUIRED]?.nodeSelectorTerms ?? []
  if (newTerms.length !== terms.length)
    return [invalid(path, newTerms, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')]
  return terms.flatMap((old, index) => {
    const term = newTerms[index]
    const isEmpty = !old.matchExpressions?.length && !old.matchFields?.length
    const keeps = (list: 'matchExpressions' | 'matchFields') =>
      (old[list] ?? []).every((condition, position) => sameSpec(condition, term?.[list]?.[position]))
    // A term without conditions matches no node: conditions would let it match some.
    const isNarrower = isEmpty ? sameSpec(old, term) : keeps('matchExpressions') && keeps('matchFields')
    return isNarrower ? [] : [invalid(at(path, index), term, 'only additions are allowed (no mutations or deletions)')]
  })
}

const withOldImages = (containers: readonly Container[] | undefined, old: readonly Container[] | undefined) =>
  containers?.map((container, index) => ({ ...container, image: old?.[index]?.image ?? container.image }))

/** The spec with everything that may change as it was before; what differs then may not. */
function withoutAllowedChanges(spec: PodSpec, old: PodSpec): PodSpec {
  const { terminationGracePeriodSeconds: graceSeconds } = spec
  const isRepaired = old.terminationGracePeriodSeconds < 0 && graceSeconds === 1
  const isGated = (old.schedulingGates ?? []).length > 0
  return {
    ...spec,
    containers: withOldImages(spec.containers, old.containers) ?? [],
    initContainers: withOldImages(spec.initContainers, old.initContainers),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    tolerations: old.tolerations,
    schedulingGates: old.schedulingGates,
    terminationGracePeriodSeconds: isRepaired ? old.terminationGracePeriodSeconds : graceSeconds,
    ...(isGated && {
      nodeSelector: old.nodeSelector,
      affinity: { ...spec.affinity, nodeAffinity: old.affinity?.nodeAffinity },
    }),
  }
}

export function validatePodUpdate({ spec }: Pod, { spec: old }: Pod): FieldError[] {
  const resized = CONTAINER_LISTS.find((list) => hasOtherCount(list, spec, old))
  if (resized !== undefined) return [forbidden(`spec.${resized}`, 'pod updates may not add or remove containers')]
  const errors = [
    ...validateDeadline(spec, old),
    ...validateAddedTolerations(spec.tolerations ?? [], old.tolerations ?? []),
    ...validateRemovedGates(spec, old),
  ]
  if ((old.schedulingGates ?? []).length > 0) {
    errors.push(...validateNodeSelector(spec, old))
    errors.push(...validateNodeAffinity(spec.affinity?.nodeAffinity, old.affinity?.nodeAffinity))
  }
  if (!sameSpec(withoutAllowedChanges(spec, old), old))
    errors.push(forbidden('spec', `pod updates may not change fields other than ${CHANGEABLE.join(',')}`))
  return errors
}
