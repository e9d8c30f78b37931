import type { Kind, KubeObject } from './kind.ts'
import { typeMeta } from './meta.ts'
import { field, list, map, object, type Static, text } from './schema.ts'

const MODEL = 'io.k8s.api.authentication.v1'

const UserInfo = object(`${MODEL}.UserInfo`, 'A user, as authentication knows them.', {
  username: text('Name of the user.'),
  uid: text('Identifier of the user that does not come back with another user of the same name.'),
  groups: list(text('Name of a group.'), 'Groups that the user is in.'),
  extra: map(list(text('A value.'), 'Values.'), 'Anything else that the authenticator has said.'),
})

const schema = object(
  `${MODEL}.SelfSubjectReview`,
  'Asks who the caller is: `kubectl auth whoami`. Nothing is stored.',
  {
    ...typeMeta,
    status: field(
      object(`${MODEL}.SelfSubjectReviewStatus`, 'Who the caller is.', {
        userInfo: field(UserInfo, 'The user that the caller has proved to be.'),
      }),
      'The answer; what a client says here is not read.',
    ),
  },
  { required: ['apiVersion', 'kind', 'metadata'] },
)
export type SelfSubjectReview = Static<typeof schema> & KubeObject

export const selfSubjectReview: Kind<SelfSubjectReview> = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  singular: 'selfsubjectreview',
  namespaced: false,
  verbs: ['create'],
  schema,
  hasStatus: false,
  hasGeneration: false,
  validate: () => [],
  columns: [],
}
