import { required } from '../../field-errors.ts'
import type { Kind, KubeObject } from '../kind.ts'
import { typeMeta } from '../meta.ts'
import { boolean, field, list, object, type Static, text } from '../schema.ts'
import { reviewKind } from './review-kind.ts'
import { AUTHENTICATION_GROUP, authenticationModel, UserInfo } from './user-info.ts'

const audiences = (description: string) => list(text('An audience.'), description, { type: 'atomic' })

const Spec = object(authenticationModel('TokenReviewSpec'), 'What is asked about.', {
  token: text('The token.'),
  audiences: audiences('Whom the token is to be meant for. Default: this server.'),
})

const Status = object(authenticationModel('TokenReviewStatus'), 'Whose the token is.', {
  authenticated: boolean('Whether the token is good.'),
  user: field(UserInfo, 'Whose it is.'),
  audiences: audiences('Whom it is meant for, of those that were asked about.'),
  error: text('Why it is not good.'),
})

const schema = object(
  authenticationModel('TokenReview'),
  'Asks whose a token is. Nothing is stored.',
  {
    ...typeMeta,
    spec: field(Spec, 'What is asked about.', { default: {} }),
    status: field(Status, 'The answer; what a client says here is not read.'),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec'] },
)
export type TokenReview = Static<typeof schema> & KubeObject

export const tokenReview: Kind<TokenReview> = {
  ...reviewKind,
  group: AUTHENTICATION_GROUP,
  kind: 'TokenReview',
  plural: 'tokenreviews',
  singular: 'tokenreview',
  namespaced: false,
  schema,
  validate: ({ spec }) => (spec.token ? [] : [required('spec.token')]),
}
