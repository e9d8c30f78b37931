import { invalid } from '../../field-errors.ts'
import type { Kind, KubeObject } from '../kind.ts'
import { typeMeta } from '../meta.ts'
import { field, list, map, object, type Static, type TSchema, text } from '../schema.ts'
import {
  AccessReviewStatus,
  AUTHORIZATION_GROUP,
  attributeFields,
  authorizationModel,
  validateAttributes,
} from './access-attributes.ts'
import { reviewKind } from './review-kind.ts'

const SelfSpec = object(
  authorizationModel('SelfSubjectAccessReviewSpec'),
  'What the caller wants to do: one of these.',
  attributeFields,
)

const SubjectSpec = object(
  authorizationModel('SubjectAccessReviewSpec'),
  'What somebody wants to do: one of the attributes, and who.',
  {
    ...attributeFields,
    user: text('Name of the user.'),
    groups: list(text('Name of a group.'), 'Groups that the user is in.', { type: 'atomic' }),
    extra: map(list(text('A value.'), 'Values.'), 'Anything else that an authenticator would say of the user.'),
    uid: text('Identifier of the user.'),
  },
)

const schemaOf = <Spec extends TSchema>(name: string, description: string, spec: Spec) =>
  object(
    authorizationModel(name),
    description,
    {
      ...typeMeta,
      spec: field(spec, 'What is asked about.', { default: {} }),
      status: field(AccessReviewStatus, 'The answer; what a client says here is not read.'),
    },
    { required: ['apiVersion', 'kind', 'metadata', 'spec'] },
  )

const selfSchema = schemaOf(
  'SelfSubjectAccessReview',
  'Asks whether the caller may do something: `kubectl auth can-i`. Nothing is stored.',
  SelfSpec,
)
export type SelfSubjectAccessReview = Static<typeof selfSchema> & KubeObject

const subjectSchema = schemaOf(
  'SubjectAccessReview',
  'Asks whether somebody may do something. Nothing is stored.',
  SubjectSpec,
)
export type SubjectAccessReview = Static<typeof subjectSchema> & KubeObject

const localSchema = schemaOf(
  'LocalSubjectAccessReview',
  'Asks whether somebody may do something in one namespace. Nothing is stored.',
  SubjectSpec,
)

const common = { ...reviewKind, group: AUTHORIZATION_GROUP }

export const selfSubjectAccessReview: Kind<SelfSubjectAccessReview> = {
  ...common,
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  singular: 'selfsubjectaccessreview',
  namespaced: false,
  schema: selfSchema,
  validate: ({ spec }) => validateAttributes(spec),
}

function validateSubject({ spec }: SubjectAccessReview) {
  const errors = validateAttributes(spec)
  if (!spec.user && (spec.groups ?? []).length === 0)
    errors.push(invalid('spec.user', spec.user ?? '', 'at least one of user or group must be specified'))
  return errors
}

export const subjectAccessReview: Kind<SubjectAccessReview> = {
  ...common,
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  singular: 'subjectaccessreview',
  namespaced: false,
  schema: subjectSchema,
  validate: validateSubject,
}

export const localSubjectAccessReview: Kind<SubjectAccessReview> = {
  ...common,
  kind: 'LocalSubjectAccessReview',
  plural: 'localsubjectaccessreviews',
  singular: 'localsubjectaccessreview',
  namespaced: true,
  schema: localSchema,
  validate(review) {
    const errors = validateSubject(review)
    const { resourceAttributes, nonResourceAttributes } = review.spec
    if (nonResourceAttributes !== undefined)
      errors.push(invalid('spec.nonResourceAttributes', nonResourceAttributes, 'disallowed on this kind of request'))
    if (resourceAttributes !== undefined && (resourceAttributes.namespace ?? '') !== (review.metadata.namespace ?? ''))
      errors.push(
        invalid(
          'spec.resourceAttributes.namespace',
          resourceAttributes.namespace ?? '',
          'must match metadata.namespace',
        ),
      )
    return errors
  },
}
