import { at, type FieldError, forbidden, invalid, required } from '../../../field-errors.ts'
import type { LabelSelector } from '../../meta.ts'
import { validateDnsLabel, validateLabelValue, validateSubdomain } from '../../names.ts'
import { validateLabelKey, validateLabelSelector } from '../../validate-label-selector.ts'
import type {
  Affinity,
  NodeAffinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
} from '../pod.ts'
import { forEach, ifPresent, obeys } from './rules.ts'

const MAX_WEIGHT = 100

function validateValueCount({ operator, values = [] }: NodeSelectorRequirement, path: string): FieldError[] {
  const field = `${path}.values`
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0 ? [] : [required(field, "must be specified when `operator` is 'In' or 'NotIn'")]
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [forbidden(field, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
    case 'Gt':
    case 'Lt':
      return values.length === 1
        ? []
        : [required(field, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
    default:
      return [invalid(`${path}.operator`, operator ?? '', 'not a valid selector operator')]
  }
}

function validateField({ key = '', operator, values = [] }: NodeSelectorRequirement, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (operator !== 'In' && operator !== 'NotIn')
    errors.push(invalid(`${path}.operator`, operator ?? '', 'not a valid selector operator'))
  else if (values.length !== 1) {
    const detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
    errors.push(required(`${path}.values`, detail))
  }
  if (key !== 'metadata.name') return [...errors, invalid(`${path}.key`, key, 'not a valid field selector key')]
  return [...errors, ...forEach(values, `${path}.values`, (value, each) => obeys(each, value, validateSubdomain))]
}

/** `isPreference`: values that no label can have do no harm there. */
function validateNodeTerm(term: NodeSelectorTerm, path: string, { isPreference }: { isPreference: boolean }) {
  return [
    ...forEach(term.matchExpressions, `${path}.matchExpressions`, (expression, each) => [
      ...validateValueCount(expression, each),
      ...validateLabelKey(expression.key, `${each}.key`),
      ...(isPreference
        ? []
        : forEach(expression.values, `${each}.values`, (value, each) => obeys(each, value, validateLabelValue))),
    ]),
    ...forEach(term.matchFields, `${path}.matchFields`, validateField),
  ]
}

const validateWeight = (weight: number | undefined, path: string): FieldError[] =>
  weight !== undefined && weight >= 1 && weight <= MAX_WEIGHT
    ? []
    : [invalid(path, weight ?? 0, `must be in the range 1-${MAX_WEIGHT}`)]

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

function validateNodeAffinity(affinity: NodeAffinity, path: string): FieldError[] {
  const needed = affinity[REQUIRED]
  const terms = `${path}.${REQUIRED}.nodeSelectorTerms`
  return [
    ...(needed !== undefined && !needed.nodeSelectorTerms?.length
      ? [required(terms, 'must have at least one node selector term')]
      : forEach(needed?.nodeSelectorTerms, terms, (term, each) =>
          validateNodeTerm(term, each, { isPreference: false }),
        )),
    ...forEach(affinity[PREFERRED], `${path}.${PREFERRED}`, ({ weight, preference }, each) => [
      ...validateWeight(weight, `${each}.weight`),
      ...validateNodeTerm(preference ?? {}, `${each}.preference`, { isPreference: true }),
    ]),
  ]
}

/** Keys of labels that become conditions of a selector, which must therefore be there. */
function validateLabelKeys(keys: readonly string[] | undefined, selector: LabelSelector | undefined, path: string) {
  if (!keys?.length) return []
  if (selector === undefined) return [forbidden(path, 'must not be specified when labelSelector is not set')]
  return forEach(keys, path, (key, each) => validateLabelKey(key, each))
}

/** At creation the keys have become conditions: one that is there twice was in the selector before. */
function repeatedKeys(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  keys: readonly string[],
  path: string,
) {
  const seen = new Set(Object.keys(matchLabels))
  return matchExpressions.flatMap(({ key }) => {
    const index = keys.lastIndexOf(key)
    const isRepeated = index >= 0 && seen.has(key)
    seen.add(key)
    return isRepeated ? [invalid(at(path, index), key, 'exists in both matchLabelKeys and labelSelector')] : []
  })
}

function validatePodTerm(term: PodAffinityTerm, path: string): FieldError[] {
  const { labelSelector, namespaceSelector, matchLabelKeys = [], mismatchLabelKeys = [], topologyKey } = term
  const contradictory = matchLabelKeys.flatMap((key, index) =>
    mismatchLabelKeys.includes(key)
      ? [invalid(at(`${path}.matchLabelKeys`, index), key, 'exists in both matchLabelKeys and mismatchLabelKeys')]
      : [],
  )
  return [
    ...validateLabelSelector(labelSelector, `${path}.labelSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...(term.namespaces ?? []).flatMap((name) => obeys(`${path}.namespace`, name, validateDnsLabel)),
    ...validateLabelKeys(matchLabelKeys, labelSelector, `${path}.matchLabelKeys`),
    ...validateLabelKeys(mismatchLabelKeys, labelSelector, `${path}.mismatchLabelKeys`),
    ...repeatedKeys(labelSelector ?? {}, matchLabelKeys, path),
    ...contradictory,
    ...(topologyKey ? [] : [required(`${path}.topologyKey`, 'can not be empty')]),
    ...validateLabelKey(topologyKey, `${path}.topologyKey`),
  ]
}

const validatePodAffinity = (affinity: PodAffinity, path: string): FieldError[] => [
  ...forEach(affinity[REQUIRED], `${path}.${REQUIRED}`, validatePodTerm),
  ...forEach(affinity[PREFERRED], `${path}.${PREFERRED}`, ({ weight, podAffinityTerm }, each) => [
    ...validateWeight(weight, `${each}.weight`),
    ...validatePodTerm(podAffinityTerm ?? { topologyKey: '' }, `${each}.podAffinityTerm`),
  ]),
]

export const validateAffinity = (affinity: Affinity, path: string): FieldError[] => [
  ...ifPresent(affinity.nodeAffinity, (each) => validateNodeAffinity(each, `${path}.nodeAffinity`)),
  ...ifPresent(affinity.podAffinity, (each) => validatePodAffinity(each, `${path}.podAffinity`)),
  ...ifPresent(affinity.podAntiAffinity, (each) => validatePodAffinity(each, `${path}.podAntiAffinity`)),
]
