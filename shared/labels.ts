/** Label selectors: what they are, what they match, how they are shown. Their text form is read by `label-parser.ts`. */
import type { LabelSelector } from './api/meta.ts'

export { parseSelector } from './label-parser.ts'

export type Labels = Readonly<Record<string, string>>

/** `exists` and `!` have no values; `=`, `==`, `!=`, `>` and `<` have one; `in` and `notin` one or more. */
export type SelectorOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<'

/** One condition on one label. */
export interface Requirement {
  readonly key: string
  readonly operator: SelectorOperator
  readonly values: readonly string[]
}

/** Conditions that must all hold; none of them selects everything. */
export type Selector = readonly Requirement[]

export const EVERYTHING: Selector = []

/** Selects no object at all: one of no values is never met. */
export const NOTHING: Selector = [{ key: '', operator: 'in', values: [] }]

/** The operators of `matchExpressions`, and of node affinity beside them (`Gt`, `Lt`). */
const EXPRESSION_OPERATORS: Readonly<Record<string, SelectorOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: '>',
  Lt: '<',
}

const byKey = (a: Requirement, b: Requirement) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)

/** The requirement that an expression of a label selector or of node affinity states; undefined for an unknown operator. */
export function requirementFrom(expression: {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}): Requirement | undefined {
  if (!Object.hasOwn(EXPRESSION_OPERATORS, expression.operator)) return undefined
  const operator = EXPRESSION_OPERATORS[expression.operator]!
  return { key: expression.key, operator, values: [...(expression.values ?? [])].sort() }
}

/** The selector of a plain map of labels, such as a ReplicationController's. An absent or empty map selects everything. */
export const selectorFromMap = (labels: Labels | undefined): Selector =>
  Object.entries(labels ?? {})
    .map(([key, value]): Requirement => ({ key, operator: '=', values: [value] }))
    .sort(byKey)

/** An absent label selector selects nothing, an empty one everything. One with an unknown operator selects nothing. */
export function selectorFromLabelSelector(labelSelector: LabelSelector | undefined): Selector {
  if (labelSelector === undefined) return NOTHING
  const requirements = [...selectorFromMap(labelSelector.matchLabels)]
  for (const expression of labelSelector.matchExpressions ?? []) {
    const requirement = requirementFrom(expression)
    if (requirement === undefined) return NOTHING
    requirements.push(requirement)
  }
  return requirements.sort(byKey)
}

const asInteger = (text: string | undefined): bigint | undefined =>
  text !== undefined && /^[+-]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined

function matchesOrder(operator: '>' | '<', value: string, bound: string | undefined): boolean {
  const [a, b] = [asInteger(value), asInteger(bound)]
  if (a === undefined || b === undefined) return false
  return operator === '>' ? a > b : a < b
}

/** Whether one requirement holds. An absent label meets `!=`, `notin` and `!`. */
export function matchesRequirement({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value)
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value)
    case '>':
    case '<':
      return value !== undefined && matchesOrder(operator, value, values[0])
  }
}

/** Whether a selector selects an object with these labels. */
export const matchesSelector = (selector: Selector, labels: Labels | undefined): boolean =>
  selector.every((requirement) => matchesRequirement(requirement, labels ?? {}))

function formatRequirement({ key, operator, values }: Requirement): string {
  switch (operator) {
    case 'exists':
      return key
    case '!':
      return `!${key}`
    case 'in':
    case 'notin':
      return `${key} ${operator} (${[...values].sort().join(',')})`
    default:
      return `${key}${operator}${values.join(',')}`
  }
}

/**
 * A selector in its text form, which `parseSelector` reads and kubectl prints: `app=kubia`, `app in (kubia)`. Empty for
 * a selector of everything, and for one of nothing, which has no text form.
 */
export const formatSelector = (selector: Selector): string =>
  selector === NOTHING ? '' : selector.map(formatRequirement).join(',')
