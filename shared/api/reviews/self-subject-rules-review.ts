import { required } from '../../field-errors.ts'
import type { Kind, KubeObject } from '../kind.ts'
import { typeMeta } from '../meta.ts'
import { boolean, field, list, object, type Static, text } from '../schema.ts'
import { AUTHORIZATION_GROUP, authorizationModel } from './access-attributes.ts'
import { reviewKind } from './review-kind.ts'

const texts = (item: string, description: string) => list(text(item), description, { type: 'atomic' })

const ResourceRule = object(
  authorizationModel('ResourceRule'),
  'Verbs that are allowed on some resources.',
  {
    verbs: texts('A verb.', 'What is allowed; `*` means everything.'),
    apiGroups: texts('A group.', 'Groups of the resources; `*` means all.'),
    resources: texts('A plural.', 'The resources; `*` means all.'),
    resourceNames: texts('A name.', 'Names of the objects. Empty: all.'),
  },
  { required: ['verbs'] },
)

const NonResourceRule = object(
  authorizationModel('NonResourceRule'),
  'Verbs that are allowed on some paths.',
  {
    verbs: texts('A verb.', 'What is allowed; `*` means everything.'),
    nonResourceURLs: texts('A path.', 'The paths; a last `*` stands for everything that follows.'),
  },
  { required: ['verbs'] },
)

const Status = object(
  authorizationModel('SubjectRulesReviewStatus'),
  'What is allowed.',
  {
    resourceRules: list(ResourceRule, 'On resources.', { type: 'atomic' }),
    nonResourceRules: list(NonResourceRule, 'On other paths.', { type: 'atomic' }),
    incomplete: boolean('Whether more may be allowed than is listed.'),
    evaluationError: text('What went wrong while this was found out.'),
  },
  { required: ['resourceRules', 'nonResourceRules', 'incomplete'] },
)

const schema = object(
  authorizationModel('SelfSubjectRulesReview'),
  'Asks for all that the caller may do in a namespace: `kubectl auth can-i --list`. Nothing is stored.',
  {
    ...typeMeta,
    spec: field(
      object(authorizationModel('SelfSubjectRulesReviewSpec'), 'What is asked about.', {
        namespace: text('The namespace.'),
      }),
      'What is asked about.',
      { default: {} },
    ),
    status: field(Status, 'The answer; what a client says here is not read.'),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec'] },
)
export type SelfSubjectRulesReview = Static<typeof schema> & KubeObject

export const selfSubjectRulesReview: Kind<SelfSubjectRulesReview> = {
  ...reviewKind,
  group: AUTHORIZATION_GROUP,
  kind: 'SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
  singular: 'selfsubjectrulesreview',
  namespaced: false,
  schema,
  validate: ({ spec }) => (spec.namespace ? [] : [required('spec.namespace')]),
}
