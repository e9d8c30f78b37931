import { at, duplicate, type FieldError, forbidden, invalid, required } from '../field-errors.ts'
import { compareQuantities, isQuantity } from '../quantity.ts'
import { createdAtColumn, nameColumn } from './columns.ts'
import type { Kind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { validateQualifiedName } from './names.ts'
import { coreModel } from './pod/core-model.ts'
import { forEach, isSetAndObeys, obeys } from './pod/validation/rules.ts'
import { field, list, map, object, quantity, type Static, text } from './schema.ts'

const amounts = (description: string) => map(quantity('An amount.'), `${description}, by resource.`)

const LimitRangeItem = object(
  coreModel('LimitRangeItem'),
  'Bounds and defaults of the resources of one type of object.',
  {
    type: text('What is limited: Container, Pod or PersistentVolumeClaim.'),
    max: amounts('The most that may be asked for'),
    min: amounts('The least that must be asked for'),
    default: amounts('Limits of containers that set none'),
    defaultRequest: amounts('Requests of containers that make none'),
    maxLimitRequestRatio: amounts('How many times its request a limit may be'),
  },
  { required: ['type'] },
)
type LimitRangeItem = Static<typeof LimitRangeItem>

const LimitRangeSpec = object(
  coreModel('LimitRangeSpec'),
  'Bounds and defaults of resources.',
  { limits: list(LimitRangeItem, 'One entry for each type of object.', { type: 'atomic' }) },
  { required: ['limits'] },
)

const schema = object(
  coreModel('LimitRange'),
  'Bounds and defaults for the resources that objects of a namespace ask for.',
  { ...typeMeta, spec: field(LimitRangeSpec, 'The bounds and defaults.', { default: {} }) },
  { required: ['apiVersion', 'kind', 'metadata', 'spec'] },
)
export type LimitRange = Static<typeof schema>

/** The bounds say what the defaults are, where nothing else does. */
function itemDefaults(item: LimitRangeItem): void {
  if (item.type !== 'Container') return
  const limits = { ...item.max, ...item.default }
  const requests = { ...item.min, ...limits, ...item.defaultRequest }
  if (Object.keys(limits).length > 0) item.default = limits
  if (Object.keys(requests).length > 0) item.defaultRequest = requests
}

const BOUNDS = ['min', 'max', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const
type Bound = (typeof BOUNDS)[number]

/** Pairs of amounts of which the first may not be more than the second; where the error is shown, and their names. */
const ORDERS: readonly [lower: Bound, upper: Bound, shownAt: Bound, names: [string, string]][] = [
  ['min', 'max', 'min', ['min value', 'max value']],
  ['min', 'defaultRequest', 'defaultRequest', ['min value', 'default request value']],
  ['defaultRequest', 'max', 'defaultRequest', ['default request value', 'max value']],
  ['defaultRequest', 'default', 'defaultRequest', ['default request value', 'default limit value']],
  ['min', 'default', 'default', ['min value', 'default value']],
  ['default', 'max', 'default', ['default value', 'max value']],
]

function validateResource(item: LimitRangeItem, resource: string, path: string): FieldError[] {
  const errors: FieldError[] = []
  const amountOf = (bound: Bound) => {
    const found = item[bound]?.[resource]
    return found !== undefined && isQuantity(found) ? found : undefined
  }
  for (const [lower, upper, shownAt, names] of ORDERS) {
    const [low, high] = [amountOf(lower), amountOf(upper)]
    if (low === undefined || high === undefined || compareQuantities(low, high) <= 0) continue
    const detail = `${names[0]} ${low} is greater than ${names[1]} ${high}`
    errors.push(invalid(at(`${path}.${shownAt}`, resource), amountOf(shownAt), detail))
  }
  const ratio = amountOf('maxLimitRequestRatio')
  if (ratio !== undefined && compareQuantities(ratio, '1') < 0)
    errors.push(invalid(at(`${path}.maxLimitRequestRatio`, resource), ratio, `ratio ${ratio} is less than 1`))
  return errors
}

function validateItem(item: LimitRangeItem, path: string): FieldError[] {
  const errors = isSetAndObeys(`${path}.type`, item.type, validateQualifiedName)
  if (item.type === 'Pod') {
    for (const bound of ['default', 'defaultRequest'] as const)
      if (Object.keys(item[bound] ?? {}).length > 0)
        errors.push(forbidden(`${path}.${bound}`, "may not be specified when `type` is 'Pod'"))
  }
  const { storage: min } = item.min ?? {}
  const { storage: max } = item.max ?? {}
  if (item.type === 'PersistentVolumeClaim' && min === undefined && max === undefined)
    errors.push(required(path, 'either minimum or maximum storage value is required, but neither was provided'))
  for (const bound of BOUNDS)
    for (const resource of Object.keys(item[bound] ?? {}))
      errors.push(...obeys(at(`${path}.${bound}`, resource), resource, validateQualifiedName))
  const resources = new Set(BOUNDS.flatMap((bound) => Object.keys(item[bound] ?? {})))
  return [...errors, ...[...resources].flatMap((resource) => validateResource(item, resource, path))]
}

function validate({ spec: { limits = [] } }: LimitRange): FieldError[] {
  const types = limits.map(({ type }) => type)
  return forEach(limits, 'spec.limits', (item, path, index) => [
    ...(types.indexOf(item.type) < index ? [duplicate(`${path}.type`, item.type)] : []),
    ...validateItem(item, path),
  ])
}

export const limitRange: Kind<LimitRange> = {
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  singular: 'limitrange',
  shortNames: ['limits'],
  namespaced: true,
  schema,
  hasStatus: false,
  hasGeneration: false,
  createsOnUpdate: true,
  defaults: ({ spec }) => {
    spec.limits ??= []
    for (const item of spec.limits) itemDefaults(item)
  },
  validate,
  columns: [nameColumn, createdAtColumn],
}
