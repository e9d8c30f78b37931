import type { Kind, KubeObject } from '../kind.ts'
import { typeMeta } from '../meta.ts'
import { field, object, type Static } from '../schema.ts'
import { reviewKind } from './review-kind.ts'
import { AUTHENTICATION_GROUP, authenticationModel, UserInfo } from './user-info.ts'

const schema = object(
  authenticationModel('SelfSubjectReview'),
  'Asks who the caller is: `kubectl auth whoami`. Nothing is stored.',
  {
    ...typeMeta,
    status: field(
      object(authenticationModel('SelfSubjectReviewStatus'), 'Who the caller is.', {
        userInfo: field(UserInfo, 'The user that the caller has proved to be.'),
      }),
      'The answer; what a client says here is not read.',
    ),
  },
  { required: ['apiVersion', 'kind', 'metadata'] },
)
export type SelfSubjectReview = Static<typeof schema> & KubeObject

export const selfSubjectReview: Kind<SelfSubjectReview> = {
  ...reviewKind,
  group: AUTHENTICATION_GROUP,
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  singular: 'selfsubjectreview',
  namespaced: false,
  schema,
  validate: () => [],
}
