import { type FieldError, forbidden, invalid, notSupported } from '../field-errors.ts'
import { ageColumn, nameColumn } from './columns.ts'
import type { Kind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { validateQualifiedName } from './names.ts'
import { field, int32, microTime, object, type Static, text } from './schema.ts'

const LeaseSpec = object('io.k8s.api.coordination.v1.LeaseSpec', 'Who holds a lease, and since when.', {
  holderIdentity: text('Who holds the lease; empty or absent when nobody does.'),
  leaseDurationSeconds: int32('Seconds after `renewTime` at which others may take the lease.'),
  acquireTime: microTime('When the holder took the lease.'),
  renewTime: microTime('When the holder last renewed the lease.'),
  leaseTransitions: int32('How often the lease has changed its holder.'),
  strategy: text('How a leader is chosen in a coordinated election. Default: whoever comes first.'),
  preferredHolder: text('Who should hold the lease next, in a coordinated election; the holder then gives it up.'),
})
export type LeaseSpec = Static<typeof LeaseSpec>

const schema = object(
  'io.k8s.api.coordination.v1.Lease',
  'A right that one process at a time holds for a while: a node’s sign of life, or the leadership among replicas.',
  { ...typeMeta, spec: field(LeaseSpec, 'Who holds the lease, and since when.', { default: {} }) },
  { required: ['apiVersion', 'kind', 'metadata', 'spec'] },
)
export type Lease = Static<typeof schema>

const STRATEGIES = ['OldestEmulationVersion']

function validateStrategy({ strategy = '', preferredHolder = '' }: LeaseSpec): FieldError[] {
  if (strategy !== '') {
    if (!strategy.includes('/') && !STRATEGIES.includes(strategy)) {
      return [notSupported('spec.strategy', strategy, STRATEGIES)]
    }
    return validateQualifiedName(strategy).map((detail) => invalid('spec.strategy', strategy, detail))
  }
  return preferredHolder === ''
    ? []
    : [forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined')]
}

function validate({ spec }: Lease): FieldError[] {
  const { leaseDurationSeconds, leaseTransitions } = spec
  const errors: FieldError[] = []
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    errors.push(invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0'))
  }
  if (leaseTransitions !== undefined && leaseTransitions < 0) {
    errors.push(invalid('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0'))
  }
  return [...errors, ...validateStrategy(spec)]
}

export const lease: Kind<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  namespaced: true,
  schema,
  hasStatus: false,
  hasGeneration: false,
  createsOnUpdate: true,
  requiresResourceVersion: true,
  durability: 'relaxed',
  validate,
  columns: [
    nameColumn,
    {
      name: 'Holder',
      type: 'string',
      description: 'Who holds the lease.',
      cell: ({ spec }) => spec.holderIdentity ?? '',
    },
    ageColumn,
  ],
}
