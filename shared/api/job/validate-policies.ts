/** Validation of the policies by which a job ends early, or ignores failures. */
import {
  at,
  duplicate,
  type FieldError,
  invalid,
  invalidShown,
  invalidWithoutValue,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../../field-errors.ts'
import { validateQualifiedName } from '../names.ts'
import { forEach, isNotNegative, obeys } from '../pod/validation/rules.ts'
import { countIndexes, parseIndexes } from './indexes.ts'
import type { JobTemplateJobSpec } from './job-spec.ts'
import type { PodFailurePolicyRule } from './pod-failure-policy.ts'
import type { SuccessPolicyRule } from './success-policy.ts'

const RULES_MAX = 20
const PATTERNS_MAX = 20
const EXIT_CODES_MAX = 255
const INDEXES_BYTES_MAX = 64 * 1024

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const OPERATORS = ['In', 'NotIn']
const STATUSES = ['False', 'True', 'Unknown']

/** One of some values. A missing one is asked for with the list of them in Go's notation. */
function isChosen(path: string, value: string | undefined, values: readonly string[]): FieldError[] {
  if (!value) return [required(path, `valid values: [${values.map((each) => JSON.stringify(each)).join(' ')}]`)]
  return values.includes(value) ? [] : [notSupported(path, value, values)]
}

const refuseMore = (path: string, list: readonly unknown[], max: number): FieldError[] =>
  list.length > max ? [tooMany(path, list.length, max)] : []

type ExitCodes = NonNullable<PodFailurePolicyRule['onExitCodes']>

function validateExitCodes(
  { operator, containerName, values = [] }: ExitCodes,
  path: string,
  names: readonly string[],
) {
  const errors = isChosen(`${path}.operator`, operator, OPERATORS)
  if (containerName !== undefined && !names.includes(containerName)) {
    const detail = 'must be one of the container or initContainer names in the pod template'
    errors.push(invalid(`${path}.containerName`, containerName, detail))
  }
  const field = `${path}.values`
  if (values.length === 0) errors.push(invalidShown(field, '[]int32(nil)', 'at least one value is required'))
  errors.push(...refuseMore(field, values, EXIT_CODES_MAX))
  const seen = new Set<number>()
  for (const [index, value] of values.entries()) {
    const each = at(field, index)
    if (operator === 'In' && value === 0) errors.push(invalid(each, value, 'must not be 0 for the In operator'))
    if (seen.has(value)) errors.push(duplicate(each, value))
    seen.add(value)
  }
  if (values.some((value, index) => index > 0 && values[index - 1]! > value))
    errors.push(invalidShown(field, `[]int32{${values.join(', ')}}`, 'must be ordered'))
  return errors
}

type Conditions = NonNullable<PodFailurePolicyRule['onPodConditions']>

const validateConditions = (conditions: Conditions, path: string): FieldError[] => [
  ...refuseMore(path, conditions, PATTERNS_MAX),
  ...forEach(conditions, path, ({ type = '', status }, each) => [
    ...obeys(`${each}.type`, type, validateQualifiedName),
    ...isChosen(`${each}.status`, status, STATUSES),
  ]),
]

function validateFailureRule(rule: PodFailurePolicyRule, path: string, spec: JobTemplateJobSpec): FieldError[] {
  const { action, onExitCodes, onPodConditions = [] } = rule
  const { containers = [], initContainers = [] } = spec.template.spec
  const errors = isChosen(`${path}.action`, action, ACTIONS)
  if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined)
    errors.push(invalid(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set'))
  if (onExitCodes !== undefined) {
    const names = [...containers, ...initContainers].map(({ name }) => name)
    errors.push(...validateExitCodes(onExitCodes, `${path}.onExitCodes`, names))
  }
  errors.push(...validateConditions(onPodConditions, `${path}.onPodConditions`))
  const hasConditions = onPodConditions.length > 0
  if (onExitCodes !== undefined && hasConditions)
    errors.push(invalidWithoutValue(path, 'specifying both OnExitCodes and OnPodConditions is not supported'))
  if (onExitCodes === undefined && !hasConditions)
    errors.push(invalidWithoutValue(path, 'specifying one of OnExitCodes and OnPodConditions is required'))
  return errors
}

/** All errors of the policy for failed pods; without one there are none. */
export function validatePodFailurePolicy(spec: JobTemplateJobSpec, path: string): FieldError[] {
  if (spec.podFailurePolicy === undefined) return []
  const { rules = [] } = spec.podFailurePolicy
  return [
    ...refuseMore(`${path}.rules`, rules, RULES_MAX),
    ...forEach(rules, `${path}.rules`, (rule, each) => validateFailureRule(rule, each, spec)),
  ]
}

function validateSuccessRule(rule: SuccessPolicyRule, path: string, completions: number): FieldError[] {
  const { succeededCount: count, succeededIndexes: indexes } = rule
  if (count === undefined && indexes === undefined)
    return [required(path, 'at least one of succeededCount or succeededIndexes must be specified')]
  const errors: FieldError[] = []
  const parsed = parseIndexes(indexes ?? '', completions)
  if (indexes !== undefined) {
    const field = `${path}.succeededIndexes`
    if (Buffer.byteLength(indexes) > INDEXES_BYTES_MAX) errors.push(tooLong(field, INDEXES_BYTES_MAX))
    if (typeof parsed === 'string') errors.push(invalid(field, indexes, `error parsing succeededIndexes: ${parsed}`))
  }
  if (count === undefined) return errors
  const field = `${path}.succeededCount`
  errors.push(...isNotNegative(field, count))
  const refuse = (max: number, what: string) =>
    errors.push(invalid(field, count, `must be less than or equal to ${max} (the number of ${what})`))
  if (count > completions) refuse(completions, 'specified completions')
  const total = typeof parsed === 'string' ? 0 : countIndexes(parsed)
  if (indexes !== undefined && count > total) refuse(total, 'indexes in the specified succeededIndexes field')
  return errors
}

/** All errors of the policy for success; without one there are none. */
export function validateSuccessPolicy(spec: JobTemplateJobSpec, path: string): FieldError[] {
  if (spec.successPolicy === undefined) return []
  if (spec.completionMode !== 'Indexed') return [invalid(path, spec.successPolicy, 'requires indexed completion mode')]
  const { rules = [] } = spec.successPolicy
  const field = `${path}.rules`
  const errors = refuseMore(field, rules, RULES_MAX)
  if (rules.length === 0)
    errors.push(required(field, 'at least one rules must be specified when the successPolicy is specified'))
  const { completions = 0 } = spec
  return [...errors, ...forEach(rules, field, (rule, each) => validateSuccessRule(rule, each, completions))]
}
