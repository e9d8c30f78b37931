import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '../../../field-errors.ts'
import { validateLabelValue, validateQualifiedName } from '../../names.ts'
import { validateLabelKey, validateLabelSelector } from '../../validate-label-selector.ts'
import type { PodSpec, Toleration, TopologySpreadConstraint } from '../pod.ts'
import { forEach, isOneOf, obeys } from './rules.ts'

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
const POLICIES = ['Honor', 'Ignore']
const NOT_POSITIVE = 'must be greater than zero'

function validateTolerated({ operator, value = '' }: Toleration, path: string): FieldError[] {
  const field = `${path}.operator`
  if (!operator || operator === 'Equal') {
    const details = validateLabelValue(value)
    return details.length === 0 ? [] : [invalid(field, value, details.join(';'))]
  }
  if (operator === 'Exists')
    return value === '' ? [] : [invalid(field, value, "value must be empty when `operator` is 'Exists'")]
  return [notSupported(field, operator, ['Equal', 'Exists'])]
}

function validateToleration(toleration: Toleration, path: string): FieldError[] {
  const { key, operator, effect, tolerationSeconds } = toleration
  const errors: FieldError[] = key ? validateLabelKey(key, `${path}.key`) : []
  if (!key && operator !== 'Exists') {
    const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
    errors.push(invalid(`${path}.operator`, operator ?? '', detail))
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    const detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
    errors.push(invalid(`${path}.effect`, effect ?? '', detail))
  }
  errors.push(...validateTolerated(toleration, path))
  if (effect) errors.push(...isOneOf(`${path}.effect`, effect, EFFECTS))
  return errors
}

export const validateTolerations = (tolerations: readonly Toleration[] | undefined, path: string): FieldError[] =>
  forEach(tolerations, path, validateToleration)

export const validateReadinessGates = (gates: PodSpec['readinessGates'], path: string): FieldError[] =>
  forEach(gates, path, ({ conditionType = '' }, each) =>
    obeys(`${each}.conditionType`, conditionType, validateQualifiedName),
  )

export function validateSchedulingGates(gates: PodSpec['schedulingGates'], path: string): FieldError[] {
  const seen = new Set<string>()
  return forEach(gates, path, ({ name = '' }, each) => {
    const errors = obeys(each, name, validateQualifiedName)
    if (seen.has(name)) errors.push(duplicate(each, name))
    seen.add(name)
    return errors
  })
}

function validateMinDomains({ minDomains, whenUnsatisfiable }: TopologySpreadConstraint, path: string): FieldError[] {
  if (minDomains === undefined) return []
  const errors = minDomains > 0 ? [] : [invalid(path, minDomains, NOT_POSITIVE)]
  if (whenUnsatisfiable !== 'DoNotSchedule') {
    const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable ?? ''}`
    errors.push(invalid(path, minDomains, detail))
  }
  return errors
}

function validateMatchLabelKeys({ matchLabelKeys, labelSelector }: TopologySpreadConstraint, path: string) {
  if (!matchLabelKeys?.length) return []
  const selected = new Set([
    ...Object.keys(labelSelector?.matchLabels ?? {}),
    ...(labelSelector?.matchExpressions ?? []).map(({ key }) => key),
  ])
  return [
    ...(labelSelector === undefined ? [forbidden(path, 'must not be specified when labelSelector is not set')] : []),
    ...forEach(matchLabelKeys, path, (key, each) => [
      ...validateLabelKey(key, each),
      ...(selected.has(key) ? [invalid(each, key, 'exists in both matchLabelKeys and labelSelector')] : []),
    ]),
  ]
}

function validateConstraint(constraint: TopologySpreadConstraint, path: string): FieldError[] {
  const { maxSkew = 0, topologyKey, whenUnsatisfiable = '' } = constraint
  return [
    ...(maxSkew > 0 ? [] : [invalid(`${path}.maxSkew`, maxSkew, NOT_POSITIVE)]),
    ...(topologyKey ? [] : [required(`${path}.topologyKey`, 'can not be empty')]),
    ...isOneOf(`${path}.whenUnsatisfiable`, whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']),
    ...validateMinDomains(constraint, `${path}.minDomains`),
    ...isOneOf(`${path}.nodeAffinityPolicy`, constraint.nodeAffinityPolicy, POLICIES),
    ...isOneOf(`${path}.nodeTaintsPolicy`, constraint.nodeTaintsPolicy, POLICIES),
    ...validateMatchLabelKeys(constraint, `${path}.matchLabelKeys`),
    ...validateLabelSelector(constraint.labelSelector, `${path}.labelSelector`),
  ]
}

export function validateSpreadConstraints(constraints: PodSpec['topologySpreadConstraints'], path: string) {
  const nameOf = ({ topologyKey = '', whenUnsatisfiable }: TopologySpreadConstraint) =>
    `{${topologyKey}, ${whenUnsatisfiable ?? ''}}`
  const names = (constraints ?? []).map(nameOf)
  return forEach(constraints, path, (constraint, each, index) => {
    const name = nameOf(constraint)
    const isRepeated = names.indexOf(name, index + 1) >= 0
    return [
      ...validateConstraint(constraint, each),
      ...(isRepeated ? [duplicate(`${each}.{topologyKey, whenUnsatisfiable}`, name)] : []),
    ]
  })
}
