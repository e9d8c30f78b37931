import { type FieldError, invalid, notSupported } from '../field-errors.ts'
import type { BodyKind } from './kind.ts'
import { boolean, field, int64, list, object, type Static, text } from './schema.ts'

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'

const Preconditions = object(`${META}.Preconditions`, 'What must hold, or else nothing is deleted.', {
  uid: text('UID that the object must have.'),
  resourceVersion: text('Version that the object must have.'),
})

const schema = object(
  `${META}.DeleteOptions`,
  'How to delete: the optional body of a DELETE request.',
  {
    apiVersion: text('API version of this representation.'),
    kind: text('DeleteOptions.'),
    gracePeriodSeconds: int64('Seconds until the object is removed; 0 removes it at once. Default: the kind decides.'),
    preconditions: field(Preconditions, 'What must hold.'),
    orphanDependents: boolean('Whether the dependents are left alone. Older form of `propagationPolicy`.'),
    propagationPolicy: text(
      'What becomes of the dependents: Orphan leaves them alone, Background removes them afterwards, Foreground before.',
    ),
    dryRun: list(text('All, or nothing.'), 'With All, everything is checked and nothing is done.', { type: 'atomic' }),
    ignoreStoreReadErrorWithClusterBreakingPotential: boolean(
      'Whether to remove an object that can no longer be read from the store. Not supported.',
    ),
  },
  { required: ['apiVersion', 'kind'] },
)
export type DeleteOptionsBody = Static<typeof schema>

const POLICIES = ['Foreground', 'Background', 'Orphan']

function validate({ propagationPolicy, orphanDependents, dryRun = [] }: DeleteOptionsBody): FieldError[] {
  const errors: FieldError[] = []
  if (propagationPolicy !== undefined) {
    if (orphanDependents !== undefined) {
      const detail = 'orphanDependents and deletionPropagation cannot be both set'
      errors.push(invalid('propagationPolicy', propagationPolicy, detail))
    }
    if (!POLICIES.includes(propagationPolicy)) {
      errors.push(notSupported('propagationPolicy', propagationPolicy, [...POLICIES, 'nil']))
    }
  }
  if (dryRun.some((directive) => directive !== 'All')) errors.push(notSupported('dryRun', dryRun, ['All']))
  return errors
}

/** Clients send it in the API version of whatever they delete. */
export const deleteOptions: BodyKind<DeleteOptionsBody> = {
  group: 'meta.k8s.io',
  version: 'v1',
  kind: 'DeleteOptions',
  anyApiVersion: true,
  schema,
  validate,
}
