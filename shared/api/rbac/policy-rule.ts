import { type FieldError, invalid, required } from '../../field-errors.ts'
import { list, object, type Static, text } from '../schema.ts'
import { rbacModel } from './rbac-group.ts'

export const PolicyRule = object(
  rbacModel('PolicyRule'),
  'Verbs that are allowed on some resources, or on some paths that are none.',
  {
    verbs: list(text('A verb.'), 'What is allowed: `get`, `list`, …, or `*` for everything.', { type: 'atomic' }),
    apiGroups: list(text('A group.'), 'Groups of the resources; the core group is the empty text, `*` means all.', {
      type: 'atomic',
    }),
    resources: list(text('A plural.'), 'Resources, and subresources as `pods/log`; `*` means all.', { type: 'atomic' }),
    resourceNames: list(text('A name.'), 'Names of the objects. Default: all objects.', { type: 'atomic' }),
    nonResourceURLs: list(text('A path.'), 'Paths such as `/healthz`; a last `*` stands for everything that follows.', {
      type: 'atomic',
    }),
  },
  { required: ['verbs'] },
)
export type PolicyRule = Static<typeof PolicyRule>

/** Errors of one rule. Those of a namespace cannot be about paths. */
export function validatePolicyRule(
  { verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule,
  path: string,
  { namespaced }: { namespaced: boolean },
): FieldError[] {
  const errors: FieldError[] = []
  if (verbs.length === 0) errors.push(required(`${path}.verbs`, 'verbs must contain at least one value'))
  if (nonResourceURLs.length > 0) {
    const refuse = (detail: string) => errors.push(invalid(`${path}.nonResourceURLs`, nonResourceURLs, detail))
    if (namespaced) refuse('namespaced rules cannot apply to non-resource URLs')
    if (apiGroups.length + resources.length + resourceNames.length > 0)
      refuse('rules cannot apply to both regular resources and non-resource URLs')
    return errors
  }
  if (apiGroups.length === 0)
    errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'))
  if (resources.length === 0)
    errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'))
  return errors
}
