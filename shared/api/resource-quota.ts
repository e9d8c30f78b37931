import { at, type FieldError, invalid } from '../field-errors.ts'
import { compareQuantities, isQuantity, milliUnits } from '../quantity.ts'
import { ageColumn, nameColumn } from './columns.ts'
import type { Kind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { validateQualifiedName } from './names.ts'
import { coreModel } from './pod/core-model.ts'
import { forEach, isOneOf, obeys } from './pod/validation/rules.ts'
import { sameQuotaScopes, validateScopes } from './resource-quota-scopes.ts'
import { choice, field, list, map, object, quantity, type Static, text } from './schema.ts'

export const SCOPES = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
  'VolumeAttributesClass',
] as const

const ScopedResourceSelectorRequirement = object(
  coreModel('ScopedResourceSelectorRequirement'),
  'One condition on the objects that a quota counts.',
  {
    scopeName: choice('Which property of the objects it is about.', SCOPES),
    operator: choice('How the property compares to `values`.', ['In', 'NotIn', 'Exists', 'DoesNotExist']),
    values: list(text('A value.'), 'Values for In and NotIn; empty for the others.', { type: 'atomic' }),
  },
  { required: ['scopeName', 'operator'] },
)

const ScopeSelector = object(
  coreModel('ScopeSelector'),
  'Which objects a quota counts: all conditions must hold.',
  { matchExpressions: list(ScopedResourceSelectorRequirement, 'The conditions.', { type: 'atomic' }) },
  { mapType: 'atomic' },
)

const ResourceQuotaSpec = object(coreModel('ResourceQuotaSpec'), 'How much the objects of a namespace may use.', {
  hard: map(quantity('An amount.'), 'The most that may be used of each resource, all objects together.'),
  scopes: list(choice('A property of objects.', SCOPES), 'Properties that counted objects have. Default: all count.', {
    type: 'atomic',
  }),
  scopeSelector: field(ScopeSelector, 'Further conditions on the objects that count.'),
})
export type ResourceQuotaSpec = Static<typeof ResourceQuotaSpec>

const ResourceQuotaStatus = object(coreModel('ResourceQuotaStatus'), 'How much is used.', {
  hard: map(quantity('An amount.'), 'The bounds that are in force.'),
  used: map(quantity('An amount.'), 'What is used now.'),
})

const schema = object(
  coreModel('ResourceQuota'),
  'Bounds what all objects of a namespace use together.',
  {
    ...typeMeta,
    spec: field(ResourceQuotaSpec, 'How much may be used.', { default: {} }),
    status: field(ResourceQuotaStatus, 'How much is used.', { default: {} }),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec', 'status'] },
)
export type ResourceQuota = Static<typeof schema>

/** Resources that are amounts of something; all others are counted in pieces. */
const MEASURED = /^((requests|limits)\.)?(cpu|memory|ephemeral-storage|hugepages-.+)$|^(requests\.)?storage$/

const COUNTED = [
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]

const isStandard = (name: string) => MEASURED.test(name) || COUNTED.includes(name)

function validateAmount(name: string, amount: string, path: string): FieldError[] {
  const errors = obeys(path, name, validateQualifiedName)
  if (!name.includes('/') && !isStandard(name))
    errors.push(invalid(path, name, 'must be a standard resource for quota'))
  if (!isQuantity(amount)) return errors
  if (compareQuantities(amount, '0') < 0) errors.push(invalid(path, amount, 'must be greater than or equal to 0'))
  if (COUNTED.includes(name) && milliUnits(amount) % 1000 !== 0)
    errors.push(invalid(path, amount, 'must be an integer'))
  return errors
}

const validateAmounts = (amounts: Readonly<Record<string, string>> | undefined, path: string): FieldError[] =>
  Object.entries(amounts ?? {}).flatMap(([name, amount]) => validateAmount(name, amount, at(path, name)))

const validate = ({ spec }: ResourceQuota): FieldError[] => [
  ...validateAmounts(spec.hard, 'spec.hard'),
  ...forEach(spec.scopes, 'spec.scopes', (scope, path) => isOneOf(path, scope, SCOPES)),
  ...validateScopes(spec.scopes, 'spec.scopes'),
]

const usage = ({ status: { hard = {}, used = {} } }: ResourceQuota, isShown: (resource: string) => boolean) =>
  Object.keys(hard)
    .filter(isShown)
    .sort()
    .map((resource) => `${resource}: ${used[resource] ?? '0'}/${hard[resource]}`)
    .join(', ')

const isLimit = (resource: string) => resource.startsWith('limits.')

export const resourceQuota: Kind<ResourceQuota> = {
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  namespaced: true,
  schema,
  hasStatus: true,
  hasGeneration: false,
  returnsDeleted: true,
  prepareForCreate: (quota) => {
    quota.status = {}
  },
  validate,
  validateUpdate: ({ spec }, { spec: old }) =>
    sameQuotaScopes(spec.scopes, old.scopes) ? [] : [invalid('spec.scopes', spec.scopes ?? [], 'field is immutable')],
  validateStatusUpdate: ({ status }) => [
    ...validateAmounts(status.hard, 'status.hard'),
    ...validateAmounts(status.used, 'status.used'),
  ],
  columns: [
    nameColumn,
    {
      name: 'Request',
      type: 'string',
      description: 'What is used of each resource, and how much may be.',
      cell: (quota) => usage(quota, (resource) => !isLimit(resource)),
    },
    {
      name: 'Limit',
      type: 'string',
      description: 'The same of limits.',
      cell: (quota) => usage(quota, isLimit),
    },
    ageColumn,
  ],
}
