import { type FieldError, invalid } from '../field-errors.ts'
import type { Kind, KubeObject } from './kind.ts'
import { LabelSelectorRequirement, typeMeta } from './meta.ts'
import { boolean, field, list, object, type Static, text } from './schema.ts'

const MODEL = 'io.k8s.api.authorization.v1'

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

const FieldSelector = object(`${MODEL}.FieldSelectorAttributes`, 'The field selector of a request.', {
  rawSelector: text('The selector as a query has it.'),
  requirements: list(FieldSelectorRequirement, 'The selector as conditions.'),
})

const LabelSelector = object(`${MODEL}.LabelSelectorAttributes`, 'The label selector of a request.', {
  rawSelector: text('The selector as a query has it.'),
  requirements: list(LabelSelectorRequirement, 'The selector as conditions.'),
})

const ResourceAttributes = object(`${MODEL}.ResourceAttributes`, 'A request on a resource.', {
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

const NonResourceAttributes = object(`${MODEL}.NonResourceAttributes`, 'A request on a path that is no resource.', {
  path: text('The path.'),
  verb: text('The HTTP method, in lower case.'),
})

const Spec = object(`${MODEL}.SelfSubjectAccessReviewSpec`, 'What the caller wants to do: one of these.', {
  resourceAttributes: field(ResourceAttributes, 'A request on a resource.'),
  nonResourceAttributes: field(NonResourceAttributes, 'A request on another path.'),
})

const Status = object(
  `${MODEL}.SubjectAccessReviewStatus`,
  'Whether it is allowed.',
  {
    allowed: boolean('Whether it is allowed.'),
    denied: boolean('Whether it is forbidden, whoever else may allow it.'),
    reason: text('Why it is allowed or not.'),
    evaluationError: text('What went wrong while this was found out.'),
  },
  { required: ['allowed'] },
)

const schema = object(
  `${MODEL}.SelfSubjectAccessReview`,
  'Asks whether the caller may do something: `kubectl auth can-i`. Nothing is stored.',
  {
    ...typeMeta,
    spec: field(Spec, 'What the caller wants to do.', { default: {} }),
    status: field(Status, 'The answer; what a client says here is not read.'),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec'] },
)
export type SelfSubjectAccessReview = Static<typeof schema> & KubeObject

function validate({ spec: { resourceAttributes, nonResourceAttributes } }: SelfSubjectAccessReview): FieldError[] {
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

export const selfSubjectAccessReview: Kind<SelfSubjectAccessReview> = {
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  singular: 'selfsubjectaccessreview',
  namespaced: false,
  verbs: ['create'],
  schema,
  hasStatus: false,
  hasGeneration: false,
  validate,
  columns: [],
}
