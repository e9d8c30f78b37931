/** What the reviews of access have in common: what is asked about, and the answer. */
import { type FieldError, invalid } from '../../field-errors.ts'
import { LabelSelectorRequirement } from '../meta.ts'
import { boolean, field, list, object, type Static, text } from '../schema.ts'

export const AUTHORIZATION_GROUP = 'authorization.k8s.io'

export const authorizationModel = (name: string): string => `io.k8s.api.authorization.v1.${name}`

const FieldSelectorRequirement = object(
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement',
  'One condition on a field.',
  {
    key: text('The field.'),
    operator: text('In, NotIn, Exists or DoesNotExist.'),
    values: list(text('A value.'), 'Values for In and NotIn; empty for the others.'),
  },
  { required: ['key', 'operator'] },
)

const FieldSelector = object(authorizationModel('FieldSelectorAttributes'), 'The field selector of a request.', {
  rawSelector: text('The selector as a query has it.'),
  requirements: list(FieldSelectorRequirement, 'The selector as conditions.'),
})

const LabelSelector = object(authorizationModel('LabelSelectorAttributes'), 'The label selector of a request.', {
  rawSelector: text('The selector as a query has it.'),
  requirements: list(LabelSelectorRequirement, 'The selector as conditions.'),
})

const ResourceAttributes = object(authorizationModel('ResourceAttributes'), 'A request on a resource.', {
  namespace: text('Namespace of the object; empty for cluster-scoped ones and for all namespaces.'),
  verb: text('What is to be done: get, list, watch, create, update, patch, delete, deletecollection, or `*` for all.'),
  group: text('API group of the resource; `*` for all.'),
  version: text('API version of the resource; `*` for all.'),
  resource: text('Plural of the resource; `*` for all.'),
  subresource: text('Part of the object; empty for the object itself.'),
  name: text('Name of the object; empty for all.'),
  fieldSelector: field(FieldSelector, 'The request is limited to objects with these fields.'),
  labelSelector: field(LabelSelector, 'The request is limited to objects with these labels.'),
})

const NonResourceAttributes = object(
  authorizationModel('NonResourceAttributes'),
  'A request on a path that is no resource.',
  {
    path: text('The path.'),
    verb: text('The HTTP method, in lower case.'),
  },
)

export const attributeFields = {
  resourceAttributes: field(ResourceAttributes, 'A request on a resource.'),
  nonResourceAttributes: field(NonResourceAttributes, 'A request on another path.'),
}
export interface AskedAttributes {
  resourceAttributes?: Static<typeof ResourceAttributes>
  nonResourceAttributes?: Static<typeof NonResourceAttributes>
}

export const AccessReviewStatus = object(
  authorizationModel('SubjectAccessReviewStatus'),
  'Whether it is allowed.',
  {
    allowed: boolean('Whether it is allowed.'),
    denied: boolean('Whether it is forbidden, whoever else may allow it.'),
    reason: text('Why it is allowed or not.'),
    evaluationError: text('What went wrong while this was found out.'),
  },
  { required: ['allowed'] },
)

export type AccessReviewStatus = Static<typeof AccessReviewStatus>

/** Errors of a review that asks about nothing, or about two things at once. */
export function validateAttributes({ resourceAttributes, nonResourceAttributes }: AskedAttributes): FieldError[] {
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined)
    return [
      invalid(
        'spec.nonResourceAttributes',
        nonResourceAttributes,
        'cannot be specified in combination with resourceAttributes',
      ),
    ]
  if (resourceAttributes === undefined && nonResourceAttributes === undefined)
    return [
      invalid(
        'spec.resourceAttributes',
        null,
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    ]
  return []
}
